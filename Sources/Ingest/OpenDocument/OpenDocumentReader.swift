// ODT, ODS and ODP: one family of XML, three kinds of body. Text by its headings, lists, tables and notes; a sheet or a
// slide begins with its name, and a slide is a page.
// Invariants: tracked deletions give no text; repeated cells and rows are told once, since a blank row may claim a
// million of itself. Must not: read styles for looks.

enum OpenDocumentReader {
  private static let propertyNames = [
    "dc:title": "title", "dc:creator": "author", "meta:initial-creator": "author", "dc:subject": "subject",
    "meta:creation-date": "created", "dc:date": "modified", "dc:language": "language", "meta:keyword": "keywords",
  ]

  static func read(_ bytes: [UInt8]) throws -> Document {
    let package = try OfficePackage(bytes, format: .odt)
    let manifest = ManifestHandler()
    _ = try package.parse("META-INF/manifest.xml", with: manifest)
    guard !manifest.isEncrypted else {
      throw IngestFailure(
        .officeEncrypted, "the document is protected by a password", hint: "save it without one and add it again")
    }
    let margins = OpenFlowHandler(readsMargins: true)
    _ = try package.parse("styles.xml", with: margins)
    let body = OpenFlowHandler(readsMargins: false, listStyles: margins.listStyles)
    body.builder.metadata = package.properties(in: "meta.xml", named: propertyNames)
    body.builder.title = body.builder.metadata["title"]
    guard try package.parse("content.xml", with: body) else {
      throw IngestFailure(.damagedArchive, "the archive holds no content", hint: "save the document again and add it")
    }
    var builder = body.builder
    builder.endPage()
    if !body.hasParts { builder.coverage.append(PartCoverage(part: "body", kind: .text)) }
    for (text, isHeader) in margins.margins {
      try builder.append(text, as: isHeader ? .header : .footer)
    }
    if !margins.margins.isEmpty {
      builder.coverage.append(PartCoverage(part: "headers and footers", kind: .text))
    }
    if body.pictureCount > 0 {
      builder.coverage.append(PartCoverage(part: "pictures (\(body.pictureCount))", kind: .imageOnly))
    }
    if body.commentCount > 0 {
      builder.coverage.append(
        PartCoverage(part: "comments", kind: .skipped(reason: "comments are not part of the text")))
    }
    guard builder.blocks.contains(where: { !$0.isHeading || !body.hasParts }) else {
      throw body.pictureCount > 0
        ? IngestFailure(.noText, "the document holds pictures and no text")
        : IngestFailure(.emptyDocument, "the document holds no text")
    }
    return builder.finish()
  }
}

private final class ManifestHandler: XMLEventHandler {
  private(set) var isEncrypted = false

  func start(_ name: String, _ attributes: XMLAttributes) throws {
    if name == "manifest:encryption-data" { isEncrypted = true }
  }
}
