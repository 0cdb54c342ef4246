// Mail against a server that takes, refuses, delays and hangs up; what a feed wrote becomes no header and no command.
import Base
import Foundation
import ScriptedEndpoint
import Testing

@testable import Models

@Suite struct MailClientTests {
  private func mail(_ subject: String = "Deal alert", _ text: String = "A kettle for $5") throws -> Mail {
    try Mail(
      from: "me@example.org", to: ["you@example.org", "us@example.org"], subject: subject, text: text, id: "id-1",
      at: 1_800_000_000)
  }

  private func send(_ mail: Mail, to server: ScriptedMailServer, user: String? = nil) throws -> Int {
    try MailClient.send(
      mail,
      over: MailServer(
        url: server.url, user: user, password: user.map { _ in Secret("swordfish") }, encryption: .offered))
  }

  private func failure(_ replies: [String: String]) throws -> MailFailure? {
    let server = try ScriptedMailServer(replies)
    defer { server.stop() }
    do {
      _ = try send(mail(), to: server)
      return nil
    } catch { return error as? MailFailure }
  }

  @Test func aMessageArrivesAsItWasWritten() throws {
    let server = try ScriptedMailServer()
    defer { server.stop() }
    let text = "Grüße\r\n.\r\nMAIL FROM:<x@y>\n" + String(repeating: "long ", count: 100)
    #expect(try send(mail("Kettle: günstig\r\nBcc: all@example.org", text), to: server) == 250)
    #expect(server.commands.filter { $0.hasPrefix("MAIL") }.count == 1)
    #expect(
      server.commands.filter { $0.hasPrefix("RCPT") } == ["RCPT TO:<you@example.org>", "RCPT TO:<us@example.org>"])
    let message = try #require(server.messages.first)
    let parts = message.components(separatedBy: "\r\n\r\n")
    #expect(!parts[0].contains("\nBcc:") && parts[0].contains("Message-ID: <id-1@example.org>"))
    #expect(parts[0].contains("Date: Fri, 15 Jan 2027 08:00:00 +0000"))
    let body = try #require(Data(base64Encoded: parts[1].filter { !$0.isNewline }))
    #expect(String(decoding: body, as: UTF8.self) == text)
  }

  @Test func aRefusalIsToldFromATrouble() throws {
    #expect(try failure(["RCPT": "550 nobody here"])?.cause == .refused)
    #expect(try failure(["END": "554 spam"])?.cause == .refused)
    #expect(try failure(["END": "451 later"])?.cause == .other)
    #expect(try failure(["HELLO": "421 busy"])?.cause == .other)
    #expect(try failure(["MAIL": "530 log in first"])?.cause == .login)
    #expect(try failure([:]) == nil)
  }

  @Test func noPasswordGoesWithoutTLSWhereItIsRequired() throws {
    let server = try ScriptedMailServer(["EHLO": "250-scripted\r\n250 AUTH PLAIN"])
    defer { server.stop() }
    let strict = MailServer(
      url: server.url, user: "me", password: Secret("swordfish"), encryption: .required)
    #expect(throws: MailFailure.self) { try MailClient.send(mail(), over: strict) }
    #expect(!server.commands.contains { $0.hasPrefix("AUTH") } && server.messages.isEmpty)
  }

  @Test func anAddressIsNoPlaceForCommands() {
    for address in ["", "x", "a@b>\r\nRCPT TO:<c@d", "a b@c", "a@b@c"] {
      #expect(throws: (any Error).self) {
        try Mail(from: "me@example.org", to: [address], subject: "", text: "", id: "i", at: 0)
      }
    }
    #expect(throws: (any Error).self) {
      try Mail(from: "me@example.org", to: [], subject: "", text: "", id: "i", at: 0)
    }
  }
}
