// One easy handle with what it points to, and the place where its bytes go.
import Base
import CCurl

#if canImport(Glibc)
  import Glibc
#endif

/// Header list, form and sink live as long as the handle does.
@safe struct HTTPTransfer: ~Copyable {
  private let handle: OpaquePointer
  private let host: String
  private let sink: TransferSink
  private var headers: UnsafeMutablePointer<curl_slist>?
  private var form: OpaquePointer?

  init(_ request: HTTPRequest, sink: TransferSink) {
    guard let made = unsafe curl_easy_init() else { preconditionFailure("libcurl cannot make a handle") }
    unsafe handle = OpaquePointer(made)
    self.sink = sink
    host = HTTPTransfer.host(of: request.url)
    unsafe headers = nil
    unsafe form = nil
    set(CURLOPT_URL, request.url)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_CONNECTTIMEOUT_MS, Int(request.timeouts.connectSeconds * 1_000))
    set(CURLOPT_CUSTOMREQUEST, request.method)
    set(CURLOPT_USERAGENT, request.userAgent)
    // What goes to this machine goes to no proxy.
    if HTTPTransfer.isLoopback(host) { set(CURLOPT_NOPROXY, "*") }
    // The empty text asks for every packing that libcurl can undo:
    // https://curl.se/libcurl/c/CURLOPT_ACCEPT_ENCODING.html
    if request.unpacks { set(CURLOPT_ACCEPT_ENCODING, "") }
    if request.reach == .publicOnly { keepPublic(sink) }
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
    direct(to: sink)
  }

  deinit {
    unsafe curl_easy_cleanup(raw)
    unsafe curl_slist_free_all(headers)
    if let form = unsafe form { unsafe curl_mime_free(form) }
  }

  var raw: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(handle) }

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

  /// Fewer bytes taken than were given stop the transfer: https://curl.se/libcurl/c/CURLOPT_WRITEFUNCTION.html
  private func direct(to sink: TransferSink) {
    _ = unsafe footnote_curl_set_data(raw, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
      let sink = unsafe Unmanaged<TransferSink>.fromOpaque(context).takeUnretainedValue()
      let arrived = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
      return unsafe sink.take([UInt8](arrived)) ? size * count : 0
    }
    _ = unsafe footnote_curl_set_data(raw, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
      let sink = unsafe Unmanaged<TransferSink>.fromOpaque(context).takeUnretainedValue()
      let arrived = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
      return unsafe sink.takeHeader(String(decoding: arrived, as: UTF8.self)) ? size * count : 0
    }
    let context = unsafe Unmanaged.passUnretained(sink).toOpaque()
    _ = unsafe footnote_curl_set_pointer(raw, CURLOPT_WRITEDATA, context)
    _ = unsafe footnote_curl_set_pointer(raw, CURLOPT_HEADERDATA, context)
  }

  /// Every address is looked at as its socket is opened, after the name was resolved: a name that leads elsewhere the
  /// second time gains nothing: https://curl.se/libcurl/c/CURLOPT_OPENSOCKETFUNCTION.html
  private func keepPublic(_ sink: TransferSink) {
    set(CURLOPT_PROXY, "")
    _ = unsafe footnote_curl_set_opener(raw) { context, _, address in
      guard let context = unsafe context, let address = unsafe address,
        let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr)
      else { return CURL_SOCKET_BAD }
      let sink = unsafe Unmanaged<TransferSink>.fromOpaque(context).takeUnretainedValue()
      let length = unsafe Int(address.pointee.addrlen)
      // libcurl reserves room for the longest address behind the field: lib/connect.h, Curl_sockaddr_ex.
      let bytes = unsafe [UInt8](
        UnsafeRawBufferPointer(start: UnsafeRawPointer(address).advanced(by: offset), count: min(length, 128)))
      guard unsafe NetworkAddress(family: address.pointee.family, socketAddress: bytes)?.isPublic == true else {
        sink.forbid()
        return CURL_SOCKET_BAD
      }
      return unsafe socket(
        address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
    }
    _ = unsafe footnote_curl_set_pointer(
      raw, CURLOPT_OPENSOCKETDATA, Unmanaged.passUnretained(sink).toOpaque())
  }

  // MARK: What it tells while it runs

  /// Ready to send, TLS included.
  var isConnected: Bool { offset(CURLINFO_PRETRANSFER_TIME_T) > 0 }
  var bytesSent: Int { offset(CURLINFO_SIZE_UPLOAD_T) }

  private func offset(_ info: CURLINFO) -> Int {
    var value: curl_off_t = 0
    _ = unsafe footnote_curl_get_offset(raw, info, &value)
    return Int(value)
  }

  func failure(_ cause: HTTPClientError.Cause, _ detail: String) -> HTTPClientError {
    HTTPClientError(cause: cause, host: host, detail: detail)
  }

  func failure(_ result: CURLcode, _ sink: TransferSink) -> HTTPClientError {
    if sink.isForbidden {
      return failure(.forbiddenAddress, "the name leads to an address that is not on the public network")
    }
    if sink.isFull { return failure(.replyTooLarge, "the reply is larger than \(sink.bytesMax) bytes") }
    let cause: HTTPClientError.Cause =
      switch result {
      case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .badURL
      case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .unreachable
      case CURLE_OPERATION_TIMEDOUT: .timedOut
      default: .brokenOff
      }
    return failure(cause, unsafe String(cString: curl_easy_strerror(result)).lowercasedFirst)
  }

  private static func host(of url: String) -> String {
    let afterScheme = url.split(separator: "://", maxSplits: 1).last ?? ""
    let authority = afterScheme.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    return String(authority.split(separator: "@").last ?? "")
  }

  private static func isLoopback(_ host: String) -> Bool {
    host.hasPrefix("[::1]") || host.hasPrefix("127.") || host.prefix { $0 != ":" } == "localhost"
  }
}

