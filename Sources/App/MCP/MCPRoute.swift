// The Model Context Protocol over HTTP: one POST a message, one JSON reply. No sessions are kept: the newest has
// none, and the older ones let a server do without. GET and DELETE, which belong to sessions, are not there.
import Base
import Foundation
import HTTPKit

extension Routes {
  func addMCPRoute(to router: inout Router) {
    router.add(.post, "/mcp", accepts: .json(maxBytes: Limits.jsonBodyBytesMax)) { request in
      do {
        let value: JSON
        do { value = try JSON(parsing: request.body.bytes) } catch {
          throw MCPError.parse("\(PlainFailure.describing(error).message)")
        }
        let message: MCPMessage
        do { message = try MCPMessage(value) } catch let error as MCPError {
          return MCPHTTP.response(MCPMessage.reply(MCPHTTP.id(of: value), error), status: error.status)
        }
        do { try MCPHTTP.checkHeaders(request, message) } catch let error as MCPError {
          return MCPHTTP.response(MCPMessage.reply(message.id, error), status: error.status)
        }
        guard let reply = MCPServer(access: access(request)).reply(to: message) else { return Response(status: 202) }
        let code = reply.error?.code?.int
        // Before the newest version every reply to a well-formed message is a 200.
        let isModern = message.ownVersion != nil
        return MCPHTTP.response(
          reply, status: isModern ? code.map { MCPError(code: $0, message: "").status } ?? 200 : 200)
      } catch let error as MCPError {
        return MCPHTTP.response(MCPMessage.reply(.null, error), status: error.status)
      }
    }
  }
}

enum MCPHTTP {
  static func response(_ reply: JSON, status: Int) -> Response { .json(reply.utf8, status: status) }

  static func id(of value: JSON) -> JSON {
    guard let id = value.id, id.string != nil || id.int != nil else { return .null }
    return id
  }

  /// The headers let a proxy route by them, so they must say what the message says.
  static func checkHeaders(_ request: Request, _ message: MCPMessage) throws {
    let version = request.headers[MCPVersion.header]
    guard let own = message.ownVersion else {
      // A message without its own version under the newest version's header is one that lacks its envelope.
      if version == MCPVersion.modern, !message.isNotification { try message.checkEnvelope() }
      if let version, version != MCPVersion.modern, !MCPVersion.withHandshake.contains(version) {
        throw MCPError.unsupportedVersion(version)
      }
      return
    }
    guard version == own.string else { throw MCPError.headerMismatch(MCPVersion.header) }
    guard request.headers[MCPVersion.methodHeader] == message.method else {
      throw MCPError.headerMismatch(MCPVersion.methodHeader)
    }
    let named = ["tools/call": "name", "prompts/get": "name", "resources/read": "uri"][message.method]
    if let named, let value = message.parameters[named]?.string,
      request.headers[MCPVersion.nameHeader].flatMap(decoded) != value
    {
      throw MCPError.headerMismatch(MCPVersion.nameHeader)
    }
  }

  /// What does not fit into a header travels as `=?base64?…?=`.
  private static func decoded(_ value: String) -> String? {
    guard value.hasPrefix("=?base64?"), value.hasSuffix("?="), value.utf8.count >= 11 else { return value }
    return Data(base64Encoded: String(value.dropFirst(9).dropLast(2))).flatMap { String(data: $0, encoding: .utf8) }
  }
}
