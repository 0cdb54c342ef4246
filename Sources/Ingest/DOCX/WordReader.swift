// DOCX (and DOCM and templates) to the Document form. Macros, pictures and embedded objects are told in the ledger and
// not read.
// Invariants: only entries of the archive are read; a part that is not there is no error, except the document itself.
// Must not: follow external relationships.

enum WordReader {
  static func read(_ bytes: [UInt8], _ options: ReadingOptions) throws -> Document {
    let package = try OfficePackage(bytes, format: .docx)
    guard let part = try package.mainPart(usually: "word/document.xml") else {
      throw IngestFailure(
        .damagedDOCX, "the archive holds no Word document", hint: "save the document again and add it")
    }
    let relationships = try package.relationships(of: part)
    func target(_ type: String) -> String? { relationships.values.first { $0.type == type && !$0.isExternal }?.target }

    let styles = WordStylesHandler()
    if let part = target("styles") { _ = try package.parse(part, with: styles) }
    let numbering = WordNumberingHandler()
    if let part = target("numbering") { _ = try package.parse(part, with: numbering) }
    let body = WordFlowHandler()
    guard try package.parse(part, with: body) else {
      throw IngestFailure(.damagedDOCX, "the archive holds no Word document")
    }
    let footnotes = WordFlowHandler()
    if let part = target("footnotes") { _ = try package.parse(part, with: footnotes) }
    let endnotes = WordFlowHandler()
    if let part = target("endnotes") { _ = try package.parse(part, with: endnotes) }
    let comments = WordFlowHandler()
    if let part = target("comments") { _ = try package.parse(part, with: comments) }
    try package.verifyParts(except: part)

    var writer = WordWriter(styles: styles.styles, numbering: numbering.numbering)
    writer.footnotes = footnotes.notes
    writer.endnotes = endnotes.notes
    writer.comments = comments.notes
    writer.leavesCommentsOut = !options.comments
    writer.authors = comments.authors
    writer.builder.metadata = package.coreProperties()
    writer.builder.title = writer.builder.metadata["title"]
    try writer.writeBody(body.flow)
    for (id, isHeader) in body.headerFooterIDs {
      guard let relation = relationships[id], !relation.isExternal else { continue }
      let margin = WordFlowHandler()
      _ = try package.parse(relation.target, with: margin)
      try writer.writeMargin(margin.flow, isHeader: isHeader)
    }
    writer.addLinks(body.linkIDs.compactMap { relationships[$0] }.filter(\.isExternal).map(\.target))
    writer.addCoverage(
      body: body,
      hasMacros: package.archive.names.contains { $0.hasSuffix("vbaProject.bin") })
    guard writer.builder.scalarCount > 0 else {
      throw body.pictureCount > 0
        ? IngestFailure(.noText, "the document holds pictures and no text")
        : IngestFailure(.emptyDocument, "the document holds no text")
    }
    return writer.builder.finish()
  }
}