extension String {
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}

/// Where a transfer's bytes go; used by the one thread that performs it.
final class TransferSink {
  private let begin: (HTTPReplyHead) throws -> Void
  private let receive: ([UInt8]) throws -> Void
  let bytesMax: Int
  private var bytesLeft: Int
  private var headerBytesLeft = Limits.replyHeaderBytesMax
  private var status = 0
  private var headers: [(name: String, value: String)] = []
  private var isHeadTold = false
  private var hasMoved = false
  private(set) var error: (any Error)?
  private(set) var isForbidden = false

  init(
    bytesMax: Int, begin: @escaping (HTTPReplyHead) throws -> Void, receive: @escaping ([UInt8]) throws -> Void
  ) {
    self.bytesMax = bytesMax
    bytesLeft = bytesMax
    self.begin = begin
    self.receive = receive
  }

  var isFull: Bool { bytesLeft < 0 || headerBytesLeft < 0 }
  var hasBegun: Bool { status != 0 }

  /// An address was refused.
  func forbid() { isForbidden = true }

  /// Whether anything has come since it was last asked.
  func takeMovement() -> Bool {
    defer { hasMoved = false }
    return hasMoved
  }

  /// A header line, status lines included; interim replies begin the head anew.
  func takeHeader(_ line: String) -> Bool {
    hasMoved = true
    headerBytesLeft -= line.utf8.count
    guard headerBytesLeft >= 0 else { return false }
    if line.hasPrefix("HTTP/") {
      status = Int(line.split(separator: " ").dropFirst().first ?? "") ?? 0
      headers = []
    } else if let colon = line.firstIndex(of: ":") {
      headers.append((String(line[..<colon]), line[line.index(after: colon)...].trimmed))
    }
    return true
  }

  func take(_ bytes: [UInt8]) -> Bool {
    hasMoved = true
    bytesLeft -= bytes.count
    guard bytesLeft >= 0 else { return false }
    do {
      try tellHead()
      try receive(bytes)
      return true
    } catch {
      self.error = error
      return false
    }
  }

  /// The head, told even where no body came.
  func end() throws -> HTTPReplyHead {
    try tellHead()
    return head
  }

  private var head: HTTPReplyHead { HTTPReplyHead(status: status, headers: headers) }

  private func tellHead() throws {
    guard !isHeadTold else { return }
    isHeadTold = true
    try begin(head)
  }
}

extension Substring {
  fileprivate var trimmed: String {
    let start = drop(while: \.isWhitespace)
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start.prefix(through: last))
  }
}
