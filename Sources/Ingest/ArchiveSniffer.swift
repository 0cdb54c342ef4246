// Which document format a zip archive is, by the names of its entries.
// Must not: unpack anything.

enum ArchiveSniffer {
  static func format(of bytes: [UInt8], claim: DocumentFormat?) throws -> DocumentFormat {
    let archive = try ZipArchive(bytes, claimedAs: claim ?? .zip)
    if archive.contains("[Content_Types].xml") || archive.contains("_rels/.rels") {
      if archive.names.contains(where: { $0.hasPrefix("xl/") }) { return .xlsx }
      if archive.names.contains(where: { $0.hasPrefix("ppt/") }) { return .pptx }
      return .docx
    }
    if archive.contains("word/document.xml") { return .docx }
    if archive.contains("META-INF/container.xml") { return .epub }
    if archive.contains("content.xml"), archive.contains("META-INF/manifest.xml") { return .odt }
    return .zip
  }
}
