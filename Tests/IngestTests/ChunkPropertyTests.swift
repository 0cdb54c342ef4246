// What holds of every text's chunks, whatever the text: cover, order, window, determinism; and that an edit leaves the
// chunks that lie away from it as they were.
import Base
import Foundation
import Testing
import Text

@testable import Ingest

/// Every promise at once; gives the chunks.
@discardableResult
func checkChunks(_ document: Document, _ options: ChunkingOptions, _ name: String = "") -> [Chunk] {
  let text = ScalarText(document.text)
  let chunks = Chunker.chunks(of: document, options: options, countTokens: countTokens)
  var covered = 0
  var last = -1
  for chunk in chunks {
    if chunk.start > covered || chunk.end <= chunk.start || chunk.start <= last {
      Issue.record("\(name): a gap, an empty chunk or a step back at \(chunk.start)")
      return chunks
    }
    last = chunk.start
    covered = max(covered, chunk.end)
    if options.plain == nil {
      let tokens = countTokens(chunk.contextPrefix + text.slice(chunk.start..<chunk.end))
      if tokens > options.tokensMax { Issue.record("\(name): \(tokens) tokens at \(chunk.start)") }
    }
  }
  #expect(covered == text.scalarCount, "\(name)")
  #expect(Chunker.chunks(of: document, options: options, countTokens: countTokens) == chunks, "\(name)")
  return chunks
}

@Suite struct ChunkPropertyTests {
  private static let windows = [
    ChunkingOptions(), ChunkingOptions().fitting(tokens: 126), ChunkingOptions().fitting(tokens: 30),
    ChunkingOptions().fitting(tokens: 8), ChunkingOptions(plain: .init(words: 40, overlap: 7)),
  ]

  @Test(arguments: 0..<windows.count)
  func randomTexts(_ window: Int) throws {
    var random = SeededRandom(seed: UInt64(window) + 5)
    let pieces = [
      "word ", "Ends here. ", "\n", "\n\n", "# Head\n\n", "###### Deep and rather long heading\n\n", "- item\n",
      "| a | b |\n|---|---|\n| 1 | 2 |\n", "| 3 | 4 |\n", "漢字。", "e\u{301}", "👩‍👩‍👧", "\u{200F}שלום ", "ﬁ", "x",
      String(repeating: "long", count: 60), String(repeating: "語", count: 90), "```\ncode. Code!\n```\n", "?!… ",
    ]
    for round in 0..<40 {
      let count = Int.random(in: 1..<300, using: &random)
      let text = (0..<count).map { _ in pieces.randomElement(using: &random)! }.joined()
      guard let document = try? extract(text, named: "a.md") else { continue }
      checkChunks(document, Self.windows[window], "window \(window), round \(round)")
    }
  }

  @Test func optionsFitAnyWindow() {
    for tokens in [1, 8, 20, 100, 254, 510, 8_190] {
      let fitted = ChunkingOptions().fitting(tokens: tokens)
      #expect(fitted.tokensMax <= max(8, tokens) && fitted.tokensTarget <= fitted.tokensMax)
    }
    #expect(ChunkingOptions().fitting(tokens: 510) == ChunkingOptions())
  }

  /// Prose without headings, the hardest case: nothing but the words says where a chunk may end.
  private func prose(paragraphs: Int) -> [String] {
    var random = SeededRandom(seed: 21)
    let words = (0..<400).map { "word\($0)" }
    return (0..<paragraphs).map { _ in
      (0..<Int.random(in: 2...6, using: &random)).map { _ in
        let sentence = (0..<Int.random(in: 6...22, using: &random)).map { _ in words.randomElement(using: &random)! }
        return sentence.joined(separator: " ").capitalized + "."
      }.joined(separator: " ")
    }
  }

  @Test(arguments: [0, 3, 700, 1_399])
  func anEditLeavesFarChunksAsTheyWere(_ edited: Int) throws {
    var paragraphs = prose(paragraphs: 1_400)
    let options = ChunkingOptions()
    func texts() throws -> [String] {
      let document = try extract(paragraphs.joined(separator: "\n\n"), named: "a.txt")
      let text = ScalarText(document.text)
      return checkChunks(document, options).map { $0.contextPrefix + text.slice($0.start..<$0.end) }
    }
    let before = Set(try texts())
    #expect(before.count > 300)
    paragraphs[edited] += " A sentence that was not there before stands here now. And another one."
    let changed = try texts().count { !before.contains($0) }
    #expect((1...20).contains(changed), "\(changed) chunks changed")
    paragraphs.remove(at: edited)
    let removed = try texts().count { !before.contains($0) }
    #expect(removed <= 20, "\(removed) chunks changed")
  }

  @Test func anAddedRowLeavesFarRowsAsTheyWere() throws {
    var rows = (0..<3_000).map { "Item \($0),\($0 * 7 % 1_000),place \($0 % 13)" }
    func texts() throws -> Set<String> {
      let document = try extract("Product,Price,Place\n" + rows.joined(separator: "\n"), named: "a.csv")
      let text = ScalarText(document.text)
      return Set(checkChunks(document, ChunkingOptions()).map { $0.contextPrefix + text.slice($0.start..<$0.end) })
    }
    let before = try texts()
    rows.insert("New,1,here", at: 100)
    let changed = try texts().subtracting(before).count
    #expect((1...20).contains(changed), "\(changed) of \(before.count) chunks changed")
  }
}
