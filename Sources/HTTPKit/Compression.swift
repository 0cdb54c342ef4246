// gzip for text that goes over a network. Not for loopback, where it costs more than it saves (a proxy on the same
// machine compresses for its own clients), not for parts of a file, and not for events, which must not wait for a block
// to fill. No body of this server mixes a secret with what a request chose, so its length tells nothing (BREACH).
import CZlib

enum Compression {
  /// Below it the headers weigh as much as what is saved.
  static let bytesMin = 1_400

  /// The whole in one piece; nil where zlib has no memory.
  static func gzip(_ bytes: [UInt8], level: Int32 = 5) -> [UInt8]? {
    var stream = unsafe z_stream()
    guard unsafe footnote_deflate_begin(&stream, level) == Z_OK else { return nil }
    defer { unsafe deflateEnd(&stream) }
    var packed = [UInt8](repeating: 0, count: Int(unsafe deflateBound(&stream, UInt(bytes.count))))
    let code = unsafe bytes.withUnsafeBufferPointer { input in
      unsafe packed.withUnsafeMutableBufferPointer { output in
        // zlib only reads from next_in.
        unsafe stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe stream.avail_in = UInt32(input.count)
        unsafe stream.next_out = output.baseAddress
        unsafe stream.avail_out = UInt32(output.count)
        return unsafe deflate(&stream, Z_FINISH)
      }
    }
    guard code == Z_STREAM_END else { return nil }
    packed.removeLast(Int(unsafe stream.avail_out))
    return packed
  }

  /// RFC 9110, 12.5.3: `gzip` or `*`, unless its weight is zero.
  static func isAccepted(_ header: String?) -> Bool {
    guard let header else { return false }
    var any = false
    for part in header.split(separator: ",") {
      let pieces = part.split(separator: ";").map { trimmed(String($0)).lowercased() }
      guard let name = pieces.first else { continue }
      let weight = pieces.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
      if name == "gzip" { return weight > 0 }
      if name == "*" { any = weight > 0 }
    }
    return any
  }
}

extension Response {
  /// To be asked last: what is packed can no longer be cut into ranges.
  func packed(for request: Request) -> Response {
    guard case .bytes(let bytes) = body, bytes.count >= Compression.bytesMin, isText else { return self }
    var response = self
    response.headers["Vary"] = "Accept-Encoding"
    guard status != 206, !request.isLocal, headers["Content-Encoding"] == nil,
      Compression.isAccepted(request.headers["Accept-Encoding"]), let packed = Compression.gzip(bytes)
    else { return response }
    response.body = .bytes(packed)
    response.headers["Content-Encoding"] = "gzip"
    // The bytes differ from those that the strong tag names, and cannot be asked for in parts.
    if let tag = headers["ETag"], !tag.hasPrefix("W/") { response.headers["ETag"] = "W/" + tag }
    response.headers["Accept-Ranges"] = nil
    return response
  }

  private var isText: Bool {
    guard let type = headers["Content-Type"] else { return false }
    return type.hasPrefix("text/") || type.hasPrefix("application/json") || type.hasPrefix("image/svg")
  }
}

extension Request {
  fileprivate var isLocal: Bool { remoteAddress.hasPrefix("127.") || remoteAddress == "::1" }
}
