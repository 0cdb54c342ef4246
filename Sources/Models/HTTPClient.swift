// HTTP requests through libcurl. Redirects are never followed, so that no key goes where it was not sent; only HTTP and
// HTTPS are spoken; a reply is cut off at its cap by counting what arrives (libcurl's own limit does not stop a running
// transfer before 8.4: https://curl.se/libcurl/c/CURLOPT_MAXFILESIZE_LARGE.html).
package import Base
import CCurl

package struct HTTPRequest: Sendable {
  package enum Body: Sendable {
    case none
    case bytes([UInt8], contentType: String)
    case form([FormPart])
  }

  /// A part of a multipart form: a field, or a file where it has a file name.
  package struct FormPart: Sendable {
    package let name: String
    package let filename: String?
    package let content: [UInt8]

    package init(name: String, filename: String? = nil, content: [UInt8]) {
      self.name = name
      self.filename = filename
      self.content = content
    }
  }

  package var method: String
  package var url: String
  package var headers: [(name: String, value: String)] = []
  package var body: Body = .none
  package var connectSecondsMax = 10
  /// The longest silence: fewer than one byte a second for so long ends the transfer.
  package var idleSecondsMax = 120
  package var replyBytesMax = 64 << 20

  package init(_ method: String, _ url: String) {
    self.method = method
    self.url = url
  }
}

package struct HTTPReply: Sendable {
  package let status: Int
  package let body: [UInt8]
}

package struct HTTPClientError: Failure, Equatable {
  package enum Cause: Sendable, Equatable {
    case badURL
    case unreachable
    case timedOut
    case replyTooLarge
    case brokenOff
    case stoppedByReceiver
  }

  package let cause: Cause
  package let host: String
  package let detail: String

  package var kind: FailureKind { cause == .badURL ? .usage : cause == .timedOut ? .timeout : .upstream }
  package var code: String {
    switch cause {
    case .badURL: "bad_url"
    case .unreachable: "endpoint_unreachable"
    case .timedOut: "endpoint_timeout"
    case .replyTooLarge: "reply_too_large"
    case .brokenOff: "reply_broken_off"
    case .stoppedByReceiver: "stopped"
    }
  }
  package var message: String { "\(host): \(detail)" }
}

package struct HTTPClient: Sendable {
  package init() { HTTPClient.initializeOnce }

  // curl_global_init is not safe beside other threads' use of libcurl; a static runs once, before any handle is made:
  // https://curl.se/libcurl/c/curl_global_init.html
  private static let initializeOnce: Void = { _ = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }()

  /// Sends and waits for the whole reply, whatever its status.
  package func send(_ request: HTTPRequest) throws -> HTTPReply {
    var body: [UInt8] = []
    let status = try stream(request) { body += $0 }
    return HTTPReply(status: status, body: body)
  }

  /// Sends and hands the reply's bytes over as they come. An error thrown by `receive` stops the transfer and is passed
  /// on. Returns the status.
  package func stream(_ request: HTTPRequest, receive: ([UInt8]) throws -> Void) throws -> Int {
    let transfer = try Transfer(request)
    return try transfer.perform(request, receive: receive)
  }
}

/// One easy handle with what it points to: header list and form live as long as it does.
@safe private struct Transfer: ~Copyable {
  private let handle: OpaquePointer
  private var headers: UnsafeMutablePointer<curl_slist>?
  private var form: OpaquePointer?

