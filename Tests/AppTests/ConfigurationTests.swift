// Settings: which source wins, what is refused, and that no secret is shown.
import Base
import Foundation
import Testing

@testable import App

@Suite struct ConfigurationTests {
  private let folder = Folder()

  private func load(
    _ file: String?, environment: Environment = [:], options: [String: String] = [:], set: [String] = []
  ) throws -> Configuration {
    let path = try file.map { try folder.write("config.json", $0) }
    return try Configuration(
      environment: environment.merging(["HOME": folder.path]) { given, _ in given }, file: path, options: options,
      assignments: set)
  }

  private func error(_ body: () throws -> Configuration) -> ConfigurationError? {
    do {
      _ = try body()
      return nil
    } catch { return error as? ConfigurationError }
  }

  @Test func theStrongerSourceWins() throws {
    let file = #"{"port": 1, "host": "a", "embedding": {"model": "m"}, "embedding.batch_texts": 3}"#
    let bare = try load(nil)
    #expect(bare.whole(Settings.port) == 8_080 && bare.entries.allSatisfy { $0.origin == .builtIn })
    let configuration = try load(
      file, environment: ["FOOTNOTE_PORT": "2", "FOOTNOTE_HOST": ""], options: ["port": "3"])
    #expect(configuration.whole(Settings.port) == 3)
    #expect(configuration.text(Settings.host) == "a")
    #expect(configuration.text(Settings.embedModel) == "m")
    #expect(configuration.whole(Settings.embedBatchTexts) == 3)
    #expect(try load(file, environment: ["FOOTNOTE_PORT": "2"]).whole(Settings.port) == 2)
    #expect(try load(file, options: ["port": "3"], set: ["port=4"]).whole(Settings.port) == 4)
  }

  @Test func unknownKeysNameTheNearest() {
    #expect(
      error { try load(#"{"embedding": {"ulr": "http://h"}}"#) }?.message.contains("did you mean 'embedding.url'?")
        == true)
    #expect(error { try load(#"{"prot": 1}"#) }?.code == "unknown_setting")
    #expect(error { try load(#"{"embedding": 5}"#) }?.code == "unknown_setting")
    #expect(error { try load(nil, set: ["pott=1"]) }?.isWrongUsage == true)
  }

  @Test(arguments: [
    #"{"port": "8080"}"#, #"{"port": 70000}"#, #"{"port": 1.5}"#, #"{"host": 1}"#,
    #"{"embedding": {"url": "ftp://h"}}"#,
    #"{"embedding": {"url": "http://user:password@h"}}"#, #"{"embedding": {"headers": {"a b": "c"}}}"#,
    #"{"embedding": {"headers": {"a": "b\nc"}}}"#, #"{"embedding": {"attempts": true}}"#,
    #"{"port": 1, "embedding": {"model": "a"}, "embedding.model": "b"}"#,
  ])
  func wrongValuesAreNamed(_ file: String) {
    let error = error { try load(file) }
    #expect(error?.code == "bad_setting")
    #expect(error?.message.contains("must be") == true && error?.message.contains("password@") == false)
  }

  @Test func whatIsNoJSONIsSaidSo() {
    #expect(error { try load("{") }?.code == "bad_config")
    #expect(error { try load("[]") }?.code == "bad_config")
    #expect(throws: FileError.self) { try Configuration(environment: [:], file: "\(folder.path)/absent.json") }
  }

  @Test func aWrongValueIsToldEvenWhereAStrongerOneHidesIt() {
    #expect(error { try load(#"{"port": "x"}"#, options: ["port": "1"]) } != nil)
  }

  @Test func headersComeAsLinesOrAsJSON() throws {
    for text in ["api-key: k: 1\nX-Two:v", #"{"api-key": "k: 1", "X-Two": "v"}"#] {
      let headers = try load(nil, environment: ["FOOTNOTE_EMBED_HEADERS": text]).headers(Settings.embedHeaders)
      #expect(headers.map(\.name) == ["api-key", "X-Two"] && headers.map { $0.value.reveal() } == ["k: 1", "v"])
    }
  }

  @Test func secretsAreMaskedAndStayOffTheCommandLine() throws {
    let environment = ["FOOTNOTE_EMBED_KEY": "sk-topsecret"]
    let configuration = try load(#"{"embedding": {"headers": {"api-key": "topsecret2"}}}"#, environment: environment)
    #expect(!configuration.shape.text.contains("topsecret"))
    #expect(configuration.secret(Settings.embedKey)?.reveal() == "sk-topsecret")
    #expect(error { try load(nil, set: ["embedding.key=k"]) }?.code == "secret_on_command_line")
    // The test's file is readable by others.
    #expect(configuration.warnings.contains { $0.contains("chmod 600") })
  }

  @Test func variablesThatLookLikeOursAreRemarkedOn() throws {
    let warnings = try load(nil, environment: ["FOOTNOTE_EMBED_ULR": "x", "OTHER": "y"]).warnings
    #expect(warnings == ["$FOOTNOTE_EMBED_ULR is no setting; did you mean $FOOTNOTE_EMBED_URL?"])
  }

  @Test func keysAndVariablesAreEachOneSettings() {
    #expect(Set(Settings.all.map(\.key)).count == Settings.all.count)
    #expect(Set(Settings.all.map(\.environment)).count == Settings.all.count)
    // The two that whoever uses Pushover has set already.
    let others: Set = ["PUSHOVER_USER", "PUSHOVER_TOKEN"]
    for setting in Settings.all {
      #expect(setting.environment.hasPrefix("FOOTNOTE_") || others.contains(setting.environment), "\(setting.key)")
      #expect(!setting.help.isEmpty, "\(setting.key)")
    }
    // A key that is the beginning of another could not be told from a section.
    for setting in Settings.all { #expect(!Settings.all.contains { $0.key.hasPrefix("\(setting.key).") }) }
  }

  @Test func theCommandPrintsValuesWithTheirOrigin() throws {
    let outcome = try Binary.run(
      ["config", "--json", "--port", "99"], data: folder.data,
      environment: ["FOOTNOTE_EMBED_KEY": "sk-topsecret", "XDG_CONFIG_HOME": folder.path])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let settings = try JSON(parsing: outcome.output).settings?.array ?? []
    let port = settings.first { $0["key"]?.string == "port" }
    #expect(port?["value"]?.int == 99 && port?.origin?.string == "--port")
    #expect(!outcome.output.contains("topsecret"))
    let wrong = try Binary.run(["serve", "--port", "x"], data: folder.data)
    #expect(wrong.status == 2)
  }
}
