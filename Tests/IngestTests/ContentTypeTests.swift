// The type is found by content, and a name that lies is told so. Every refusal has its own code.
import Testing

@testable import Ingest

@Suite struct ContentTypeTests {
  @Test func textKindsGoByName() throws {
    #expect(try extract("# Title\n\nText.", named: "a.md").format == .markdown)
    #expect(try extract("# Title\n\nText.", named: "a.txt").format == .text)
    #expect(try extract("a,b\n1,2", named: "a.csv").format == .csv)
    #expect(try extract("no name at all", named: "README").format == .text)
  }

  @Test func htmlIsKnownWithoutItsName() throws {
    #expect(try extract("<!DOCTYPE html><html><body><p>Hello</p></body></html>", named: "page").format == .html)
  }

  @Test func aPDFIsReadWhateverItIsCalled() throws {
    var maker = PDFMaker()
    maker.page([.init(text: "Plain words", x: 72, y: 100)])
    let document = try Extraction.extract(maker.bytes(), filename: "x.txt", declaredType: nil)
    #expect(document.format == .pdf)
    #expect(document.warnings == ["the name or the declared type says plain text, but the content is PDF"])
    #expect(try Extraction.extract(maker.bytes(), filename: "x.docx", declaredType: nil).format == .pdf)
  }

  @Test(arguments: [
    ("", "a.txt", "empty_document"), ("  \n\t\n", "a.txt", "empty_document"),
    ("<html><body>hi</body></html>", "report.pdf", "type_mismatch"), ("just words", "a.docx", "type_mismatch"),
    ("PK\u{3}\u{4}broken", "a.docx", "damaged_docx"), ("%PDF-1.4 and nothing more", "a.pdf", "damaged_pdf"),
    ("{\"a\": ", "a.json", "damaged_text"), ("{\\rtf1 hello", "a.rtf", "damaged_text"),
    ("<html><script>x</script></html>", "a.html", "empty_document"),
  ])
  func refusals(_ content: String, _ name: String, _ code: String) {
    #expect(failure(Array(content.utf8), named: name) == code)
  }

  @Test func picturesAndOldOfficeFilesAreNamed() {
    let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    #expect(failure(png, named: "scan.png") == "unsupported_type")
    #expect(failure(png, named: "scan.pdf") == "type_mismatch")
    let compound: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] + [UInt8](repeating: 0, count: 600)
    #expect(failure(compound, named: "old.doc") == "legacy_office")
    let encrypted = compound + "EncryptedPackage".utf16.flatMap { [UInt8($0), 0] as [UInt8] } + [0, 0]
    #expect(failure(encrypted, named: "secret.docx") == "office_encrypted")
  }

  @Test func theDeclaredTypeIsHeldToAccount() {
    #expect(
      failure(Array("<html><body>x</body></html>".utf8), named: "upload", type: "application/pdf") == "type_mismatch")
  }
}
