// From what a handler gave to what goes on the wire: not modified, a part of it, and the headers that every response
// carries. Pure: request and response in, response out.

extension Response {
  func delivered(for request: Request?, id: String) -> Response {
    var response = self
    if let request, request.method == .get || request.method == .head, status == 200 {
      response = response.unlessUnchanged(request).ranged(request)
    }
    if let request {
      response = response.packed(for: request)
      for field in request.answerHeaders.fields where !response.headers.contains(field.name) {
        response.headers.add(field.name, field.value)
      }
    }
    for (name, value) in Response.alwaysSent where !response.headers.contains(name) {
      response.headers.add(name, value)
    }
    response.headers["X-Request-Id"] = id
    return response
  }

  private static let alwaysSent = [
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
  ]

  private func unlessUnchanged(_ request: Request) -> Response {
    guard let tag = headers["ETag"], let known = request.headers["If-None-Match"] else { return self }
    let matches = known.split(separator: ",").contains { candidate in
      let candidate = trimmed(String(candidate))
      // The weak comparison of RFC 9110, 8.8.3.2.
      return candidate == "*" || candidate == tag || candidate == "W/" + tag
    }
    guard matches else { return self }
    var response = self
    response.status = 304
    response.body = .bytes([])
    response.headers["Content-Type"] = nil
    return response
  }

  private func ranged(_ request: Request) -> Response {
    guard status == 200, let total = length else { return self }
    var response = self
    response.headers["Accept-Ranges"] = "bytes"
    guard request.method == .get, let wanted = request.headers["Range"] else { return response }
    if let condition = request.headers["If-Range"], condition != headers["ETag"] { return response }
    switch ByteRange(parsing: wanted, total: total) {
    case .whole: return response
    case .part(let range):
      response.status = 206
      response.headers["Content-Range"] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(total)"
      switch body {
      case .bytes(let bytes): response.body = .bytes(Array(bytes[range]))
      case .file(let path, let part):
        let start = part?.lowerBound ?? 0
        response.body = .file(path: path, range: start + range.lowerBound..<start + range.upperBound)
      case .events: break
      }
      return response
    case .unsatisfiable:
      return Response(status: 416, headers: ["Content-Range": "bytes */\(total)"])
    }
  }

  /// How long the body is; nil for events, and for a file that cannot be read.
  var length: Int? {
    switch body {
    case .bytes(let bytes): bytes.count
    case .file(let path, let range): range?.count ?? fileSize(path)
    case .events: nil
    }
  }
}

/// RFC 9110, 14.2. More than one range is answered with the whole, as the RFC allows: assembling pieces of a file is
/// work that an attacker chooses.
enum ByteRange: Equatable {
  case whole
  case part(Range<Int>)
  case unsatisfiable

  init(parsing text: String, total: Int) {
    guard text.hasPrefix("bytes="), !text.contains(",") else {
      self = .whole
      return
    }
    let bounds = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
    guard bounds.count == 2, bounds.allSatisfy({ $0.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }) else {
      self = .whole
      return
    }
    switch (Int(bounds[0]), Int(bounds[1])) {
    case (nil, let last?) where bounds[0].isEmpty:
      self = last == 0 || total == 0 ? .unsatisfiable : .part(max(0, total - last)..<total)
    case (let first?, nil) where bounds[1].isEmpty:
      self = first < total ? .part(first..<total) : .unsatisfiable
    case (let first?, let last?) where first <= last:
      self = first < total ? .part(first..<min(total, last + 1)) : .unsatisfiable
    default: self = .whole
    }
  }
}
