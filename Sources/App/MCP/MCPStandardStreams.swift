// The Model Context Protocol over standard input and output: a message a line, replies in the order of the questions.
import Base

package enum MCPStandardStreams {
  /// Until the input ends. `line` gives the next one; nil ends it.
  package static func serve(
    _ access: any LibraryAccess, line next: () -> String?, say: (String) -> Void
  ) {
    let server = MCPServer(access: access)
    while let line = next() {
      guard line.contains(where: { !$0.isWhitespace }) else { continue }
      let reply: JSON?
      do {
        guard line.utf8.count <= Limits.jsonBodyBytesMax else {
          throw MCPError.invalidRequest("a message has at most \(Limits.jsonBodyBytesMax) bytes")
        }
        let value: JSON
        do { value = try JSON(parsing: line) } catch {
          throw MCPError.parse(PlainFailure.describing(error).message)
        }
        do { reply = server.reply(to: try MCPMessage(value)) } catch let error as MCPError {
          reply = MCPMessage.reply(MCPHTTP.id(of: value), error)
        }
      } catch let error as MCPError {
        reply = MCPMessage.reply(.null, error)
      } catch {
        reply = MCPMessage.reply(.null, .internalError("\(PlainFailure.describing(error))"))
      }
      if let reply { say(reply.text) }
    }
  }
}
