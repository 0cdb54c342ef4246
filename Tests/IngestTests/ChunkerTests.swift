// The promises of chunks: whole cover, no window exceeded, headings and table headers carried along.
import Base
import Testing
import Text

@testable import Ingest

@Suite struct ChunkerTests {
  private let options = ChunkingOptions(tokensMax: 60, tokensTarget: 45, overlapTokens: 12)

  private func check(_ document: Document, _ options: ChunkingOptions) -> [Chunk] { checkChunks(document, options) }

  private func prose(_ sentences: Int) -> String {
    (0..<sentences).map { "Sentence number \($0) says something of use." }.joined(separator: " ")
  }

  @Test func headingsOpenChunksAndNameThem() throws {
    let text = "# Benefits\n\n\(prose(6))\n\n## Time off\n\n\(prose(9))\n\n## Health\n\n\(prose(3))"
    let document = try extract(text, named: "a.md")
    let chunks = check(document, options)
    let whole = ScalarText(document.text)
    let timeOff = chunks.filter { $0.heading == "Benefits > Time off" }
    #expect(timeOff.count >= 2)
    #expect(whole.slice(timeOff[0].start..<timeOff[0].end).hasPrefix("## Time off"))
    #expect(timeOff[0].contextPrefix == "Benefits\n")
    #expect(timeOff[1].contextPrefix == "Benefits > Time off\n")
    for chunk in chunks { #expect(!whole.slice(chunk.start..<chunk.end).trimmingBlanks().hasSuffix("#")) }
  }

  @Test func neighboursOverlapByWholeSentences() throws {
    let document = try extract(prose(20), named: "a.txt")
    let chunks = check(document, options)
    let text = ScalarText(document.text)
    #expect(chunks.count > 2)
    for (before, after) in zip(chunks, chunks.dropFirst()) {
      #expect(after.start < before.end)
      #expect(text.slice(after.start..<after.end).hasPrefix("Sentence"))
    }
  }

  @Test func aLongTableRepeatsItsHeader() throws {
    let rows = (0..<40).map { "Item \($0),\($0 * 3)" }.joined(separator: "\n")
    let chunks = check(try extract("Product,Price\n" + rows, named: "a.csv"), options)
    #expect(chunks.count > 3)
    #expect(!chunks[0].contextPrefix.contains("Product"))
    for chunk in chunks.dropFirst() { #expect(chunk.contextPrefix.hasSuffix("Product | Price\n")) }
  }

  /// Pages of a table with a running title above and a number below, which stand between its rows.
  private func tableOverPages(_ pages: Int, hasHeader: Bool = true) -> Document {
    var document = Document(text: "", format: .pdf)
    var scalars = 0
    func add(_ line: String, _ kind: Block.Kind, _ page: Int) {
      document.blocks.append(Block(kind: kind, start: scalars, end: scalars + line.unicodeScalars.count, page: page))
      document.text += line + "\n"
      scalars += line.unicodeScalars.count + 1
    }
    add("Prices of the year", .heading(level: 1), 1)
    let table = document.blocks.count
    document.blocks.append(Block(kind: .table, start: scalars, end: scalars))
    if hasHeader { add("Product | Price", .tableRow(isHeader: true), 1) }
    for page in 1...pages {
      for row in 0..<7 { add("Item \(page)-\(row) | \(row * 3)", .tableRow(isHeader: false), page) }
      add("Acme Ltd., page \(page)", .footer, page)
      if page < pages { add("Yearly report of Acme", .header, page + 1) }
    }
    document.blocks[table].end = scalars
    add("What follows is prose that has nothing to do with it.", .paragraph, pages)
    return document
  }

  @Test func aTableThatRunsOverPagesKeepsItsHeader() throws {
    let document = tableOverPages(12)
    let chunks = check(document, options)
    let text = ScalarText(document.text)
    let later = chunks.dropFirst().filter { text.slice($0.start..<$0.end).contains("Item") }
    #expect(later.count > 8)
    for chunk in later { #expect(chunk.contextPrefix.hasSuffix("Product | Price\n"), "\(chunk)") }
    // Some begin with what stands at the edge of a page.
    #expect(later.contains { !text.slice($0.start..<$0.end).hasPrefix("Item") })
    let after = Chunker.chunks(of: document, options: options, countTokens: countTokens).last
    #expect(after.map { text.slice($0.start..<$0.end).contains("prose") } == true)
  }

  @Test func oneTablesHeaderIsNotTheNextTables() throws {
    var document = tableOverPages(1)
    let first = document.text.unicodeScalars.count
    let other = tableOverPages(6, hasHeader: false)
    document.text += other.text
    document.blocks += other.blocks.map { block in
      var block = block
      block.start += first
      block.end += first
      return block
    }
    for chunk in check(document, options) where chunk.start > first {
      #expect(!chunk.contextPrefix.contains("Product"), "\(chunk)")
    }
  }

  @Test func textWithoutSpacesIsCutAllTheSame() throws {
    for text in [String(repeating: "x", count: 20_000), String(repeating: "漢", count: 3_000)] {
      #expect(check(try extract(text, named: "a.txt"), options).count > 10)
    }
  }

  @Test func plainWordsAreWindowsOfWords() throws {
    let words = (0..<120).map { "w\($0)" }.joined(separator: " ")
    let document = try extract(words, named: "a.txt")
    var plain = options
    plain.plain = ChunkingOptions.Plain(words: 50, overlap: 5)
    let chunks = Chunker.chunks(of: document, options: plain, countTokens: countTokens)
    let text = ScalarText(document.text)
    let firsts = chunks.map { text.slice($0.start..<$0.end).split(separator: " ").first.map(String.init) }
    #expect(firsts == ["w0", "w45", "w90"])
    #expect(chunks.last?.end == text.scalarCount)
  }

  @Test func abbreviationsEndNoSentence() {
    let text = Array("Dr. Smith of Acme Inc. paid 3.5 dollars. He left! Why? No. 4 knows.".utf8)
    var start = 0
    let sentences = SentenceScanner.ends(in: text[...]).map { end in
      defer { start = end }
      return String(decoding: text[start..<end], as: UTF8.self).trimmingBlanks()
    }
    #expect(sentences == ["Dr. Smith of Acme Inc. paid 3.5 dollars.", "He left!", "Why?", "No. 4 knows."])
  }
}
