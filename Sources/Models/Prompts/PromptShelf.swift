// The prompts in force: those that the product brings, each replaced by the user's own file of the same name where the
// user's folder has one. An own file is given what the product's declares, so it must declare the same inputs.
import Base
import CPrompts

package struct PromptShelf: Sendable {
  /// By name.
  package let prompts: [Prompt]

  /// `folder` may be absent where `isAsked` is false: then nobody has asked for it.
  package init(folder: String? = nil, isAsked: Bool = false) throws {
    let own = try PromptShelf.own(in: folder, isAsked: isAsked)
    var shelf: [Prompt] = []
    for builtIn in try PromptShelf.builtIn() {
      guard let prompt = own[builtIn.name] else {
        shelf.append(builtIn)
        continue
      }
      guard Set(prompt.inputs) == Set(builtIn.inputs) else {
        throw PromptError(
          prompt.origin, "it must declare the inputs \(builtIn.inputs.joined(separator: ", ")), and no others")
      }
      shelf.append(prompt)
    }
    if let stranger = own.values.sorted(by: { $0.name < $1.name }).first(where: { prompt in
      !shelf.contains { $0.name == prompt.name }
    }) {
      let known = shelf.map(\.name).joined(separator: ", ")
      throw PromptError(stranger.origin, "the product has no prompt '\(stranger.name)'; it has \(known)")
    }
    prompts = shelf.sorted { $0.name < $1.name }
  }

  package func prompt(_ name: String) throws -> Prompt {
    guard let known = prompts.first(where: { $0.name == name }) else {
      let names = prompts.map(\.name).joined(separator: ", ")
      throw PlainFailure(.notFound, "prompt_not_found", "there is no prompt '\(name)'", hint: "there are: \(names)")
    }
    return known
  }

  private static func builtIn() throws -> [Prompt] {
    try (0..<footnote_prompt_count()).map { index in
      // Valid for the life of the process: the table and what it points to are constants.
      let file = unsafe footnote_prompt_at(index).pointee
      let bytes = unsafe Array(UnsafeBufferPointer(start: file.bytes, count: file.length))
      let prompt = try Prompt(String(decoding: bytes, as: UTF8.self), origin: .builtIn)
      precondition(unsafe String(cString: file.name) == prompt.name, "a prompt's file is named after it")
      return prompt
    }
  }

  private static func own(in folder: String?, isAsked: Bool) throws -> [String: Prompt] {
    guard let folder else { return [:] }
    guard FileAccess.sort(folder) == .folder else {
      if isAsked || FileAccess.exists(folder) {
        throw PlainFailure(
          .notFound, "no_prompt_folder", "\(folder) is no folder of prompts", hint: "check the setting 'prompts'")
      }
      return [:]
    }
    var own: [String: Prompt] = [:]
    for path in try FileAccess.files(below: folder) where path.hasSuffix(".md") {
      let bytes = try FileAccess.read(path, bytesMax: Limits.promptBytesMax)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw PromptError(.file(path), "it is not UTF-8")
      }
      let prompt = try Prompt(text.replacing("\r\n", with: "\n"), origin: .file(path))
      guard FileAccess.name(of: path) == "\(prompt.name).md" else {
        throw PromptError(.file(path), "its file must be called \(prompt.name).md, after its name")
      }
      own[prompt.name] = prompt
    }
    return own
  }
}
