// Mail over SMTP through libcurl: one message to its receivers, taken or not by the server's own word.
// Invariants: what comes from outside stands in no header unencoded, so no line of it becomes a header; the body is
// base64, so no line of it ends the message; the password never goes over a connection without TLS, unless the operator
// says so; only SMTP is spoken.
// https://curl.se/libcurl/c/CURLOPT_MAIL_FROM.html and the other CURLOPT_MAIL_ pages
package import Base
import CCurl

package struct MailServer: Sendable {
  package enum Encryption: String, Sendable, CaseIterable {
    /// smtps://, or STARTTLS on smtp://, else nothing is sent.
    case required
    /// STARTTLS where the server offers it.
    case offered
  }

  package let url: String
  package let user: String?
  package let password: Secret?
  package let encryption: Encryption
  package var secondsMax = 60.0

  package init(url: String, user: String?, password: Secret?, encryption: Encryption) {
    self.url = url
    self.user = user
    self.password = password
    self.encryption = encryption
  }
}

package struct MailFailure: Failure, Equatable {
  package enum Cause: Sendable, Equatable {
    /// The server will never take it.
    case refused
    case login
    case other
  }

  package let cause: Cause
  /// The server's last reply; 0: it gave none.
  package let reply: Int
  let detail: String

  package var kind: FailureKind { .upstream }
  package var code: String { "mail_not_taken" }
  package var message: String {
    "the mail server did not take the message: \(detail)" + (reply > 0 ? " (it answered \(reply))" : "")
  }
  package var hint: String { cause == .login ? "check deals.smtp.user and deals.smtp.password" : "" }
}

package enum MailClient {
  /// The server's last reply, which is of the 200s. Waits for it.
  @discardableResult
  package static func send(_ mail: Mail, over server: MailServer) throws -> Int {
    HTTPClient.initializeOnce
    return try MailTransfer(mail, server).perform()
  }
}

@safe private struct MailTransfer: ~Copyable {
  private let handle: OpaquePointer
  private let source: MailSource
  private var receivers: UnsafeMutablePointer<curl_slist>?

  init(_ mail: Mail, _ server: MailServer) {
    guard let made = unsafe curl_easy_init() else { preconditionFailure("libcurl cannot make a handle") }
    unsafe handle = OpaquePointer(made)
    source = MailSource(mail.bytes)
    unsafe receivers = nil
    set(CURLOPT_URL, server.url)
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
    set(CURLOPT_PROXY, "")
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_CONNECTTIMEOUT_MS, Int(min(server.secondsMax, 20) * 1_000))
    set(CURLOPT_TIMEOUT_MS, Int(server.secondsMax * 1_000))
    // CURLUSESSL_ALL is 3, CURLUSESSL_TRY 1: https://curl.se/libcurl/c/CURLOPT_USE_SSL.html
    set(CURLOPT_USE_SSL, server.encryption == .required ? 3 : 1)
    if let user = server.user { set(CURLOPT_USERNAME, user) }
    if let password = server.password { set(CURLOPT_PASSWORD, password.reveal()) }
    set(CURLOPT_MAIL_FROM, "<\(mail.from)>")
    for receiver in mail.to { unsafe receivers = unsafe curl_slist_append(receivers, "<\(receiver)>") }
    _ = unsafe footnote_curl_set_pointer(raw, CURLOPT_MAIL_RCPT, receivers)
    set(CURLOPT_UPLOAD, 1)
    _ = unsafe footnote_curl_set_data(raw, CURLOPT_READFUNCTION) { bytes, size, count, context in
      guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
      let source = unsafe Unmanaged<MailSource>.fromOpaque(context).takeUnretainedValue()
      let room = unsafe UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
      return unsafe source.fill(room)
    }
    _ = unsafe footnote_curl_set_pointer(raw, CURLOPT_READDATA, Unmanaged.passUnretained(source).toOpaque())
    // What the server says goes nowhere: else libcurl writes it to standard output.
    _ = unsafe footnote_curl_set_data(raw, CURLOPT_WRITEFUNCTION) { _, size, count, _ in size * count }
  }

  deinit {
    unsafe curl_easy_cleanup(raw)
    unsafe curl_slist_free_all(receivers)
  }

  private var raw: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(handle) }
  private func set(_ option: CURLoption, _ value: Int) { _ = unsafe footnote_curl_set_long(raw, option, value) }
  private func set(_ option: CURLoption, _ value: String) { _ = unsafe footnote_curl_set_text(raw, option, value) }

  borrowing func perform() throws -> Int {
    let result = unsafe curl_easy_perform(raw)
    var reply = 0
    _ = unsafe footnote_curl_get_long(raw, CURLINFO_RESPONSE_CODE, &reply)
    guard result == CURLE_OK, (200..<300).contains(reply) else {
      let isLogin = result == CURLE_LOGIN_DENIED || [530, 534, 535, 538].contains(reply)
      let cause: MailFailure.Cause = isLogin ? .login : (550..<560).contains(reply) ? .refused : .other
      let said = unsafe String(cString: curl_easy_strerror(result))
      throw MailFailure(cause: cause, reply: reply, detail: said.prefix(1).lowercased() + said.dropFirst())
    }
    return reply
  }
}

/// Where the message is read from; used by the one thread that performs the transfer.
private final class MailSource {
  private let bytes: [UInt8]
  private var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func fill(_ room: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(room.count, bytes.count - at)
    unsafe room.copyBytes(from: bytes[at..<at + count])
    at += count
    return count
  }
}
