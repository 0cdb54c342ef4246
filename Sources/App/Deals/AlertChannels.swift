// The ways an alert takes: a log file on this machine, Pushover, ntfy, a webhook, mail. The addresses are the
// operator's own, so they are not judged; redirects are never followed, so that no token goes elsewhere. A reply is
// believed only where it says that the message was taken.
import Base
import DealPricing
import Foundation
import Models

struct AlertChannels: Sendable {
  private static let replySeconds = 20.0

  private let configuration: Configuration
  private let client = HTTPClient()
  private let clock: any Clock

  init(_ configuration: Configuration, clock: any Clock = SystemClock()) {
    self.configuration = configuration
    self.clock = clock
  }

  var names: [String] {
    var names = ["log"]
    if configuration.secret(Settings.pushoverUser) != nil, configuration.secret(Settings.pushoverToken) != nil {
      names.append("pushover")
    }
    if configuration.text(Settings.ntfyURL) != nil { names.append("ntfy") }
    if configuration.text(Settings.webhookURL) != nil { names.append("webhook") }
    if configuration.text(Settings.smtpURL) != nil { names.append("mail") }
    return names
  }

  func send(_ body: JSON, id: String, over channel: String) throws -> String {
    switch channel {
    case "log": try log(body, id)
    case "pushover": try pushover(body)
    case "ntfy": try ntfy(body, id)
    case "webhook": try webhook(body, id)
    case "mail": try mail(body, id)
    default: throw Self.notConfigured("a way named '\(channel)'")
    }
  }

  private static func notConfigured(_ way: String) -> MessageNotTaken {
    MessageNotTaken("\(way) is not configured any more", isForGood: true)
  }

  // MARK: On this machine

  /// A line a message. One that a killed process had written before it could say so is not written twice.
  private func log(_ body: JSON, _ id: String) throws -> String {
    let path = configuration.text(Settings.dealLog) ?? "\(configuration.dataDirectory)/alerts.log"
    let mark = "[\(id)]"
    if let known = try? FileAccess.read(path, bytesMax: Limits.alertLogBytesMax),
      String(decoding: known, as: UTF8.self).contains(mark)
    {
      return "there already"
    }
    let text = Self.line("\(body["text"]?.string ?? "") \(body.url?.string ?? "")")
    let line = "\(CalendarDate.timestamp(clock.wallSeconds())) \(mark) \(text)\n"
    try FileAccess.append(Array(line.utf8), to: path)
    return "written"
  }

  /// Whatever a feed put into its title stays one line without control characters.
  private static func line(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
  }

  // MARK: Over the network

  private func pushover(_ body: JSON) throws -> String {
    guard let user = configuration.secret(Settings.pushoverUser),
      let token = configuration.secret(Settings.pushoverToken),
      let url = configuration.text(Settings.pushoverURL)
    else { throw Self.notConfigured("Pushover") }
    let link = body.url?.string ?? ""
    let fields = [
      ("user", user.reveal()), ("token", token.reveal()), ("title", body.title?.string ?? ""),
      ("message", body["text"]?.string ?? ""),
      // Half an address leads elsewhere.
      ("url", link.unicodeScalars.count <= Limits.pushoverURLScalarsMax ? link : ""), ("sound", "cashregister"),
    ]
    var request = request(url)
    request.body = .bytes(
      Array(fields.map { "\($0.0)=\(Self.escaped($0.1))" }.joined(separator: "&").utf8),
      contentType: "application/x-www-form-urlencoded")
    let reply = try client.send(request)
    // Its API says of every other 4xx that repeating the request never helps: https://pushover.net/api#friendly
    guard !(400..<500).contains(reply.status) || reply.status == 429 else {
      throw MessageNotTaken(Self.said(reply, without: [user, token]), isForGood: true)
    }
    guard reply.head.isSuccess, let json = try? JSON(parsing: reply.body), json.status?.int == 1 else {
      // Seconds since 1970 at which a month's messages are counted anew: https://pushover.net/api#limits
      let counted = reply.status == 429 ? reply.head.header("X-Limit-App-Reset").flatMap(Double.init) : nil
      throw MessageNotTaken(
        Self.said(reply, without: [user, token]), waits: counted.map { $0 - clock.wallSeconds() } ?? waits(reply))
    }
    return json.request?.string ?? "taken"
  }

