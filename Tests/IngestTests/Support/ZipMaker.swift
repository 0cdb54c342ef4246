// Builds zip archives and Word files in memory for the tests.
import CZip

enum ZipMaker {
  struct Trouble: Error {}

  static func archive(_ entries: [(name: String, content: [UInt8])], password: String? = nil) throws -> [UInt8] {
    guard let source = unsafe zip_source_buffer_create(nil, 0, 0, nil) else { throw Trouble() }
    unsafe zip_source_keep(source)
    defer { unsafe zip_source_free(source) }
    guard let archive = unsafe zip_open_from_source(source, Int32(ZIP_TRUNCATE), nil) else { throw Trouble() }
    var memory: [UnsafeMutableBufferPointer<UInt8>] = unsafe []
    // libzip reads an entry's bytes when the archive is closed, not before.
    defer { while let last = unsafe memory.popLast() { unsafe last.deallocate() } }
    for entry in entries {
      let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(entry.content.count, 1))
      _ = unsafe bytes.initialize(from: entry.content)
      unsafe memory.append(bytes)
      let part = unsafe zip_source_buffer(archive, bytes.baseAddress, UInt64(entry.content.count), 0)
      let index = unsafe zip_file_add(archive, entry.name, part, 0)
      guard index >= 0 else { throw Trouble() }
      if let password {
        let method = UInt16(ZIP_EM_AES_256)
        guard unsafe zip_file_set_encryption(archive, UInt64(index), method, password) == 0 else { throw Trouble() }
      }
    }
    guard unsafe zip_close(archive) == 0, unsafe zip_source_open(source) == 0 else { throw Trouble() }
    defer { unsafe zip_source_close(source) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    while case let count = unsafe zip_source_read(source, &piece, UInt64(piece.count)), count > 0 {
      bytes += piece.prefix(Int(count))
    }
    return bytes
  }
}

/// A Word file from the XML inside its body.
struct WordFile {
  var body: String
  var styles = ""
  var numbering: String?
  var footnotes: String?
  var comments: String?
  var header: String?
  var core: String?
  var prologue = #"<?xml version="1.0" encoding="UTF-8"?>"#

  private static let space =
    #"xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" "#
    + #"xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" "#
    + #"xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006""#
  private static let types = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

  init(_ body: String) { self.body = body }

  func bytes() throws -> [UInt8] {
    var entries: [(String, String)] = [("[Content_Types].xml", "<Types/>")]
    var links = ""
    func add(_ part: String, _ type: String, _ root: String, _ content: String) {
      entries.append(("word/\(part).xml", "\(prologue)<w:\(root) \(Self.space)>\(content)</w:\(root)>"))
      links += #"<Relationship Id="\#(part)" Type="\#(Self.types)\#(type)" Target="\#(part).xml"/>"#
    }
    add("document", "self", "document", "<w:body>\(body)</w:body>")
    add("styles", "styles", "styles", styles)
    if let numbering { add("numbering", "numbering", "numbering", numbering) }
    if let footnotes { add("footnotes", "footnotes", "footnotes", footnotes) }
    if let comments { add("comments", "comments", "comments", comments) }
    if let header { add("header1", "header", "hdr", header) }
    func relationships(_ content: String) -> String {
      #"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#
        + "\(content)</Relationships>"
    }
    entries.append(("word/_rels/document.xml.rels", relationships(links)))
    let main = #"<Relationship Id="m" Type="\#(Self.types)officeDocument" Target="word/document.xml"/>"#
    entries.append(("_rels/.rels", relationships(main)))
    return try ZipMaker.archive(entries.map { ($0.0, Array($0.1.utf8)) })
  }
}

func paragraph(_ text: String, properties: String = "") -> String {
  "<w:p><w:pPr>\(properties)</w:pPr><w:r><w:t>\(text)</w:t></w:r></w:p>"
}
