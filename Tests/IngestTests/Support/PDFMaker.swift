// Writes small PDFs: text in Helvetica at given places. Enough for layout to be tested against known positions.

struct PDFMaker {
  struct Line {
    var text: String
    var x: Double
    /// From the top of the page.
    var y: Double
    var size = 11.0
    var isBold = false
  }

  var pages: [[Line]] = []
  var title: String?
  /// A text field on the first page, with its value.
  var field: (name: String, value: String)?
  /// An encryption dictionary no empty password opens.
  var isEncrypted = false

  static let width = 595.0
  static let height = 842.0

  mutating func page(_ lines: [Line]) { pages.append(lines) }

  func bytes() -> [UInt8] {
    var objects: [String] = []
    let firstPage = 5
    let kids = pages.indices.map { "\(firstPage + $0 * 2) 0 R" }.joined(separator: " ")
    let fieldObject = firstPage + pages.count * 2
    let form = field == nil ? "" : " /AcroForm << /Fields [\(fieldObject) 0 R] >>"
    objects.append("<< /Type /Catalog /Pages 2 0 R\(form) >>")
    objects.append("<< /Type /Pages /Kids [\(kids)] /Count \(pages.count) >>")
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>")
    for (index, lines) in pages.enumerated() {
      objects.append(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 \(Self.width) \(Self.height)] "
          + "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents \(firstPage + index * 2 + 1) 0 R"
          + (field != nil && index == 0 ? " /Annots [\(fieldObject) 0 R] >>" : " >>"))
      let content = lines.map { line in
        "BT /\(line.isBold ? "F2" : "F1") \(line.size) Tf 1 0 0 1 \(line.x) \(Self.height - line.y) Tm "
          + "(\(escaped(line.text))) Tj ET"
      }.joined(separator: "\n")
      objects.append("<< /Length \(content.utf8.count) >>\nstream\n\(content)\nendstream")
    }
    if let field {
      objects.append(
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (\(escaped(field.name))) /V (\(escaped(field.value))) "
          + "/Rect [72 600 300 620] /P \(firstPage) 0 R >>")
    }
    if let title { objects.append("<< /Title (\(escaped(title))) >>") }
    return file(objects)
  }

  private func file(_ objects: [String]) -> [UInt8] {
    var text = "%PDF-1.4\n"
    var offsets: [Int] = []
    for (index, object) in objects.enumerated() {
      offsets.append(text.utf8.count)
      text += "\(index + 1) 0 obj\n\(object)\nendobj\n"
    }
    let table = text.utf8.count
    text += "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n"
    for offset in offsets {
      let digits = String(offset)
      text += String(repeating: "0", count: 10 - digits.count) + digits + " 00000 n \n"
    }
    let info = title == nil ? "" : " /Info \(objects.count) 0 R"
    let key = String(repeating: "41", count: 32)
    let lock =
      isEncrypted
      ? " /ID [<\(key)> <\(key)>] /Encrypt << /Filter /Standard /V 1 /R 2 /O <\(key)> /U <\(key)> /P -4 >>" : ""
    text += "trailer\n<< /Size \(objects.count + 1) /Root 1 0 R\(info)\(lock) >>\nstartxref\n\(table)\n%%EOF\n"
    return Array(text.utf8)
  }

  private func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("(", with: "\\(").replacing(")", with: "\\)")
  }
}