  private func ntfy(_ body: JSON, _ id: String) throws -> String {
    guard let url = configuration.text(Settings.ntfyURL) else {
      throw Self.notConfigured("ntfy")
    }
    let token = configuration.secret(Settings.ntfyToken)
    var request = request(url)
    // Of one sequence the newest is shown: a repeat takes the first one's place.
    // https://docs.ntfy.sh/publish/#updating-deleting-notifications
    request.headers = [("Title", "Deal alert"), ("Tags", "moneybag"), ("X-Sequence-ID", id)]
    let link = body.url?.string ?? ""
    if link.hasPrefix("http"), link.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
      request.headers.append(("Click", link))
    }
    if let token { request.headers.append(("Authorization", "Bearer \(token.reveal())")) }
    request.body = .bytes(Array((body["text"]?.string ?? "").utf8), contentType: "text/plain; charset=utf-8")
    let reply = try checked(request, secrets: [token].compactMap { $0 })
    guard let json = try? JSON(parsing: reply.body), let receipt = json.id?.string else {
      throw MessageNotTaken("it answered \(reply.status) without an id of the message")
    }
    return receipt
  }

  private func webhook(_ body: JSON, _ id: String) throws -> String {
    guard let url = configuration.text(Settings.webhookURL) else {
      throw Self.notConfigured("a webhook")
    }
    let token = configuration.secret(Settings.webhookToken)
    var members = body.object ?? [:]
    members["id"] = .string(id)
    var request = request(url)
    request.headers = [("Idempotency-Key", id)]
    if let token { request.headers.append(("Authorization", "Bearer \(token.reveal())")) }
    request.body = .bytes(JSON.object(members).utf8, contentType: "application/json")
    return "status \(try checked(request, secrets: [token].compactMap { $0 }).status)"
  }

  private func mail(_ body: JSON, _ id: String) throws -> String {
    guard let url = configuration.text(Settings.smtpURL) else {
      throw Self.notConfigured("a mail server")
    }
    let to = (configuration.text(Settings.smtpTo) ?? "").split { $0 == "," || $0 == " " }.map(String.init)
    let server = MailServer(
      url: url, user: configuration.text(Settings.smtpUser), password: configuration.secret(Settings.smtpPassword),
      encryption: configuration.text(Settings.smtpTLS).flatMap(MailServer.Encryption.init(rawValue:)) ?? .required)
    do {
      let mail = try Mail(
        from: configuration.text(Settings.smtpFrom) ?? to.first ?? "", to: to,
        subject: Self.line(body["title"]?.string ?? "Deal alert"),
        text: "\(body["text"]?.string ?? "")\n\n\(body.url?.string ?? "")\n", id: id,
        at: clock.wallSeconds())
      return "reply \(try MailClient.send(mail, over: server))"
    } catch let failure as MailFailure where failure.cause == .refused {
      throw MessageNotTaken(failure.message, isForGood: true)
    }
  }

  private func request(_ url: String) -> HTTPRequest {
    var request = HTTPRequest("POST", url)
    request.replyBytesMax = 1 << 20
    request.timeouts.firstByteSeconds = Self.replySeconds
    request.timeouts.betweenBytesSeconds = Self.replySeconds
    request.timeouts.wholeSeconds = Self.replySeconds * 2
    return request
  }

  /// Taken is 2xx. What will never be taken is told apart from what may be taken later.
  private func checked(_ request: HTTPRequest, secrets: [Secret]) throws -> HTTPReply {
    let reply = try client.send(request)
    if reply.head.isSuccess { return reply }
    // Whatever a server has wrong with itself may pass; so may a redirect and a token that the operator mends.
    let mayTakeLater =
      RetryPolicy.isWorthAnotherTry(status: reply.status) || !(400..<500).contains(reply.status) || reply.status == 401
    throw MessageNotTaken(Self.said(reply, without: secrets), isForGood: !mayTakeLater, waits: waits(reply))
  }

  private static func said(_ reply: HTTPReply, without secrets: [Secret]) -> String {
    let words = String(decoding: reply.body.prefix(200), as: UTF8.self).without(secrets)
    return line("it answered \(reply.status): \(words)")
  }

  private func waits(_ reply: HTTPReply) -> Double? {
    RetryAfter.seconds(reply.head, wallSeconds: clock.wallSeconds())
  }

  private static func escaped(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
  }
}
