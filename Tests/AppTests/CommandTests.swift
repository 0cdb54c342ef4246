// The binary from end to end: what it prints, what it exits with, and what it leaves behind when something is wrong.
import Base
import Foundation
import Store
import Testing

@Suite struct CommandTests {
  private let folder = Folder()

  private func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Outcome {
    try Binary.run(arguments, data: folder.data, environment: environment)
  }

  private func addSample() throws {
    let leave = try folder.write(
      "files/leave.md",
      "# Time off\n\nFull-time staff get 15 vacation days a year. After three years the number rises to 20.\n")
    let desk = try folder.write("files/desk.txt", "Desks are cleaned on Fridays by the office team.\n")
    let outcome = try run("add", leave, desk)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  /// What a file says of itself is shown and can be asked for; what its owner says counts more.
  @Test func propertiesOfFilesAreShownAndFilteredBy() throws {
    func matter(_ author: String, _ text: String) -> String { "---\nauthor: \(author)\ndate: 2024-05-06\n---\n\(text)" }
    try folder.write("in/one.md", matter("Ann", "The lift is inspected in May."))
    try folder.write("in/two.md", matter("Bob", "The lift is painted in June."))
    #expect(try Binary.run(["add", folder.path + "/in"], data: folder.data).status == 0)
    let owned = try folder.write("three.md", matter("Ann", "The lift is oiled in July."))
    #expect(try Binary.run(["add", owned, "--meta", "author=Cleo"], data: folder.data).status == 0)
    let shown = try JSON(parsing: Binary.run(["show", "one.md", "--json"], data: folder.data).output)
    #expect(shown.properties == ["author": "Ann", "date": "2024-05-06"])
    for (filter, names) in [
      ("author = 'Ann'", ["one.md"]), ("author = 'Cleo'", ["three.md"]), ("date < '2024-01-01'", []),
      ("date > '2024-01-01' and author = 'Bob'", ["two.md"]),
    ] {
      let outcome = try Binary.run(["search", "lift", "--where", filter, "--json"], data: folder.data)
      let found = try JSON(parsing: outcome.output)
      #expect(found.results?.array?.compactMap { $0.filename?.string } == names, "\(filter)")
    }
  }

  @Test func helpIsAsWritten() throws {
    try Goldens.check(run("--help").output, "help.txt")
    for command in ["add", "ask", "search", "serve", "show", "eval", "bench"] {
      try Goldens.check(run(command, "--help").output, "help-\(command).txt")
    }
  }

  @Test func shapesAreAsWritten() throws {
    try addSample()
    let again = try run("add", "\(folder.path)/files", "--json")
    try Goldens.check(Goldens.shape(JSON(parsing: again.output)).prettyText + "\n", "add.json")
    for (name, arguments) in [
      ("search.json", ["search", "vacation days", "--explain", "--json"]),
      ("ask.json", ["ask", "How many vacation days do full-time staff get?", "--json"]),
      ("list.json", ["list", "--json"]), ("show.json", ["show", "leave.md", "--json"]),
      ("stats.json", ["stats", "--json"]), ("why-not.json", ["why-not", "vacation days", "desk.txt", "--json"]),
    ] {
      let outcome = try Binary.run(arguments, data: folder.data)
      #expect(outcome.status == 0, "\(name): \(outcome.errors)")
      try Goldens.check(Goldens.shape(JSON(parsing: outcome.output)).prettyText + "\n", name)
    }
  }

  @Test func anAnswerCitesTheExactWords() throws {
    try addSample()
    let outcome = try run("ask", "How many vacation days do full-time staff get?", "--json")
    let answer = try JSON(parsing: outcome.output)
    #expect(answer.refused?.bool == false)
    let citation = try #require(answer.citations?.array?.first)
    let text = try JSON(parsing: run("show", "leave.md", "--text", "--json").output)["text"]?.string ?? ""
    let scalars = Array(text.unicodeScalars)
    let start = try #require(citation.start?.int)
    let end = try #require(citation.end?.int)
    #expect(String(String.UnicodeScalarView(scalars[start..<end])) == citation.quote?.string)
    #expect(citation.quote?.string?.contains("15 vacation days") == true)
  }

  @Test func vectorsOfAFileAreWrittenAndCutsAreTold() throws {
    let long = String(repeating: "word ", count: 400)
    let input = try folder.write("in.jsonl", "{\"text\":\"short\"}\n\n{\"id\":\"2\",\"text\":\"\(long)\"}\n")
    let output = "\(folder.path)/out.f32"
    let outcome = try run("embed", "--input", input, "--out", output, "--json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("1 of 2 texts are longer than the 256 tokens"))
    let report = try JSON(parsing: outcome.output)
    #expect(report.texts?.int == 2 && report.texts_cut?.int == 1 && report.tokens_cut?.int == 400 - 254)
    let vectors = try Data(contentsOf: URL(filePath: output))
    #expect(vectors.count == 2 * 384 * 4)
    let ids = "\(folder.path)/ids.jsonl"
    let one = try folder.write("one.jsonl", "{\"text\":\"a cat\"}\n")
    #expect(try run("embed", "--input", one, "--ids", ids).status == 0)
    #expect(try String(contentsOfFile: ids, encoding: .utf8) == "[1037,4937]\n")
  }

  @Test func filesThatCannotBeEmbeddedSayWhyAndWhere() throws {
    let good = try folder.write("good.jsonl", "{\"text\":\"fine\"}\n")
    let output = "\(folder.path)/out.f32"
    for (content, reason) in [
      ("{\"text\":\"a\"}\nnot json\n", "line 2 is not JSON"), ("{\"words\":\"a\"}\n", "line 1 has no string \"text\""),
      ("{\"text\":7}\n", "line 1 has no string \"text\""), ("[1]\n", "line 1 has no string \"text\""),
    ] {
      let outcome = try run("embed", "--input", folder.write("bad.jsonl", content), "--out", output)
      #expect(outcome.status == 1 && outcome.errors.contains(reason) && outcome.errors.contains("each line is"))
      #expect(!FileManager.default.fileExists(atPath: output))
    }
    let missing = try run("embed", "--input", "\(folder.path)/none.jsonl", "--out", output)
    #expect(missing.status == 1 && missing.errors.contains("none.jsonl cannot be used: it cannot be read"))
    let nowhere = try run("embed", "--input", good, "--out", "\(folder.path)/no/such/out.f32")
    #expect(nowhere.status == 1 && nowhere.errors.contains("it cannot be written"))
    #expect(try run("embed", "--input", good).status == 2)
    #expect(try run("embed", "--input", good, "--out", output, "--precision", "f99").status != 0)
  }

  @Test func showTextIsTheTextItself() throws {
    let file = try folder.write("a.txt", "One line.\nTwo lines.")
    #expect(try run("add", file).status == 0)
    #expect(try run("show", "a.txt", "--text").output == "One line.\nTwo lines.\n")
  }

  @Test(arguments: [
    ["nonsense"], ["ask"], ["ask", "a", "b"], ["ask", "a", "--nonsense"], ["ask", "a", "-k", "0"],
    ["ask", "a", "-k", "many"], ["ask", "a", "--mode", "psychic"], ["add", "x", "--meta", "novalue"],
    ["serve", "--port", "70000"], ["--data"], [],
  ])
  func wrongUsageExitsWithTwo(_ arguments: [String]) throws {
    let outcome = try Binary.run(arguments, data: folder.data)
    #expect(outcome.status == 2)
    #expect(!FileManager.default.fileExists(atPath: folder.data))
  }

  @Test func oneBadFileNeverStopsTheRest() throws {
    try folder.write("files/good.txt", "The lift is inspected in May.")
    try folder.write("files/empty.txt", "")
    try folder.write("files/nothing.bin", "\u{1}\u{2}\u{3}\u{0}\u{0}\u{7}")
    let outcome = try run("add", "\(folder.path)/files", "\(folder.path)/absent.txt", "--json")
    let report = try JSON(parsing: outcome.output)
    #expect(outcome.status == 1)
    #expect(report.added?.array?.count == 1)
    let codes = Set((report.failed?.array ?? []).compactMap { $0.code?.string })
    #expect(codes.contains("file_not_found") && codes.contains("empty_document"), "\(codes)")
    #expect(report.failed?.array?.count == 3)
    #expect(outcome.errors.split(separator: "\n").count == 3, "\(outcome.errors)")
  }

  @Test func aMissingModelIsNamedWithTheWayOut() throws {
    let outcome = try run("list", environment: ["FOOTNOTE_MODEL": "\(folder.path)/no-model"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("make run"), "\(outcome.errors)")
    #expect(outcome.errors.split(separator: "\n").count == 1)
  }

  @Test func aDirectoryInUseIsToldAsSuch() throws {
    let owner = try DataDirectory(path: folder.data)
    let outcome = try run("list")
    #expect(outcome.status == 1 && outcome.errors.contains("in use"), "\(outcome.errors)")
    withExtendedLifetime(owner) {}
  }

  @Test func anErrorInJSONIsOneDocument() throws {
    let outcome = try run("show", "absent.txt", "--json")
    #expect(outcome.status == 1)
    #expect(try JSON(parsing: outcome.output).error?.code?.string == "document_not_found")
  }

  @Test func namesFromOutsideCannotSteerTheTerminal() throws {
    try folder.write("files/a\u{1B}[2Jb.txt", "The lift is inspected in May.")
    let outcome = try run("add", "\(folder.path)/files")
    #expect(!outcome.output.contains("\u{1B}") && !outcome.errors.contains("\u{1B}"))
  }

  @Test func aSavedAnswerIsVerifiedAndReplayed() throws {
    try addSample()
    let answer = try folder.write(
      "answer.json", run("ask", "How many vacation days do full-time staff get?", "--json").output)
    let verified = try run("verify", answer, "--json")
    #expect(verified.status == 0, "\(verified.errors)")
    #expect(try JSON(parsing: verified.output).valid?.bool == true)
    let replayed = try run("replay", answer, "--json")
    #expect(replayed.status == 0, "\(replayed.output)")
    #expect(try JSON(parsing: replayed.output).same?.bool == true)
    let text = try String(contentsOfFile: answer, encoding: .utf8)
    let altered = try folder.write("altered.json", text.replacing("15 vacation days", with: "25 vacation days"))
    #expect(try run("verify", altered).status == 1)
    #expect(try run("replay", altered).status == 1)
    #expect(try run("verify", folder.write("none.json", "{}")).status == 1)
  }

  @Test func evaluationPrintsTheContractsFigures() throws {
    try addSample()
    let questions = try folder.write(
      "questions.jsonl",
      """
      {"id":"1","question":"How many vacation days do full-time staff get?","answers":["15"],"document":"leave.md"}
      {"id":"2","question":"Who won the chess championship in 1921?","unanswerable":true}
      """)
    let report = try JSON(parsing: run("eval", questions, "--json").output)
    #expect(report.questions?.int == 2)
    #expect(report.recall?["1"]?.double == 1)
    #expect(report.answer?.citation_valid?.double == 1)
    #expect(report.refusal?.true_refusals?.double == 1)
  }
}
