// footnote mcp: the Model Context Protocol over standard input and output.
import App
import Base

let mcpCommand = CommandSpec(
  name: "mcp", arguments: "", positionalMin: 0, positionalMax: 0,
  summary: "the Model Context Protocol over standard input and output, for assistants that start it",
  details: """
    Tools: search, ask, read_document, list_documents; none of them changes anything. The same is served over HTTP at
    POST /mcp. Where a server owns the library, its messages go through that server.
    """,
  options: []
) { invocation in
  let access = try Session.access(invocation.configuration)
  MCPStandardStreams.serve(access, line: { readLine() }, say: { invocation.console.say($0) })
  return 0
}
