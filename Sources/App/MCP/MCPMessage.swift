// JSON-RPC as the Model Context Protocol uses it: one message in, at most one out.
// https://modelcontextprotocol.io/specification/2026-07-28/basic
import Base

struct MCPError: Error, Equatable {
  let code: Int
  let message: String
  var data: JSON = .null

  static func parse(_ why: String) -> MCPError { MCPError(code: -32_700, message: why) }
  static func invalidRequest(_ why: String) -> MCPError { MCPError(code: -32_600, message: why) }
  static func noMethod(_ name: String) -> MCPError {
    MCPError(code: -32_601, message: "there is no method '\(name.prefix(80))'")
  }
  static func badParameters(_ why: String) -> MCPError { MCPError(code: -32_602, message: why) }
  static func internalError(_ why: String) -> MCPError { MCPError(code: -32_603, message: why) }
  static func headerMismatch(_ header: String) -> MCPError {
    MCPError(code: -32_020, message: "the header \(header) does not say what the message says")
  }
  static func unsupportedVersion(_ asked: String) -> MCPError {
    MCPError(
      code: -32_022, message: "protocol version '\(asked.prefix(40))' is not supported",
      data: ["supported": JSON([MCPVersion.modern]), "requested": .string(String(asked.prefix(40)))])
  }

  /// As HTTP tells it, where the reply is an error.
  var status: Int {
    switch code {
    case -32_601: 404
    case -32_603: 200
    default: 400
    }
  }
}

enum MCPVersion {
  /// Every request carries its own version; there is no handshake.
  static let modern = "2026-07-28"
  /// Those that begin with `initialize`, the newest first.
  static let withHandshake = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]

  static let header = "MCP-Protocol-Version"
  static let methodHeader = "Mcp-Method"
  static let nameHeader = "Mcp-Name"
  static let key = "io.modelcontextprotocol/protocolVersion"
  static let capabilitiesKey = "io.modelcontextprotocol/clientCapabilities"
}

struct MCPMessage {
  /// null for a notification, which gets no reply.
  let id: JSON
  let method: String
  let parameters: JSONObject

  var isNotification: Bool { id.isNull }

  /// What the request says of itself; nil: it is of the time of the handshake.
  var ownVersion: JSON? { parameters["_meta"]?[MCPVersion.key] }

  init(_ value: JSON) throws {
    guard let members = value.object else { throw MCPError.invalidRequest("a message is one JSON object") }
    guard members["jsonrpc"]?.string == "2.0", let method = members["method"]?.string else {
      throw MCPError.invalidRequest("a message has \"jsonrpc\": \"2.0\" and a \"method\"")
    }
    let id = members["id"]
    switch id {
    case nil, .string: break
    case .some(let number) where number.int != nil: break
    default: throw MCPError.invalidRequest("an id is a string or a whole number")
    }
    if let parameters = members["params"], parameters.object == nil {
      throw MCPError.invalidRequest("\"params\" is an object")
    }
    self.id = id ?? .null
    self.method = method
    parameters = members["params"]?.object ?? [:]
  }

  /// The envelope that every message of the version without handshakes carries.
  func checkEnvelope() throws {
    guard let meta = parameters["_meta"]?.object, meta[MCPVersion.key] != nil,
      meta[MCPVersion.capabilitiesKey] != nil
    else {
      throw MCPError.badParameters(
        "params._meta must hold \(MCPVersion.key) and \(MCPVersion.capabilitiesKey)")
    }
    guard let version = ownVersion?.string else { throw MCPError.badParameters("the protocol version is a string") }
    guard version == MCPVersion.modern else { throw MCPError.unsupportedVersion(version) }
  }

  static func reply(_ id: JSON, _ result: JSON) -> JSON { ["jsonrpc": "2.0", "id": id, "result": result] }

  static func reply(_ id: JSON, _ error: MCPError) -> JSON {
    var shape: JSONObject = ["code": .integer(error.code), "message": .string(error.message)]
    if !error.data.isNull { shape["data"] = error.data }
    return ["jsonrpc": "2.0", "id": id, "error": .object(shape)]
  }
}
