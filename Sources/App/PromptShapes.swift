// The prompts in force, as `footnote prompts` shows them.
package import Base
import Models

package enum PromptShapes {
  package static func all(_ configuration: Configuration) throws -> JSON {
    ["prompts": .array(try ChatEndpoints.prompts(configuration).prompts.map { shape($0) })]
  }

  package static func one(_ name: String, _ configuration: Configuration) throws -> JSON {
    let prompt = try ChatEndpoints.prompts(configuration).prompt(name)
    guard var shape = shape(prompt).object else { return .null }
    shape["text"] = .string(prompt.text)
    return .object(shape)
  }

  private static func shape(_ prompt: Prompt) -> JSON {
    let origin =
      switch prompt.origin {
      case .builtIn: "built in"
      case .file(let path): path
      }
    return [
      "name": .string(prompt.name), "version": .string(prompt.version), "inputs": JSON(prompt.inputs),
      "about": .string(prompt.about), "origin": .string(origin), "digest": .string("\(prompt.digest)"),
    ]
  }
}
