// What a unit is and how it is read: rows under the names of their columns, marked or not; units that say nothing.
import Base
import Embedding
import Ingest
import Testing
import Text

@testable import KnowledgeBase
@testable import Retrieval

@Suite struct UnitTests {
  @Test(arguments: [
    " |  | 2019 | 2018", "Net sales (in thousands) | 2018 | 2019", " | Financial Year ended 31 March",
    "Fiscal year | FY19 | FY18 | % Change", " | First quarter | Second quarter | Q3 | Q4", "2019 | 2018",
    " | Year ended December 31, 2019 | Year ended December 31, 2018",
  ])
  func theseNamePeriods(_ row: String) { #expect(TableHeaders.namesPeriods(row)) }

  @Test(arguments: [
    "UK | 24.5 | 24.9", "Founded | 1998", "Employees | 2,019 | 2,018", "Item | Price", "Staff | 12 | 14", "",
    "Depreciation | $2019 | $2018", "Opened | May 2019 in Oslo | 2018", "Notice | months", " |  | ",
  ])
  func theseDoNot(_ row: String) { #expect(!TableHeaders.namesPeriods(row)) }

  private func passage(_ text: String, from start: Int = 0, to end: Int) -> Passage {
    let hit = SearchHit(
      id: 1, group: 1, score: 1, semantic: 1, keyword: 1, semanticRank: 1, keywordRank: 1, explanation: nil)
    return Passage(
      documentID: "d", documentNumber: 1, versionID: 1, version: 1, sha256: "", versionCreatedAt: 0,
      filename: "report.html", page: nil, heading: "", chunk: 0, start: start, end: end,
      text: text.scalarSlice(start..<end), reading: start..<end, metadata: [:], hit: hit)
  }

  /// The text of a table of these rows, none of them marked, and its blocks.
  private func table(_ rows: [String], marked: Int = 0) -> (text: String, blocks: [Block]) {
    var blocks: [Block] = []
    var text = ""
    for (index, row) in rows.enumerated() {
      let start = text.unicodeScalars.count
      text += row
      blocks.append(
        Block(kind: .tableRow(isHeader: index < marked), start: start, end: text.unicodeScalars.count))
      text += "\n"
    }
    blocks.insert(Block(kind: .table, start: 0, end: text.unicodeScalars.count), at: 0)
    return (text, blocks)
  }

  @Test func rowsStandUnderPeriodsThatNobodyMarked() {
    let (text, blocks) = table([" | 2019 | 2018", "UK | 24.5 | 24.9", "Opened | 2017 | 2016", "Ireland | 0.4 | 0.5"])
    let scalars = ScalarText(text)
    let whole = passage(text, to: scalars.scalarCount)
    let all = AnswerUnits(passage: whole, index: 0, text: scalars, blocks: blocks).all()
    // Below the first row that says something, years are what a row says.
    #expect(all.map(\.text) == ["UK | 24.5 | 24.9", "Opened | 2017 | 2016", "Ireland | 0.4 | 0.5"])
    // Who reads it sees the years above; they speak for no row.
    #expect(all.allSatisfy { $0.shown == $0.text })
    #expect(all.allSatisfy { $0.headerRange.map { scalars.slice($0) } == "| 2019 | 2018" })
    // A passage that begins in the middle of the table stands under the same header.
    let late = passage(text, from: text.unicodeScalars.count - 20, to: scalars.scalarCount)
    let rest = AnswerUnits(passage: late, index: 0, text: scalars, blocks: blocks).all()
    #expect(rest.last?.text == "Ireland | 0.4 | 0.5" && rest.last?.headerRange == all[0].headerRange)
  }

  @Test func theLowestRowThatNamesColumnsIsTheHeader() {
    let (text, blocks) = table(["Sales | by region | ", " | 2019 | 2018", "UK | 24.5 | 24.9"], marked: 1)
    let scalars = ScalarText(text)
    let late = passage(text, from: text.unicodeScalars.count - 18, to: scalars.scalarCount)
    for passage in [passage(text, to: scalars.scalarCount), late] {
      let all = AnswerUnits(passage: passage, index: 0, text: scalars, blocks: blocks).all()
      #expect(all.map(\.text) == ["UK | 24.5 | 24.9"])
      #expect(all.map { $0.headerRange.map { scalars.slice($0) } } == ["| 2019 | 2018"])
    }
  }

  @Test func aMarkedHeaderNamesTheCells() {
    let (text, blocks) = table(["Sales | 2019 | 2018", "UK | 24.5 | 24.9"], marked: 1)
    let whole = passage(text, to: text.unicodeScalars.count)
    let all = AnswerUnits(passage: whole, index: 0, text: ScalarText(text), blocks: blocks).all()
    #expect(all.map(\.shown) == ["Sales: UK, 2019: 24.5, 2018: 24.9"])
  }

  // MARK: Read against a question

  private func reader(_ question: String, _ text: String) -> UnitReader {
    let tokenizer = WordTokenizer()
    return UnitReader(
      terms: QuestionTerms(question, tokenizer: tokenizer), tokenizer: tokenizer, weight: { _ in 1 },
      passages: [passage(text, to: text.unicodeScalars.count)])
  }

  private func units(_ text: String) -> [AnswerUnit] {
    AnswerUnits(
      passage: passage(text, to: text.unicodeScalars.count), index: 0, text: ScalarText(text), blocks: []
    ).all()
  }

  @Test func whatSaysNothingSpeaksForNoAnswer() {
    let text = "The warranty of the pump. The pump has a warranty of three years. Warranty and returns of the pump line"
    let read = reader("What is the warranty of the pump?", text).read(units(text), ofPassage: 0, title: "")
    #expect(read.map(\.features.saysNothing) == [1, 0, 1])
    #expect(UnitFeatures.weights[UnitFeatures.names.firstIndex(of: "says_nothing") ?? 0] < 0)
  }

  /// Gives the vectors of words, as those of a text read whole.
  private struct WordReader: Embedder {
    let words = WordsEmbedder()
    var identity: EmbedderIdentity { words.identity }
    var windowTokens: Int { words.windowTokens }
    func tokenCount(_ text: String) -> Int { words.tokenCount(text) }
    func embed(_ texts: [String]) throws -> EmbeddingBatch { try words.embed(texts) }

    func read(_ texts: [[String]]) -> [TextReading]? {
      texts.map { pieces in
        let tokens = pieces.enumerated().flatMap { index, piece in
          piece.split(separator: " ").map { (index, Array(vector(String($0)))) }
        }
        return TextReading(
          vector: vector(pieces.joined(separator: " ")), tokens: tokens.flatMap(\.1), pieceOfToken: tokens.map(\.0))
      }
    }

    private func vector(_ text: String) -> [Float] {
      guard let batch = try? words.embed([text]) else { return [] }
      return Array(batch[0])
    }
  }

  /// A label says which document; what is near to the rest of the question is near to what is asked.
  @Test func aLabelMovesNoVector() throws {
    let text = "Kept data is erased after 30 days. Acme bakes bread."
    let nothing = [Float](repeating: 0, count: 32)
    func similarities(_ question: String) throws -> [Double] {
      let answerer = ExtractiveAnswerer(embedder: WordReader(), reader: reader(question, text))
      return try answerer.rank([units(text)], vector: nothing).map(\.features.similarity)
    }
    let labelled = try similarities("Acme: when is kept data erased after days?")
    #expect(labelled.count == 2 && labelled[0] > 0.3 && labelled[0] > labelled[1], "\(labelled)")
    // Without one the question's own vector counts, here none.
    #expect(try similarities("When is kept data erased after days?") == [0, 0])
  }

  @Test func aUnitIsReadBehindTheSentenceBeforeIt() {
    let text = "Otters live in the delta. They eat crabs."
    let read = reader("What do otters eat?", text).read(units(text), ofPassage: 0, title: "")
    #expect(read.map(\.before) == ["", "Otters live in the delta. "])
    #expect(read[1].features.coverageWithPrevious > read[1].features.coverage)
  }
}
