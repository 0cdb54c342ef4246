// An answer's citations hold, its marks stand where they are said to stand, and what nothing supports is refused.
import Base
import Embedding
import Foundation
import Ingest
import Store
import Testing
import Text

@testable import KnowledgeBase
@testable import Retrieval

@Suite struct AnswerTests {
  private func library(confidenceMin: Double = 0.05) throws -> TestLibrary {
    let test = try TestLibrary(confidenceMin: confidenceMin)
    try test.add(
      """
      Time off

      Full-time staff get 15 vacation days a year.   After three years
      the number rises to 20. Sick days are counted apart.
      """, named: "leave.txt")
    try test.add("The canteen serves soup on Mondays. Bread is free.", named: "canteen.txt")
    return test
  }

  @Test func everyQuoteIsVerbatimAndEveryRangeFits() throws {
    let test = try library()
    for question in ["How many vacation days do staff get?", "When does the canteen serve soup?"] {
      let answer = try test.library.ask(AnswerQuestion(question))
      #expect(!answer.isRefused && !answer.citations.isEmpty, "\(question)")
      for citation in answer.citations {
        let source = try #require(answer.sources.first { $0.id == citation.source })
        let held = try test.library.document(source.passage.documentID)
        let text = try test.library.text(of: held)
        #expect(text.slice(citation.start..<citation.end) == citation.quote)
        let sentence = answer.text.scalarSlice(citation.answerRange)
        #expect(sentence.contains("[\(citation.source)]"))
      }
    }
  }

  /// A passage may begin on the page before; the footnote opens the page of the words.
  @Test func aCitationSaysThePageOfItsWords() throws {
    let test = try TestLibrary()
    try test.add(
      "PAGE\nThe pump is oiled in March and the valve in April.\nThe reserve tank holds 4711 litres of water.\n"
        + "The lift is inspected in May.", named: "manual.pdf")
    for (question, page) in [
      ("How many litres of water does the reserve tank hold?", 2), ("When is the lift inspected?", 3),
      ("When is the pump oiled?", 1),
    ] {
      let answer = try test.library.ask(AnswerQuestion(question))
      #expect(answer.sources.first?.passage.page == 1, "one passage over three pages")
      #expect(answer.citations.first?.page == page, "\(question) \(answer.text)")
    }
  }

  @Test func theAnswerIsInTheSourcesWords() throws {
    let test = try library()
    let answer = try test.library.ask(AnswerQuestion("How many vacation days do staff get?"))
    #expect(answer.text.contains("Full-time staff get 15 vacation days a year [1]."))
  }

  @Test func whatTheLibraryDoesNotKnowIsRefused() throws {
    let test = try library()
    let answer = try test.library.ask(AnswerQuestion("Who painted the ceiling of the chapel?"))
    #expect(answer.isRefused && answer.citations.isEmpty)
    #expect(answer.text.hasPrefix("The library does not hold an answer"))
  }

  @Test func anEmptyLibraryRefuses() throws {
    let test = try TestLibrary()
    let answer = try test.library.ask(AnswerQuestion("Anything at all?"))
    #expect(answer.isRefused && answer.sources.isEmpty)
  }

  @Test func theSameQuestionGivesTheSameBytes() throws {
    let test = try library()
    let first = try test.library.ask(AnswerQuestion("How many vacation days do staff get?"))
    let second = try test.library.ask(AnswerQuestion("How many vacation days do staff get?"))
    #expect(first.text == second.text && first.receipt == second.receipt)
  }

  @Test func theSourcesAreToldBeforeTheAnswerAndEveryStageIsTimed() throws {
    let test = try library()
    var events: [String] = []
    var said = ""
    let answer = try test.library.ask(AnswerQuestion("How many vacation days do staff get?")) { event in
      switch event {
      case .question: events.append("question")
      case .sources(let sources):
        events.append("sources")
        #expect(!sources.isEmpty)
      case .text(let text):
        events.append("text")
        said += text
      }
    }
    #expect(events.first == "sources" && events.count(where: { $0 == "sources" }) == 1)
    #expect(said == answer.text)
    #expect(answer.stages.map(\.stage) == ["question", "embed", "search", "read", "rank", "extract", "finish"])
  }

