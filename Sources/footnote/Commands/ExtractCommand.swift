// footnote extract: the text that reading a file gives, without adding it to the library.
import App
import Base

let extractCommand = CommandSpec(
  name: "extract", arguments: "PATH…", positionalMin: 1, positionalMax: nil,
  summary: "the text that files would have, and with --json their pages, blocks and coverage; nothing is added",
  options: []
) { invocation in
  var shapes: [JSON] = []
  var failures = 0
  try Preview.extract(paths: invocation.positionals, invocation.configuration) { shape in
    if shape["error"] != nil { failures += 1 }
    if invocation.console.isJSON {
      shapes.append(shape)
    } else if let text = shape["text"]?.string {
      invocation.console.say(Console.printable(text))
    } else {
      let cause = shape["error"]?["message"]?.string ?? "it cannot be read"
      invocation.console.note(Console.printable("\(shape["path"]?.string ?? ""): \(cause)"))
    }
  }
  if invocation.console.isJSON { invocation.console.say((["documents": .array(shapes)] as JSON).text) }
  return failures == 0 ? 0 : 1
}
