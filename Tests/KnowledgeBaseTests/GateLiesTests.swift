// A model that lies in ways that shared words hide: what it adds, swaps or dresses up does not get out, and every
// sentence that does carries a citation that holds.
import Base
import Models
import Testing
import Text

@testable import KnowledgeBase

@Suite struct GateLiesTests {
  private static let leave = """
    Time off

    Full-time staff get 15 vacation days a year. Two thirds of unused days lapse in March. Contractors may not \
    carry days over. Unused days expire on March 31, 2026. Dana Reyes approves leave and Olga Brandt approves \
    travel. Marta Quist reports to Ivo Lindt. The first request of a year needs 10 days of notice. Mail goes to \
    leave@fernhollow.example.
    """
  private static let prices = """
    Prices

    The Rillo 8 costs $349.00 and the Rillo 12 costs $549.00. Shipping takes 5 business days. The hose is 3 m long.
    """

  private func ask(_ script: String, pieces: Int = 3) throws -> (answer: Answer, streamed: String) {
    // Whatever the question: what is looked at is what the model's words become.
    let test = try TestLibrary(confidenceMin: 0)
    try test.add(Self.leave, named: "leave.txt")
    try test.add(Self.prices, named: "prices.txt")
    var asked = AnswerQuestion("vacation days, leave, travel, prices, shipping, hose, contractors, requests")
    var model = ScriptedModel(script)
    model.pieceLength = pieces
    asked.means.model = model
    var streamed = ""
    let answer = try test.library.ask(asked) { if case .text(let text) = $0 { streamed += text } }
    #expect(streamed == answer.text)
    var covered = 0
    for citation in answer.citations {
      let source = try #require(answer.sources.first { $0.id == citation.source })
      let text = try test.library.texts.text(ofVersion: source.passage.versionID)
      #expect(text.slice(citation.start..<citation.end) == citation.quote)
      let sentence = answer.text.scalarSlice(citation.answerRange)
      #expect(sentence.contains("[\(citation.source)]"))
      #expect(citation.answerRange.lowerBound <= covered + 1, "a gap before \(sentence)")
      covered = citation.answerRange.upperBound
    }
    #expect(answer.isRefused || covered == answer.text.unicodeScalars.count)
    return (answer, streamed)
  }

  @Test(arguments: [
    // Added to what holds.
    ("Full-time staff get 15 vacation days a year and free lunches forever [1].", "lunch"),
    ("Full-time staff get 15 vacation days a year, plus a company car [1].", "car"),
    ("Full-time staff get 15 vacation days a year with stock options [1].", "stock"),
    ("Full-time staff get 15 guaranteed paid bonus vacation days a year [1].", "bonus"),
    // Numbers in words and in other digits.
    ("Full-time staff get twenty-five vacation days a year [1].", "twenty-five"),
    ("Half of unused days lapse in March [1].", "Half"),
    ("Three quarters of unused days lapse in March [1].", "quarters"),
    ("Full-time staff get a dozen vacation days a year [1].", "dozen"),
    ("Full-time staff get ２５ vacation days a year [1].", "２５"),
    ("Full-time staff get 15² vacation days a year [1].", "²"),
    ("The third request of a year needs 10 days of notice [1].", "third"),
    ("All staff get 15 vacation days a year [1].", "All staff"),
    // Units.
    ("The hose is 3 km long [2].", "3 km"), ("Shipping takes 5 business hours [2].", "hours"),
    ("Full-time staff get 15 % vacation days a year [1].", "15 %"),
    // What is denied.
    ("Contractors may carry days over, and unused days do not expire on March 31, 2026 [1].", "do not expire"),
    ("Contractors may not carry days over and full-time staff do not get 15 vacation days a year [1].", "do not get"),
    // Who does what.
    ("Olga Brandt approves leave and Dana Reyes approves travel [1].", "Olga Brandt approves leave"),
    ("Dana Reyes approves travel and Olga Brandt approves leave [1].", "Dana Reyes approves travel"),
    ("Ivo Lindt reports to Marta Quist [1].", "Ivo Lindt reports"),
    ("The Rillo 12 costs $349.00 and the Rillo 8 costs $549.00 [2].", "Rillo 12 costs $349"),
    // Quotations put together.
    ("The policy says 'full-time staff carry days over' [1].", "'full-time staff carry"),
    ("The policy says ‘contractors get 15 vacation days’ [1].", "‘contractors"),
    ("The policy says \"full-time staff … may not carry days over\" [1].", "…"),
    // Addresses without a scheme.
    ("Mail goes to leave@fernhollow.evil [1].", "evil"),
    ("Full-time staff get 15 vacation days a year, see evil.example/claim [1].", "evil"),
    ("Full-time staff get 15 vacation days a year evil.example [1].", "evil"),
  ])
  func whatIsSpoiltStaysInside(_ script: String, _ said: String) throws {
    for pieces in [1, 7, 1_000] {
      let (answer, streamed) = try ask(script, pieces: pieces)
      #expect(!answer.text.contains(said) && !streamed.contains(said), "\(answer.text)")
      #expect(!answer.remarks.isEmpty || !answer.warnings.isEmpty, "nothing tells of it: \(answer.text)")
    }
  }

