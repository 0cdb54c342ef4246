// Messages and RTF: structure, encodings, hidden text, and the bounds on nesting.
import Testing

@testable import Ingest

@Suite struct MessageTests {
  private func message(_ body: String, type: String = "text/plain; charset=utf-8", more: String = "") -> String {
    "Message-ID: <1@x>\r\nFrom: =?utf-8?B?SsO2cmc=?= <j@x.de>\r\nSubject: =?iso-8859-1?Q?Gr=FC=DFe?=\r\n"
      + " =?utf-8?q?_heute?=\r\nMIME-Version: 1.0\r\nContent-Type: \(type)\r\n\(more)\r\n\(body)"
  }

  @Test func headersAndBody() throws {
    let document = try extract(
      message("caf=C3=A9 and a =\r\njoined line", more: "Content-Transfer-Encoding: quoted-printable\r\n"),
      named: "mail")
    #expect(document.format == .eml)
    #expect(document.title == "Grüße heute")
    #expect(document.metadata["from"] == "Jörg <j@x.de>")
    #expect(document.text.hasSuffix("café and a joined line"))
  }

  @Test func alternativesOnceAndAttachmentsByTheirReaders() throws {
    let parts =
      "--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\nContent-Type: "
      + "text/plain\r\n\r\nplain form\r\n"
      + "--c\r\nContent-Type: text/html\r\n\r\n<p>rich form</p><table><tr><td>a<td>1</table>\r\n--c--\r\n"
      + "--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename*=utf-8''d%C3%A4ta.csv\r\n"
      + "Content-Transfer-Encoding: base64\r\n\r\nayx2CjEsMgo=\r\n"
      + "--b\r\nContent-Type: application/pdf; name=x.pdf\r\n\r\n<html>not a pdf</html>\r\n"
      + "--b\r\nContent-Type: image/png; name=p.png\r\n\r\nx\r\n--b--\r\n"
    let document = try extract(message(parts, type: "multipart/mixed; boundary=\"b\""), named: "a.eml")
    #expect(document.text.contains("rich form") && !document.text.contains("plain form"))
    #expect(document.headings == ["Grüße heute", "Attachment: däta.csv"])
    #expect(document.rows == ["a | 1", "k | v", "1 | 2"])
    #expect(
      document.coverage.map(\.part) == ["body", "attachment däta.csv, body", "attachment x.pdf", "attachment p.png"])
    #expect(document.warnings.count == 1)
  }

  @Test func messagesInsideMessagesEnd() throws {
    var text = message("the innermost")
    for _ in 0..<9 { text = message(text, type: "message/rfc822") }
    let document = try extract(text, named: "a.eml")
    #expect(!document.text.contains("the innermost"))
    #expect(
      document.coverage.contains { if case .skipped = $0.kind { $0.part.contains("message.eml") } else { false } })
  }

  @Test func anEndlessNestOfPartsIsRefused() {
    var text = "--b0\r\n\r\nx"
    for level in 1..<60 { text = "--b\(level)\r\nContent-Type: multipart/mixed; boundary=b\(level - 1)\r\n\r\n" + text }
    #expect(failure(Array(message(text, type: "multipart/mixed; boundary=b59").utf8), named: "a.eml") == "too_deep")
  }

  @Test func aMemoIsNotAMessage() throws {
    #expect(try extract("From: Ann\nTo: Bob\nSubject: Tea\nDate: today\n\nCome.", named: "memo.txt").format == .text)
  }
}

@Suite struct RichTextTests {
  private func read(_ body: String) throws -> Document {
    try extract(
      #"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 A;}{\f1\fcharset204 B;}}{\stylesheet{\s1 heading 1;}}"# + body + "}",
      named: "a.rtf")
  }

  @Test func textInItsEncodings() throws {
    let document = try read(#"caf\'e9 \u8364?5 {\f1\'cf\'f0\'e8} \u-10179?\u-8704?\emdash x\~y\{\par"#)
    #expect(document.text == "café €5 При 😀—x\u{A0}y{")
  }

  @Test func structureIsKeptAndMachineryIsNot() throws {
    let document = try read(
      #"{\info{\title T}}{\header Acme}\pard\s1 Head\par\pard One{\v secret}{\footnote Note.}{\*\zzz "#
        + #"no}{\field{\*\fldinst HYPERLINK "x"}{\fldrslt link}}\par"#
        + #"\pard{\listtext 1.\tab}item\par\trowd\intbl k\cell v\cell\row\trowd\intbl a\cell "#
        + #"1\cell\row\pard end\par{\pict 0102}"#
    )
    #expect(document.title == "T")
    #expect(document.headings == ["Head"])
    #expect(document.texts(of: .paragraph) == ["Onelink", "end"])
    #expect(document.texts(of: .listItem) == ["1. item"])
    #expect(document.rows == ["k | v", "a | 1"])
    #expect(document.texts(of: .footnote) == ["Note."])
    #expect(document.texts(of: .header) == ["Acme"])
    #expect(document.coverage.map(\.part) == ["body", "pictures (1)", "hidden text"])
  }

  @Test func brokenAndDeepFilesAreRefused() {
    #expect(failure(Array(#"{\rtf1 open"#.utf8), named: "a.rtf") == "damaged_text")
    #expect(failure(Array((#"{\rtf1 "# + String(repeating: "{", count: 9_000)).utf8), named: "a.rtf") == "too_deep")
    #expect(failure(Array(#"{\rtf1\bin999999999999999999 x}"#.utf8), named: "a.rtf") == "damaged_text")
  }
}
