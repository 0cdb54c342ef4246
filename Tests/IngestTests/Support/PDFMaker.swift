// Writes small PDFs: text in Helvetica at given places, or in any script with a font that maps its codes, drawings,
// pictures, an outline, labels. Enough for layout to be tested against known positions.

struct PDFMaker {
  struct Line {
    var text: String
    var x: Double
    /// From the top of the page.
    var y: Double
    var size = 11.0
    var isBold = false
    /// Quarter turns against the clock: 1 runs up the page.
    var turns = 0
    /// Its letters as they are set, from left to right, of any script in Unicode's first plane.
    var isOfAnyScript = false
  }

  /// Grey values, a byte each, drawn over the whole page.
  struct Picture {
    var bytes: [UInt8]
    var width: Int
    var height: Int
  }

  var pages: [[Line]] = []
  var title: String?
  var author: String?
  /// The number tree of page labels, such as '0 << /S /r >> 2 << /S /D >>'.
  var labels: String?
  /// Fields of a form on the first page, as the entries of their dictionaries.
  var fields: [String] = []
  /// An encryption dictionary no empty password opens.
  var isEncrypted = false
  /// The font of any script is one for columns: a letter hangs from the middle above it, and the next one below it.
  var hasColumnFont = false
  /// Degrees by which every page is turned when it is shown.
  var rotation = 0
  /// Drawing operators by page, in PDF's own coordinates.
  var drawings: [Int: String] = [:]
  var pictures: [Int: Picture] = [:]
  /// Annotation dictionaries of the first page.
  var annotations: [String] = []
  /// Titles with the index of their page.
  var outline: [(title: String, page: Int)] = []

  static let width = 595.0
  static let height = 842.0

  mutating func page(_ lines: [Line]) { pages.append(lines) }

  /// Straight lines around the cells of a grid, from the top of the page, drawn on the page that is made next.
  mutating func rule(across ys: [Double], down xs: [Double]) {
    guard let left = xs.first, let right = xs.last, let top = ys.first, let bottom = ys.last else { return }
    var content = "0.5 w\n"
    for y in ys { content += "\(left) \(Self.height - y) m \(right) \(Self.height - y) l S\n" }
    for x in xs { content += "\(x) \(Self.height - top) m \(x) \(Self.height - bottom) l S\n" }
    drawings[pages.count, default: ""] += content
  }