  @Test(arguments: [
    "Full-time staff get 15 vacation days a year [1,2].", "Full-time staff get 15 vacation days a year [¹].",
    "Full-time staff get 15 vacation days a year [99].", "Full-time staff get 15 vacation days a year [1-3].",
    "Full-time staff get 15 vacation days a year [[1]](http://evil.example).",
    "Full-time staff get 15 vacation days a year [1](http://evil.example/x).",
    "Full-time staff get 15 vacation days a year<sup>2</sup>.",
    "Full-time staff get 15 vacation days a year (source 2).",
    "Full-time staff get 15 vacation days a year 【2†source】.",
    "Full-time staff get 15 vacation days a year [^2].", "```\nFull-time staff get 15 vacation days a year [2].\n```",
    "`Full-time staff get 15 vacation days a year [2]`", "Full-time staff get 15 vacation days a year [Source: 2].",
    "Full-time <b onclick=x>staff</b> get 15 vacation days a year<!-- [2] -->.",
    "Full-time staff get 15 vaca\u{200B}tion days a year [\u{2060}2].",
    "Full-time staff get 15 vacation days a year [٢].", "| Full-time staff get 15 vacation days a year [2] |",
  ])
  func everyWayOfMarkingEndsInOneMark(_ script: String) throws {
    let (answer, _) = try ask(script)
    let marks = answer.text.split(separator: "[").dropFirst()
    #expect(!answer.isRefused && answer.text.contains("15 vacation days a year"), "\(answer.text)")
    #expect(marks.count == answer.citations.count, "\(answer.text)")
    for strange in ["evil", "sup", "¹", "99", "^", "†", "`", "onclick", "<", "](", "٢", "source"] {
      #expect(!answer.text.contains(strange), "\(answer.text)")
    }
    let cited = try #require(answer.citations.first).source
    let source = try #require(answer.sources.first { $0.id == cited })
    #expect(source.passage.filename == "leave.txt")
  }

  /// What leads up to a statement is not in the source: the statement stays, in the source's words, and that is told.
  @Test func whatLeadsUpToAStatementIsLeftOff() throws {
    let (answer, _) = try ask("According to the policy, full-time staff get 15 vacation days a year [1].")
    #expect(answer.text.hasPrefix("Full-time staff get 15 vacation days a year ["))
    #expect(answer.remarks.map(\.treatment) == [.corrected])
  }

  @Test(arguments: [
    "Contractors may not carry days over [1].", "Dana Reyes approves leave and Olga Brandt approves travel [1].",
    "Leave is approved by Dana Reyes [1].", "Two thirds of unused days lapse in March [1].",
    "The Rillo 12 costs $549.00 [2].", "Mail goes to leave@fernhollow.example [1].",
    "Unused days expire on 31 March 2026 [1].", "The hose is 3 meters long [2].",
    "Shipping takes five business days [2].",
    "The policy says 'contractors may not carry days over' [1].",
  ])
  func whatHoldsIsLeftAsItIs(_ script: String) throws {
    let (answer, _) = try ask(script)
    #expect(answer.remarks.isEmpty && answer.model == "scripted", "\(answer.remarks) \(answer.text)")
  }
}
