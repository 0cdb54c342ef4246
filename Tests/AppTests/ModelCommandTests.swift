// footnote prompts and export-training, and what the settings of models that write make of themselves.
import App
import Base
import Foundation
import KnowledgeBase
import Models
import Store
import Testing

@Suite struct ModelCommandTests {
  private let folder = Folder()

  private func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Outcome {
    try Binary.run(arguments, data: folder.data, environment: environment)
  }

  @Test func promptsAreShownAndReplaced() throws {
    let listed = try JSON(parsing: run("prompts", "--json").output).prompts?.array ?? []
    let answer = try #require(listed.first { $0.name?.string == "answer" })
    #expect(answer.version?.string == "1" && answer.origin?.string == "built in")
    #expect(answer.inputs == ["passages", "question"])
    let shown = try run("prompts", "answer")
    #expect(shown.status == 0 && shown.output.contains("{{passages}}"))
    #expect("\(SHA256Digest(of: shown.output.utf8))" == answer.digest?.string)

    let file = try folder.write("prompts/answer.md", shown.output.replacing("version: 1", with: "version: ours"))
    let own = try run("prompts", environment: ["FOOTNOTE_PROMPTS": "\(folder.path)/prompts"])
    #expect(own.output.contains("version ours") && own.output.contains(file))
    try folder.write("prompts/answer.md", shown.output.replacing("{{question}}", with: "{{query}}"))
    let broken = try run("prompts", environment: ["FOOTNOTE_PROMPTS": "\(folder.path)/prompts"])
    #expect(broken.status == 1 && broken.errors.contains(file) && broken.errors.contains("{{query}}"))
    #expect(try run("prompts", "nothing").errors.contains("there are: answer"))
  }

  @Test func pairsAreExported() throws {
    #expect(try run("stats").status == 0)
    do {
      let database = try Database(path: "\(folder.data)/library.db", migrations: LibrarySchema.migrations)
      try ChatStore(database).keep(
        request: ChatRequest(purpose: "test", [ChatMessage(.user, "two\nlines")]),
        form: ReplyForm(name: "f", about: "", schema: ["type": "object"]), reply: ["a": 1], model: "m")
    }
    let line = try run("export-training").output
    #expect(line.split(separator: "\n").count == 1)
    #expect(try JSON(parsing: line).messages?.array?.last?.content?.string == #"{"a":1}"#)
    let file = "\(folder.path)/pairs.jsonl"
    #expect(try run("export-training", "--out", file).status == 0)
    #expect(try String(contentsOfFile: file, encoding: .utf8) == line)

    // Through the server that owns the library, and to nobody else.
    let server = try RunningServer(data: folder.data)
    #expect(try run("export-training").output == line)
    let stranger = try HTTPClient().send(HTTPRequest("GET", "\(server.url)/training-pairs"))
    #expect(stranger.status == 403)
    _ = server.stop()
  }

  @Test(arguments: [
    (["FOOTNOTE_LLM_ENDPOINTS": #"[{"url":"ftp://h","model":"m"}]"#], "entry 1"),
    (["FOOTNOTE_LLM_ENDPOINTS": #"[{"url":"http://h","model":"m","teir":1}]"#], "teir"),
    (["FOOTNOTE_LLM_PRICES": #"{"models":{"m":{"input":1}}}"#], "input"),
    (["FOOTNOTE_LLM_DIALECT": "gopher"], "openai, anthropic or azure"), (["FOOTNOTE_LLM_EXTRA": "[]"], "an object"),
  ])
  func wrongSettingsAreToldWithTheWayOut(_ environment: [String: String], _ said: String) throws {
    let outcome = try run("config", environment: environment)
    #expect(outcome.status != 0 && outcome.errors.contains(said), "\(outcome.errors)")
  }

  @Test func theListOfEndpointsIsSecret() throws {
    let list = #"[{"url":"http://h","model":"m","key":"sk-topsecret"}]"#
    let outcome = try run(
      "config", "--json", environment: ["FOOTNOTE_LLM_ENDPOINTS": list, "FOOTNOTE_LLM_KEY": "sk-too"])
    #expect(outcome.status == 0 && !outcome.output.contains("topsecret") && !outcome.output.contains("sk-too"))
  }
}