  init(_ request: HTTPRequest) throws {
    guard let made = unsafe curl_easy_init() else { preconditionFailure("libcurl cannot make a handle") }
    unsafe handle = OpaquePointer(made)
    unsafe headers = nil
    unsafe form = nil
    set(CURLOPT_URL, request.url)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_CONNECTTIMEOUT, request.connectSecondsMax)
    set(CURLOPT_LOW_SPEED_LIMIT, 1)
    set(CURLOPT_LOW_SPEED_TIME, request.idleSecondsMax)
    set(CURLOPT_CUSTOMREQUEST, request.method)
    if request.method == "HEAD" { set(CURLOPT_NOBODY, 1) }
    // Never wait for '100 Continue': our own server answers at once, and others may not answer at all.
    var lines = request.headers.map { "\($0.name): \($0.value)" } + ["Expect:"]
    switch request.body {
    case .none: break
    case .bytes(let bytes, let contentType):
      lines.append("Content-Type: \(contentType)")
      unsafe bytes.withUnsafeBytes { content in
        // An empty body still needs an address.
        let start = unsafe content.baseAddress?.assumingMemoryBound(to: CChar.self)
        if let start = unsafe start {
          _ = unsafe footnote_curl_set_body(raw, start, curl_off_t(content.count))
        } else {
          _ = unsafe footnote_curl_set_body(raw, "", 0)
        }
      }
    case .form(let parts): addForm(parts)
    }
    for line in lines { unsafe headers = unsafe curl_slist_append(headers, line) }
    _ = unsafe footnote_curl_set_pointer(raw, CURLOPT_HTTPHEADER, headers)
  }

  deinit {
    unsafe curl_easy_cleanup(raw)
    unsafe curl_slist_free_all(headers)
    if let form = unsafe form { unsafe curl_mime_free(form) }
  }

  private var raw: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(handle) }

  private func set(_ option: CURLoption, _ value: Int) { _ = unsafe footnote_curl_set_long(raw, option, value) }
  private func set(_ option: CURLoption, _ value: String) { _ = unsafe footnote_curl_set_text(raw, option, value) }

  private mutating func addForm(_ parts: [HTTPRequest.FormPart]) {
    guard let made = unsafe curl_mime_init(raw) else { preconditionFailure("libcurl cannot make a form") }
    for part in parts {
      guard let field = unsafe curl_mime_addpart(made) else { preconditionFailure("libcurl cannot make a part") }
      unsafe curl_mime_name(field, part.name)
      if let filename = part.filename { unsafe curl_mime_filename(field, filename) }
      unsafe part.content.withUnsafeBytes { content in
        // curl_mime_data copies: https://curl.se/libcurl/c/curl_mime_data.html
        let start = unsafe content.baseAddress?.assumingMemoryBound(to: CChar.self)
        if let start = unsafe start {
          _ = unsafe curl_mime_data(field, start, content.count)
        } else {
          _ = unsafe curl_mime_data(field, "", 0)
        }
      }
    }
    _ = unsafe footnote_curl_set_pointer(raw, CURLOPT_MIMEPOST, UnsafeMutableRawPointer(made))
    unsafe form = made
  }

  func perform(_ request: HTTPRequest, receive: ([UInt8]) throws -> Void) throws -> Int {
    try withoutActuallyEscaping(receive) { receive in
      let sink = Sink(bytesMax: request.replyBytesMax, receive: receive)
      _ = unsafe footnote_curl_set_data(raw, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
        guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
        let sink = unsafe Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue()
        let arrived = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
        // Fewer bytes than were given stop the transfer.
        return unsafe sink.take([UInt8](arrived)) ? size * count : 0
      }
      let result = withExtendedLifetime(sink) {
        _ = unsafe footnote_curl_set_pointer(raw, CURLOPT_WRITEDATA, Unmanaged.passUnretained(sink).toOpaque())
        return unsafe curl_easy_perform(raw)
      }
      if let error = sink.error { throw error }
      guard result == CURLE_OK else { throw failure(result, request, sink) }
      var status = 0
      _ = unsafe footnote_curl_get_long(raw, CURLINFO_RESPONSE_CODE, &status)
      return status
    }
  }

  private func failure(_ result: CURLcode, _ request: HTTPRequest, _ sink: Sink) -> HTTPClientError {
    let cause: HTTPClientError.Cause =
      switch result {
      case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .badURL
      case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST: .unreachable
      case CURLE_OPERATION_TIMEDOUT: .timedOut
      case CURLE_WRITE_ERROR where sink.isFull: .replyTooLarge
      default: .brokenOff
      }
    // The host alone: a URL may carry a secret in its query.
    let afterScheme = request.url.split(separator: "://", maxSplits: 1).last ?? ""
    let authority = afterScheme.prefix { $0 != "/" && $0 != "?" }.split(separator: "@").last ?? ""
    return HTTPClientError(
      cause: cause, host: String(authority), detail: unsafe String(cString: curl_easy_strerror(result)))
  }
}

/// Where a transfer's bytes go; used by the one thread that performs it.
private final class Sink {
  private let receive: ([UInt8]) throws -> Void
  private var bytesLeft: Int
  private(set) var error: (any Error)?
  var isFull: Bool { bytesLeft < 0 }

  init(bytesMax: Int, receive: @escaping ([UInt8]) throws -> Void) {
    bytesLeft = bytesMax
    self.receive = receive
  }

  func take(_ bytes: [UInt8]) -> Bool {
    bytesLeft -= bytes.count
    guard bytesLeft >= 0 else { return false }
    do {
      try receive(bytes)
      return true
    } catch {
      self.error = error
      return false
    }
  }
}
