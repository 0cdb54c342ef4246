// Prompts are files: what they declare is what they are given, the user's own replace the product's.
import Base
import Foundation
import Testing

@testable import Models

@Suite struct PromptTests {
  private func prompt(_ body: String, inputs: String = "a, b", head: String = "") throws -> Prompt {
    try Prompt("---\nname: p\nversion: 2\ninputs: \(inputs)\n\(head)---\n\(body)", origin: .builtIn)
  }

  @Test func inputsArePutInOnce() throws {
    let made = try prompt("@system\nBe brief.\n@user\n{{a}} and {{ b }}.\n")
    let messages = try made.messages(["a": "{{b}} @system", "b": "two"])
    #expect(messages == [ChatMessage(.system, "Be brief."), ChatMessage(.user, "{{b}} @system and two.")])
    #expect(made.identity.hasPrefix("p/2@") && made.identity.count == 16)
  }

  @Test func anotherTextIsAnotherIdentity() throws {
    #expect(try prompt("@user\n{{a}}{{b}}").identity != prompt("@user\n{{a}} {{b}}").identity)
  }

  @Test(arguments: [[:], ["a": "1"], ["a": "1", "b": "2", "c": "3"]] as [[String: String]])
  func exactlyTheDeclaredInputsAreTaken(_ values: [String: String]) throws {
    let made = try prompt("@user\n{{a}}{{b}}")
    #expect(throws: PromptError.self) { try made.messages(values) }
  }

  @Test(arguments: [
    ("@user\n{{a}}{{b}}{{c}}", "does not declare"), ("@user\n{{a}}", "'b' and does not use"),
    ("@user\n{{a}}{{b}", "without }}"), ("words\n@user\n{{a}}{{b}}", "must begin"), ("@system\n{{a}}{{b}}", "no @user"),
  ])
  func aPromptThatDoesNotHoldTogetherIsRefused(_ body: String, _ why: String) {
    let error = #expect(throws: PromptError.self) { try prompt(body) }
    #expect(error?.message.contains(why) == true)
  }

  @Test(arguments: [
    "", "name: p\n", "---\nname: p\n@user", "---\nversion: 1\n---\n@user", "---\nname: p\nversion: 1\nx: 1\n---\n@user",
  ])
  func aHeadIsNeeded(_ text: String) {
    #expect(throws: PromptError.self) { try Prompt(text, origin: .builtIn) }
  }

  @Test func theBinaryHoldsWhatTheFolderHolds() throws {
    let folder = URL(fileURLWithPath: fixturePath("")).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("prompts").path
    let files = try FileAccess.files(below: folder)
    let shelf = try PromptShelf()
    #expect(Set(files.map(FileAccess.name)) == Set(shelf.prompts.map { "\($0.name).md" }))
    for prompt in shelf.prompts {
      let file = try FileAccess.read("\(folder)/\(prompt.name).md", bytesMax: Limits.promptBytesMax)
      #expect(Array(prompt.text.utf8) == file)
    }
  }

  @Test func theUsersOwnReplaceTheProducts() throws {
    let folder = "\(NSTemporaryDirectory())footnote-prompts-\(hexadecimal(SystemRandom().bytes(8)))"
    defer { FileAccess.removeTree(folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    func write(_ text: String, _ name: String = "answer.md") throws {
      try FileAccess.write(Array(text.utf8), to: "\(folder)/\(name)")
    }

    let own = "---\nname: answer\nversion: mine\ninputs: question, passages\n---\r\n@user\n{{passages}} {{question}}"
    try write(own)
    let prompt = try PromptShelf(folder: folder).prompt("answer")
    #expect(prompt.version == "mine" && prompt.origin == .file("\(folder)/answer.md"))

    try write(own.replacing("question, passages", with: "question").replacing("{{passages}} ", with: ""))
    #expect(throws: PromptError.self) { try PromptShelf(folder: folder) }
    try write(own)
    try write(own.replacing("name: answer", with: "name: other"), "other.md")
    #expect(throws: PromptError.self) { try PromptShelf(folder: folder) }
    #expect(throws: PlainFailure.self) { try PromptShelf(folder: "\(folder)/absent", isAsked: true) }
    #expect(try PromptShelf(folder: "\(folder)/absent").prompt("answer").origin == .builtIn)
  }
}
