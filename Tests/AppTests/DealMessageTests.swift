// Alerts on their way through the binary: Pushover and ntfy as their APIs have it, a webhook, mail; what is not taken
// stays in the outbox until its time, and what is given up says why.
import Base
import Foundation
import ScriptedEndpoint
import Synchronization
import Testing

@Suite struct DealMessageTests {
  /// One run that alerts, and the messages that it left.
  private func messages(
    _ settings: [String: String], _ channel: String
  ) throws -> (stage: DealStage, deal: JSON, message: JSON) {
    let stage = try DealStage(settings)
    _ = try stage.json("deals", "run")
    let deal = try #require(try stage.deals().first { $0.alerted?.bool == true })
    return (stage, deal, try #require(deal.messages?.array?.first { $0.channel?.string == channel }))
  }

  private func form(_ request: ScriptedEndpoint.Request) -> [String: String] {
    let pairs = String(decoding: request.body, as: UTF8.self).split(separator: "&").map { pair in
      pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    }
    return Dictionary(pairs.map { ($0[0], $0[1].removingPercentEncoding ?? "?") }) { first, _ in first }
  }

  private static let pushover = ["PUSHOVER_USER": "the-user", "PUSHOVER_TOKEN": "the-token"]

  // https://pushover.net/api
  @Test func pushoverGetsItsForm() throws {
    let receiver = try ScriptedEndpoint { _, _ in .json(["status": 1, "request": "receipt-7"]) }
    defer { receiver.stop() }
    let settings = Self.pushover.merging(["FOOTNOTE_PUSHOVER_URL": receiver.url + "/1/messages.json"]) { $1 }
    let (stage, deal, message) = try messages(settings, "pushover")
    #expect(message.state?.string == "sent" && message.outcome?.string == "receipt-7")
    let request = try #require(receiver.requests.first)
    #expect(receiver.requests.count == 1 && request.method == "POST" && request.path == "/1/messages.json")
    #expect(request.header("Content-Type") == "application/x-www-form-urlencoded")
    let form = form(request)
    #expect(form["user"] == "the-user" && form["token"] == "the-token" && form["sound"] == "cashregister")
    #expect(form["url"] == deal.deal?.url?.string && form["title"] == "Deal alert")
    let text = form["message"] ?? ""
    #expect(text.contains("price USD 20.00") && text.contains("kettle") && text.contains("discount 1"), "\(text)")
    #expect(stage.told.count == 1, "the log file gets it as well")
  }

  /// What came back, what becomes of the message, and how long it waits at least.
  @Test(arguments: [
    (400, #"{"user":"invalid","errors":["user identifier is invalid"],"status":0}"#, "", "given_up", 0.0),
    (200, #"{"status":0,"request":"r"}"#, "", "waiting", 0), (200, "<html>", "", "waiting", 0),
    (500, "", "", "waiting", 0), (429, #"{"status":0}"#, "X-Limit-App-Reset", "waiting", 7_000),
    (503, "", "Retry-After", "waiting", 7_000),
  ])
  func pushoverIsBelievedByItsOwnWord(
    _ status: Int, _ body: String, _ header: String, _ state: String, _ waits: Double
  ) throws {
    let receiver = try ScriptedEndpoint { _, _ in
      let value = header.hasPrefix("X") ? "\(Int(Date().timeIntervalSince1970) + 7_200)" : "7200"
      return .reply(status, header.isEmpty ? [] : [(header, value)], body: Array(body.utf8))
    }
    defer { receiver.stop() }
    let begun = Date().timeIntervalSince1970
    let settings = Self.pushover.merging(["FOOTNOTE_PUSHOVER_URL": receiver.url]) { $1 }
    let (stage, deal, message) = try messages(settings, "pushover")
    #expect(message.state?.string == state, "\(message)")
    #expect(!message.text.contains("the-token") && !message.text.contains("the-user"))
    guard state == "waiting" else { return #expect(message.outcome?.string?.contains("invalid") == true) }
    let next = try #require(message.next_at?.string.flatMap { CalendarDate.seconds($0) })
    #expect(next >= begun + max(15, waits))
    // Not before its time; by hand at once, under the same id.
    _ = try stage.json("deals", "run")
    #expect(receiver.requests.count == 1)
    let id = try #require(deal.id?.string)
    #expect(try stage.run("deals", "notify", id).status == 1)
    #expect(receiver.requests.count == 2)
    let again = try stage.json("deals", "show", id).messages?.array?.filter { $0.channel?.string == "pushover" } ?? []
    #expect(again.count == 1 && again[0].id == message.id && again[0].attempts?.int == 2)
  }

  // https://docs.ntfy.sh/publish/
  @Test func ntfyGetsItsHeadersAndARepeatIsKnownByItsSequence() throws {
    let receiver = try ScriptedEndpoint { _, number in
      number == 0 ? .error(507, "quota") : .json(["id": "ntfy-1", "event": "message", "topic": "deals"])
    }
    defer { receiver.stop() }
    let settings = ["FOOTNOTE_NTFY_URL": receiver.url + "/deals", "FOOTNOTE_NTFY_TOKEN": "tk_secret"]
    let (stage, deal, message) = try messages(settings, "ntfy")
    #expect(message.state?.string == "waiting" && message.outcome?.string?.contains("507") == true)
    #expect(!message.text.contains("tk_secret"))
    let id = try #require(deal.id?.string)
    #expect(try stage.json("deals", "notify", id).sent?.int == 1)
    let sent = try #require(receiver.requests.last)
    #expect(sent.method == "POST" && sent.path == "/deals" && sent.header("Title") == "Deal alert")
    #expect(sent.header("Authorization") == "Bearer tk_secret" && sent.header("Click") == deal.deal?.url?.string)
    #expect(String(decoding: sent.body, as: UTF8.self).contains("price USD 20.00"))
    let after = try stage.json("deals", "show", id).messages?.array?.last { $0.channel?.string == "ntfy" }
    #expect(after?.state?.string == "sent" && after?.outcome?.string == "ntfy-1")
    let sequences = Set(receiver.requests.map { $0.header("X-Sequence-ID") })
    #expect(after?.id == message.id && sequences == [message.id?.string])
  }

  @Test func mailGoesAsItIsConfigured() throws {
    let server = try ScriptedMailServer([
      "EHLO": "250-scripted\r\n250 AUTH PLAIN", "AUTH": "334 ", "AG1LAHN3B3JKZMLZAA==": "235 in",
    ])
    defer { server.stop() }
    let settings = [
      "FOOTNOTE_SMTP_URL": server.url, "FOOTNOTE_SMTP_FROM": "finder@example.org", "FOOTNOTE_SMTP_USER": "me",
      "FOOTNOTE_SMTP_PASSWORD": "swordfish", "FOOTNOTE_SMTP_TO": "a@example.org, b@example.org",
      "FOOTNOTE_SMTP_TLS": "offered",
    ]
    let (_, deal, message) = try messages(settings, "mail")
    #expect(message.state?.string == "sent" && message.outcome?.string == "reply 250", "\(message)")
    #expect(
      server.commands.filter { $0.hasPrefix("MAIL") || $0.hasPrefix("RCPT") }.map { $0.prefix(31) } == [
        "MAIL FROM:<finder@example.org>", "RCPT TO:<a@example.org>", "RCPT TO:<b@example.org>",
      ])
    let mail = try #require(server.messages.first)
    #expect(mail.contains("Subject: Deal alert") && mail.contains("Message-ID: <\(message.id?.string ?? "?")@"))
    let body = mail.components(separatedBy: "\r\n\r\n").last?.filter { !$0.isNewline } ?? ""
    let text = String(decoding: Data(base64Encoded: body) ?? Data(), as: UTF8.self)
    #expect(text.contains("price USD 20.00") && text.contains(deal.deal?.url?.string ?? "?"), "\(text)")
  }

  @Test(arguments: [
    (["RCPT": "550 nobody here"], [:], "given_up"), (["END": "451 later"], [:], "waiting"),
    // No password without encryption, unless the settings say so.
    ([:], ["FOOTNOTE_SMTP_TLS": "required"], "waiting"), ([:], ["FOOTNOTE_SMTP_TO": "no address"], "waiting"),
  ])
  func mailThatIsNotTakenIsKept(_ replies: [String: String], _ more: [String: String], _ state: String) throws {
    let server = try ScriptedMailServer(replies)
    defer { server.stop() }
    let settings = [
      "FOOTNOTE_SMTP_URL": server.url, "FOOTNOTE_SMTP_FROM": "f@example.org", "FOOTNOTE_SMTP_TO": "a@example.org",
      "FOOTNOTE_SMTP_TLS": "offered",
    ].merging(more) { $1 }
    let (stage, _, message) = try messages(settings, "mail")
    #expect(message.state?.string == state, "\(message)")
    #expect(message.outcome?.string?.isEmpty == false)
    #expect(stage.told.count == 1, "another way's failure costs the log nothing")
    #expect(try stage.json("health").parts?.outbox?.status?.string == "degraded")
  }

  @Test func aWayThatIsConfiguredNoMoreIsGivenUpAndSaid() throws {
    let hook = try ScriptedEndpoint { _, _ in .error(503) }
    let stage = try DealStage(["FOOTNOTE_WEBHOOK_URL": hook.url])
    _ = try stage.json("deals", "run")
    hook.stop()
    let deal = try #require(try stage.deals().first { $0.alerted?.bool == true })
    let id = try #require(deal.id?.string)
    let outcome = try stage.run("deals", "notify", id, "--json", more: ["FOOTNOTE_WEBHOOK_URL": ""])
    #expect(outcome.status == 1 && outcome.errors.contains("not configured any more"), "\(outcome.errors)")
  }
}