  @Test func aQuestionForTwoThingsCitesBoth() throws {
    let test = try TestLibrary()
    try test.add("The Rillo costs 349 dollars a piece.", named: "rillo.txt")
    try test.add("The Loamprobe costs 89 dollars a piece.", named: "loamprobe.txt")
    try test.add("The canteen serves soup on Mondays.", named: "canteen.txt")
    let answer = try test.library.ask(AnswerQuestion("What do the Rillo and the Loamprobe cost?"))
    #expect(answer.text.contains("349 dollars") && answer.text.contains("89 dollars"), "\(answer.text)")
    #expect(Set(answer.citations.map(\.source)).count == 2)
  }

  @Test func aRefusalSaysWhatIsMissing() throws {
    let test = try library(confidenceMin: 0.5)
    let answer = try test.library.ask(AnswerQuestion("When does the canteen paint its zeppelin?"))
    #expect(
      answer.isRefused && answer.text.contains("zeppelin") && answer.text.contains("canteen.txt"), "\(answer.text)")
  }

  @Test func aRefusalSaysWhatWasNotRead() throws {
    let test = try TestLibrary(confidenceMin: 0.9)
    try test.add("PAGE\nThe pump is oiled in March and the valve in April.\nSCAN", named: "manual.pdf")
    let answer = try test.library.ask(AnswerQuestion("Who paints the pump?"))
    #expect(answer.isRefused && answer.text.contains("closest that it has is in manual.pdf, page 1"), "\(answer.text)")
    #expect(answer.text.contains("manual.pdf was not read whole (page 2); the answer may stand there"))
    #expect(answer.warnings == ["1 of 2 parts of manual.pdf could not be read"])
  }

  @Test func calibrationIsMadeOnceAndKept() throws {
    let test = try TestLibrary()
    for number in 0..<12 {
      try test.add(
        "The depot in Hall \(number) opens on March \(number + 1), 2026 and holds \(number * 40) crates of probes.",
        named: "depot-\(number).txt")
    }
    #expect(try test.library.calibration() == nil)
    try test.library.refreshCalibration()
    let made = try #require(try test.library.calibration())
    #expect(made.chunkCount == 12 && made.unanswerable.count > 20 && made.answerable.count >= 8)
    #expect(made.confidenceMin(falseAnswerRate: 0.01) >= made.confidenceMin(falseAnswerRate: 0.2))
    try test.add("One more depot.", named: "more.txt")
    try test.library.refreshCalibration()
    #expect(try test.library.calibration() == made)
    for number in 12..<20 {
      try test.add("The depot in Hall \(number) opens in \(number) days.", named: "d\(number).txt")
    }
    try test.library.refreshCalibration()
    let grown = try test.library.calibration()
    #expect(grown != made)
    try test.restart(saving: true)
    #expect(try test.library.calibration() == grown)
  }

  @Test func theGateKeepsOutWhatDoesNotStandThere() throws {
    let test = try library()
    let gate = CitationGate(texts: test.library.texts)
    let held = try test.library.document("canteen.txt")
    let id = held.version.id
    #expect(try gate.holds(quote: "Bread is free.", start: 36, end: 50, versionID: id))
    #expect(try !gate.holds(quote: "Bread is fre.", start: 36, end: 49, versionID: id))
    #expect(try !gate.holds(quote: "Bread is free.", start: 35, end: 49, versionID: id))
    #expect(try !gate.holds(quote: "Bread is free.", start: 36, end: 5_000, versionID: id))
    #expect(try !gate.holds(quote: "", start: 36, end: 36, versionID: id))
  }

  @Test func unitsAreWhatCanStandAlone() throws {
    let text =
      "Prices\n\nItem | Price\nDesk | 40\n\nA desk is a table. Why?\n\nIt needs:\n\n- a lamp\n- a chair\n\nPage 3"
    let scalars = ScalarText(text)
    func block(_ kind: Block.Kind, _ words: String) throws -> Block {
      let range = try #require(text.range(of: words))
      let start = text.unicodeScalars.distance(from: text.startIndex, to: range.lowerBound)
      return Block(kind: kind, start: start, end: start + words.unicodeScalars.count)
    }
    let blocks = try [
      block(.heading(level: 1), "Prices"), block(.tableRow(isHeader: true), "Item | Price"),
      block(.tableRow(isHeader: false), "Desk | 40"), block(.paragraph, "A desk is a table. Why?"),
      block(.paragraph, "It needs:"), block(.listItem, "- a lamp"), block(.listItem, "- a chair"),
      block(.footer, "Page 3"),
    ]
    let hit = SearchHit(
      id: 1, group: 1, score: 1, semantic: 1, keyword: 1, semanticRank: 1, keywordRank: 1, explanation: nil)
    let passage = Passage(
      documentID: "d", documentNumber: 1, versionID: 1, version: 1, sha256: "", versionCreatedAt: 0, filename: "f",
      page: nil, heading: "Prices", chunk: 0, start: 0,
      end: scalars.scalarCount, text: text, reading: 0..<scalars.scalarCount, metadata: [:], hit: hit)
    let units = AnswerUnits(passage: passage, index: 0, text: scalars, blocks: blocks).all()
    #expect(
      units.map(\.text)
        == ["Desk | 40", "A desk is a table.", "It needs:\n\n- a lamp\n- a chair", "- a lamp", "- a chair"])
    for unit in units { #expect(scalars.slice(unit.start..<unit.end) == unit.text) }
    #expect(units[0].headerRange.map { scalars.slice($0) } == "Item | Price" && units[1].headerRange == nil)
  }

  /// A row without the names of its cells says nothing to a reader: they stand above it, once, and are cited.
  @Test func aRowIsSaidUnderItsHeader() throws {
    let test = try TestLibrary()
    try test.add("Prices\n\nItem | Price\nDesk | 40\nLamp | 12\n\nThe end.", named: "prices.txt")
    let passages = try test.library.search(SearchQuestion("desk price")).passages
    let text = try test.library.text(of: test.library.document("prices.txt"))
    func range(_ words: String) throws -> Range<Int> {
      let at = try #require(text.utf8.firstRange(of: Array(words.utf8)))
      return text.scalarOffset(ofUTF8: at.lowerBound)..<text.scalarOffset(ofUTF8: at.upperBound)
    }
    var gate = try AnswerGate(passages: passages, texts: test.library.texts)
    let (header, desk, lamp) = try (range("Item | Price"), range("Desk | 40"), range("Lamp | 12"))
    _ = try gate.say(0, desk.lowerBound, desk.upperBound, onNewLine: true, header: header)
    _ = try gate.say(0, lamp.lowerBound, lamp.upperBound, onNewLine: true, header: header)
    #expect(gate.text == "Item | Price\nDesk | 40 [1]\nLamp | 12 [1]")
    #expect(gate.citations.map(\.quote) == ["Desk | 40", "Item | Price", "Lamp | 12"])
    for citation in gate.citations {
      #expect(text.slice(citation.start..<citation.end) == citation.quote)
      #expect(gate.text.scalarSlice(citation.answerRange).contains("[1]"))
    }
  }

  /// 'For acme: …' says which document; in it, the sentence that says the name again answers nothing by that.
  @Test func theNameOfTheDocumentSpeaksForNoSentence() throws {
    let test = try TestLibrary()
    try test.add(
      "Acme cares about you and the data of Acme. Kept data is erased after 30 days. Acme is in Oslo.",
      named: "acme.txt")
    try test.add("Kept data is erased after 90 days. We bake bread.", named: "bakery.txt")
    let answer = try test.library.ask(AnswerQuestion("For Acme: after how many days is kept data erased?"))
    #expect(answer.citations.first?.quote == "Kept data is erased after 30 days.", "\(answer.text)")
    let broad = try test.library.ask(AnswerQuestion("For Acme: is my data erased?"))
    #expect(broad.citations.first?.quote == "Kept data is erased after 30 days.", "\(broad.text)")
  }

  @Test func aLabelIsToldFromTheQuestion() {
    func terms(_ question: String) -> QuestionTerms { QuestionTerms(question, tokenizer: WordTokenizer()) }
    let labelled = terms("Supply agreement with Acme: which law governs it?")
    #expect(labelled.label == ["suppli", "agreement", "acm"] && labelled.words.first?.text == "which")
    #expect(labelled.stems.contains("acm") && labelled.targets == ["law", "govern"])
    #expect(terms("Acme: when does it end?").kind == .time)
    for whole in [
      "Which law governs it?", "When is 10:30 too late for lunch?", "Rule 4: stay calm", "For Acme, who pays?",
    ] {
      #expect(terms(whole).label.isEmpty && terms(whole).words.count > 3, "\(whole)")
    }
  }
}
