// What a handler gives back. Conditional requests, ranges and the headers that protect a browser are added on the way
// out, the same for every route; a header that the handler set itself stands.
import Base

package struct Response: Sendable {
  package enum Body: Sendable {
    case bytes([UInt8])
    /// Sent by the kernel; all of it where the range is nil.
    case file(path: String, range: Range<Int>? = nil)
    /// Server-sent events, written by the closure on a thread of its own until it returns.
    case events(@Sendable (EventStream) throws -> Void)
  }

  package var status: Int
  package var headers: Headers
  package var body: Body

  package init(status: Int = 200, headers: Headers = [:], body: Body = .bytes([])) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// Text that is JSON already.
  package static func json(_ text: String, status: Int = 200) -> Response {
    json(Array(text.utf8), status: status)
  }

  package static func json(_ bytes: [UInt8], status: Int = 200) -> Response {
    Response(status: status, headers: ["Content-Type": "application/json"], body: .bytes(bytes))
  }

  package static func text(_ text: String, status: Int = 200) -> Response {
    Response(
      status: status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: .bytes(Array(text.utf8)))
  }

  package static func events(_ produce: @escaping @Sendable (EventStream) throws -> Void) -> Response {
    Response(
      headers: ["Content-Type": "text/event-stream", "X-Accel-Buffering": "no"], body: .events(produce))
  }

  /// Any error as a client may see it: a Failure in its own words, anything else without its words.
  package static func failure(_ error: any Error) -> Response {
    let failure =
      (error as? any Failure) ?? PlainFailure(.bug, "internal", "something went wrong inside the server")
    let status = (failure as? HTTPFailure)?.status ?? failure.kind.httpStatus
    var response = Response.json(errorText(failure), status: status)
    if status == 429 || status == 503 { response.headers["Retry-After"] = "1" }
    if case .methodNotAllowed(_, let allowed) = failure as? HTTPFailure {
      response.headers["Allow"] = allowed.joined(separator: ", ")
    }
    return response
  }

  static func errorText(_ failure: any Failure) -> String {
    "{\"error\":{\"code\":\(quoted(failure.code)),\"message\":\(quoted(failure.message)),"
      + "\"hint\":\(quoted(failure.hint))}}"
  }

  /// Lets clients keep the answer and ask whether it still holds. The tag is any text that changes with the content.
  package func tagged(_ tag: String, cacheControl: String = "no-cache") -> Response {
    var response = self
    response.headers["ETag"] = "\"\(tag)\""
    response.headers["Cache-Control"] = cacheControl
    return response
  }

  /// As a file to be saved, never shown in place; the name in both spellings that browsers know (RFC 6266).
  package func asAttachment(_ filename: String) -> Response {
    var response = self
    response.headers["Content-Disposition"] = contentDisposition("attachment", filename: filename)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
  }
}

func contentDisposition(_ kind: String, filename: String) -> String {
  let plain = filename.unicodeScalars.map { scalar in
    scalar.value < 0x20 || scalar.value >= 0x7F || "\"\\%/".unicodeScalars.contains(scalar)
      ? "_" : String(scalar)
  }.joined()
  let unreserved = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)
  let encoded = filename.utf8.map { byte in
    unreserved.contains(byte) ? String(UnicodeScalar(byte)) : "%" + hexadecimal([byte]).uppercased()
  }.joined()
  return "\(kind); filename=\"\(plain)\"; filename*=UTF-8''\(encoded)"
}

/// A JSON string, for the few documents that this room writes itself.
func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    default:
      if scalar.value < 0x20 || scalar.value == 0x7F {
        result += "\\u00" + hexadecimal([UInt8(scalar.value)])
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
  }
  return result + "\""
}
