// footnote serve: the server.
import App
import Base

let serveCommand = CommandSpec(
  name: "serve", arguments: "", positionalMin: 0, positionalMax: 0, summary: "the server with its web page",
  options: [
    OptionSpec(name: "host", value: "H", summary: "the address to listen on (default: 127.0.0.1)"),
    OptionSpec(name: "port", value: "P", summary: "the port (default: 8080; 0: any free one)"),
    OptionSpec(name: "first-run-add", value: "PATH", summary: "add this when the library has never held anything"),
  ]
) { invocation in
  var settings = ServeSettings(try invocation.configuration)
  settings.sample = invocation.value("first-run-add")
  settings.readAgain = { try invocation.configuration }
  let console = invocation.console
  return try Serve.run(settings) { console.note($0) }
}