  func bytes() -> [UInt8] {
    var objects: [[UInt8]] = []
    func add(_ text: String) { objects.append(Array(text.utf8)) }
    let isOfAnyScript = pages.joined().contains { $0.isOfAnyScript }
    let firstPage = isOfAnyScript ? 8 : 5
    let afterPages = firstPage + pages.count * 2
    let pageList = pages.indices.map { "\(firstPage + $0 * 2) 0 R" }.joined(separator: " ")
    let pictured = pictures.keys.sorted()
    let fieldObject = afterPages + pictured.count
    let outlineObject = fieldObject + fields.count
    let fieldList = fields.indices.map { "\(fieldObject + $0) 0 R " }.joined()
    let form = fields.isEmpty ? "" : " /AcroForm << /Fields [\(fieldList)] >>"
    let outlines = outline.isEmpty ? "" : " /Outlines \(outlineObject) 0 R"
    let labelled = labels.map { " /PageLabels << /Nums [\($0)] >>" } ?? ""
    add("<< /Type /Catalog /Pages 2 0 R\(form)\(outlines)\(labelled) >>")
    add("<< /Type /Pages /Kids [\(pageList)] /Count \(pages.count) >>")
    add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>")
    if isOfAnyScript { for object in Self.anyScript(from: 5, isForColumns: hasColumnFont) { add(object) } }
    for (index, lines) in pages.enumerated() {
      let picture = pictured.firstIndex(of: index)
      let images = picture.map { " /XObject << /P \(afterPages + $0) 0 R >>" } ?? ""
      add(
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 \(Self.width) \(Self.height)] /Rotate \(rotation) "
          + "/Resources << /Font << /F1 3 0 R /F2 4 0 R\(isOfAnyScript ? " /F3 5 0 R" : "") >>\(images) >> "
          + "/Contents \(firstPage + index * 2 + 1) 0 R"
          + (index == 0 ? " /Annots [\(fieldList)\(annotations.joined())] >>" : " >>"))
      var content = picture == nil ? "" : "q \(Self.width) 0 0 \(Self.height) 0 0 cm /P Do Q\n"
      content += drawings[index].map { $0 + "\n" } ?? ""
      content += lines.map(shown).joined(separator: "\n")
      add("<< /Length \(content.utf8.count) >>\nstream\n\(content)\nendstream")
    }
    for index in pictured {
      guard let picture = pictures[index] else { continue }
      let head =
        "<< /Type /XObject /Subtype /Image /Width \(picture.width) /Height \(picture.height) /BitsPerComponent 8 "
        + "/ColorSpace /DeviceGray /Length \(picture.bytes.count) >>\nstream\n"
      objects.append(Array(head.utf8) + picture.bytes + Array("\nendstream".utf8))
    }
    for (index, field) in fields.enumerated() {
      let y = 600 - index * 30
      add("<< /Type /Annot /Subtype /Widget \(field) /Rect [72 \(y) 300 \(y + 20)] /P \(firstPage) 0 R >>")
    }
    if !outline.isEmpty {
      let first = outlineObject + 1
      add("<< /Type /Outlines /First \(first) 0 R /Last \(first + outline.count - 1) 0 R /Count \(outline.count) >>")
      for (index, entry) in outline.enumerated() {
        let next = index + 1 < outline.count ? " /Next \(first + index + 1) 0 R" : ""
        add(
          "<< /Title (\(escaped(entry.title))) /Parent \(outlineObject) 0 R\(next) "
            + "/Dest [\(firstPage + entry.page * 2) 0 R /Fit] >>")
      }
    }
    if hasInformation {
      let entries = [("Title", title), ("Author", author)].map { name, text in
        text.map { " /\(name) (\(escaped($0)))" } ?? ""
      }
      add("<<\(entries.joined()) >>")
    }
    return file(objects)
  }

  private var hasInformation: Bool { title != nil || author != nil }

  /// A font whose codes are UTF-16, with the map that says so; it brings no shapes, for nobody draws it.
  private static func anyScript(from number: Int, isForColumns: Bool) -> [String] {
    let map =
      "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /U def\n1 begincodespacerange\n"
      + "<0000> <FFFF>\nendcodespacerange\n100 beginbfrange\n"
      + (0..<256).map { high in
        let digits = String(high, radix: 16, uppercase: true)
        let byte = digits.count == 1 ? "0" + digits : digits
        return "<\(byte)00> <\(byte)FF> <\(byte)00>"
      }.joined(separator: "\n") + "\nendbfrange\nendcmap end end"
    return [
      "<< /Type /Font /Subtype /Type0 /BaseFont /Any /Encoding /Identity-\(isForColumns ? "V" : "H") "
        + "/DescendantFonts [\(number + 1) 0 R] /ToUnicode \(number + 2) 0 R >>",
      "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Any /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) "
        + "/Supplement 0 >> /DW 1000 /W [32 126 500 1424 1791 500] /FontDescriptor << /Type /FontDescriptor "
        + "/FontName /Any /Flags 4 "
        + "/FontBBox [0 -200 1000 800] /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >> >>",
      "<< /Length \(map.utf8.count) >>\nstream\n\(map)\nendstream",
    ]
  }

  private func shown(_ line: Line) -> String {
    let matrix = ["1 0 0 1", "0 1 -1 0", "-1 0 0 -1", "0 -1 1 0"][line.turns]
    if line.isOfAnyScript {
      let codes = line.text.utf16.map { unit in
        let digits = String(unit, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
      }
      return "BT /F3 \(line.size) Tf \(matrix) \(line.x) \(Self.height - line.y) Tm <\(codes.joined())> Tj ET"
    }
    return "BT /\(line.isBold ? "F2" : "F1") \(line.size) Tf \(matrix) \(line.x) \(Self.height - line.y) Tm "
      + "(\(escaped(line.text))) Tj ET"
  }

  private func file(_ objects: [[UInt8]]) -> [UInt8] {
    var bytes = Array("%PDF-1.4\n".utf8)
    var offsets: [Int] = []
    for (index, object) in objects.enumerated() {
      offsets.append(bytes.count)
      bytes += Array("\(index + 1) 0 obj\n".utf8) + object + Array("\nendobj\n".utf8)
    }
    let table = bytes.count
    var text = "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n"
    for offset in offsets {
      let digits = String(offset)
      text += String(repeating: "0", count: 10 - digits.count) + digits + " 00000 n \n"
    }
    let info = !hasInformation ? "" : " /Info \(objects.count) 0 R"
    let key = String(repeating: "41", count: 32)
    let lock =
      isEncrypted
      ? " /ID [<\(key)> <\(key)>] /Encrypt << /Filter /Standard /V 1 /R 2 /O <\(key)> /U <\(key)> /P -4 >>" : ""
    text += "trailer\n<< /Size \(objects.count + 1) /Root 1 0 R\(info)\(lock) >>\nstartxref\n\(table)\n%%EOF\n"
    return bytes + Array(text.utf8)
  }

  private func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("(", with: "\\(").replacing(")", with: "\\)")
  }
}
