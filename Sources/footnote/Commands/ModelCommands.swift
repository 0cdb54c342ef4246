// footnote prompts, export-training: what models are told, and what they have given that others can learn from.
import App
import Base

let promptsCommand = CommandSpec(
  name: "prompts", arguments: "[NAME]", positionalMin: 0, positionalMax: 1,
  summary: "the prompts in force with their versions, or the text of one",
  details: """
    A prompt is replaced by a file of the same name in the folder that the setting 'prompts' names. It must declare the
    same inputs as the one that it replaces; 'footnote prompts NAME' prints a file to begin with.
    """,
  options: []
) { invocation in
  let shape = try PromptShapes.all(try invocation.configuration)
  let prompts = shape.prompts?.array ?? []
  guard let name = invocation.positionals.first else {
    invocation.console.result(shape) { _ in
      prompts.map { prompt in
        let inputs = (prompt.inputs?.array ?? []).compactMap(\.string).joined(separator: ", ")
        return [
          prompt.name?.string ?? "", "version \(Console.printable(prompt.version?.string ?? ""))",
          String((prompt.digest?.string ?? "").prefix(12)), "inputs: \(Console.printable(inputs))",
          Console.printable(prompt.origin?.string ?? ""),
        ].joined(separator: "\t") + "\n"
      }.joined()
    }
    return 0
  }
  let prompt = try PromptShapes.one(name, try invocation.configuration)
  invocation.console.result(prompt) { Console.printable($0["text"]?.string ?? "") }
  return 0
}

let exportTrainingCommand = CommandSpec(
  name: "export-training", arguments: "", positionalMin: 0, positionalMax: 0,
  summary: "pairs of request and valid JSON, as JSONL for fine-tuning",
  details: """
    Each line is {"messages": […]}: what a model was asked, with the schema in words, and the reply that fitted it. Kept
    are the last \(Limits.structuredCallsMax) structured calls; what names a forgotten document is gone with it.
    """,
  options: [OptionSpec(name: "out", value: "FILE", summary: "write there instead of standard output")]
) { invocation in
  let access = try Session.access(try invocation.configuration)
  let pairs = (try access.trainingPairs()).pairs?.array ?? []
  let lines = pairs.map { $0.text + "\n" }.joined()
  let console = invocation.console
  guard let path = invocation.value("out") else {
    if console.isJSON {
      console.say(JSON.object(["pairs": .array(pairs)]).prettyText)
    } else {
      console.result(.null) { _ in lines }
    }
    return 0
  }
  try FileAccess.write(Array(lines.utf8), to: FileAccess.absolute(path))
  console.result(["path": .string(path), "pairs": .integer(pairs.count)]) { _ in "" }
  console.note("\(pairs.count) pairs written to \(path)")
  return 0
}
