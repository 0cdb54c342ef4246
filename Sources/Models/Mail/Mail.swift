// A plain message as it goes over the wire: RFC 5322, its text in base64, its subject encoded where it is not ASCII.
import Base
import Foundation

package struct Mail: Sendable {
  let from: String
  let to: [String]
  private let subject: String
  private let text: String
  private let id: String
  private let at: Double

  /// `id` is the same for each try, so that a receiver can tell a repeat. Addresses are bare: name@host.
  package init(from: String, to: [String], subject: String, text: String, id: String, at: Double) throws {
    for address in [from] + to {
      guard Mail.isAddress(address) else {
        throw PlainFailure(
          .usage, "bad_mail_address", "'\(address.prefix(80))' is no mail address", hint: "as in name@example.org")
      }
    }
    guard !to.isEmpty else { throw PlainFailure(.usage, "no_mail_receiver", "there is nobody to send the mail to") }
    self.from = from
    self.to = to
    self.subject = subject
    self.text = text
    self.id = id
    self.at = at
  }

  private static func isAddress(_ text: String) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && text.utf8.count <= 254
      && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
  }

  var bytes: [UInt8] {
    let host = from.split(separator: "@").last.map(String.init) ?? "localhost"
    let headers = [
      "Date: \(date)", "From: <\(from)>", "To: \(to.map { "<\($0)>" }.joined(separator: ", "))",
      "Subject: \(Mail.encoded(subject))", "Message-ID: <\(id)@\(host)>", "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64",
    ]
    let body = Data(text.utf8).base64EncodedString(
      options: [.lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed])
    return Array((headers.joined(separator: "\r\n") + "\r\n\r\n" + body + "\r\n").utf8)
  }

  /// RFC 5322, in UTC. The first of January 1970 was a Thursday.
  private var date: String {
    let stamp = CalendarDate.timestamp(at)
    let days = Int((at / 86_400).rounded(.down))
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][((days % 7) + 7) % 7]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let parts = stamp.split { !$0.isNumber }.map(String.init)
    let month = parts.count > 1 ? Int(parts[1]).map { months[max(0, min(11, $0 - 1))] } : nil
    guard parts.count >= 6, let month else { return stamp }
    return "\(weekday), \(parts[2]) \(month) \(parts[0]) \(parts[3]):\(parts[4]):\(parts[5]) +0000"
  }

  /// RFC 2047, in words of at most 75 characters; no part of a character is cut.
  private static func encoded(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }), text.utf8.count <= 200 { return text }
    var words: [String] = []
    var word: [UInt8] = []
    for scalar in text.unicodeScalars {
      let bytes = Array(String(scalar).utf8)
      if word.count + bytes.count > 42 {
        words.append("=?utf-8?B?\(Data(word).base64EncodedString())?=")
        word = []
      }
      word += bytes
    }
    words.append("=?utf-8?B?\(Data(word).base64EncodedString())?=")
    return words.joined(separator: "\r\n ")
  }
}
