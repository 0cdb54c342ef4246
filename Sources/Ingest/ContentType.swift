// What the bytes are, by the bytes. The name and the declared type only choose among kinds of plain text, and are held
// to account when they claim a binary format that the bytes are not.
// Must not: read more than the head of the file, or trust the name over the bytes.

enum ContentType {
  /// The format to read the bytes as and, where the name says another, a warning; or why they cannot be read.
  static func identify(_ bytes: [UInt8], filename: String, declaredType: String?) throws
    -> (format: DocumentFormat, warning: String?)
  {
    let claim = claimedFormat(filename: filename, declaredType: declaredType)
    let content = try formatByContent(bytes, claim: claim)
    guard let claim, claim != content else { return (content, nil) }
    if claim.isZipped, claim != .zip, content == .zip {
      throw IngestFailure(
        .typeMismatch, "the file is a zip archive, but not of the parts that make \(claim.shown)",
        hint: "give it the name .zip to have its files read one by one")
    }
    // Words where a document should be are an error page that was saved under the document's name.
    if claim.isBinary, !content.isBinary { throw mismatch(claim, content.shown) }
    if !claim.isBinary, !content.isBinary || content == .rtf { return (content, nil) }
    return (content, "the name or the declared type says \(claim.shown), but the content is \(content.shown)")
  }

  static func fileExtension(of filename: String) -> String {
    guard let dot = filename.lastIndex(of: ".") else { return "" }
    return filename[filename.index(after: dot)...].lowercased()
  }

  private static func claimedFormat(filename: String, declaredType: String?) -> DocumentFormat? {
    if let byName = formatsByExtension[fileExtension(of: filename)] { return byName }
    let type = declaredType?.split(separator: ";").first.map { $0.lowercased() } ?? ""
    return formatsByMediaType[type.filter { $0 != " " }]
  }

  private static func formatByContent(_ bytes: [UInt8], claim: DocumentFormat?) throws -> DocumentFormat {
    if bytes.isEmpty { throw IngestFailure(.emptyDocument, "the file is empty") }
    if let picture = pictureName(bytes) {
      throw claim.map { mismatch($0, picture) }
        ?? IngestFailure(.unsupportedType, "the file is \(picture), which holds no text to read")
    }
    if hasPDFHeader(bytes) { return .pdf }
    if starts(bytes, [0x50, 0x4B, 0x03, 0x04]) || starts(bytes, [0x50, 0x4B, 0x05, 0x06]) {
      return try ArchiveSniffer.format(of: bytes, claim: claim)
    }
    if starts(bytes, [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) { throw compoundFileFailure(bytes) }
    if starts(bytes, Array("{\\rtf".utf8)) { return .rtf }
    let head = TextDecoding.decodedHead(of: bytes)
    guard let head else {
      if let claim, claim.isBinary { throw damaged(claim) }
      throw IngestFailure(
        .unsupportedType, "the file is neither text nor a document format that can be read",
        hint: "documents of the usual office formats, HTML, Markdown, text, CSV and JSON can")
    }
    return textFormat(head: head, claim: claim)
  }

  /// Readers look for the header in the first KiB, since mail gateways and printers prepend bytes.
  private static func hasPDFHeader(_ bytes: [UInt8]) -> Bool {
    let mark = Array("%PDF-".utf8)
    let end = min(bytes.count, 1_024) - mark.count
    guard end >= 0 else { return false }
    return (0...end).contains { offset in bytes[offset] == 0x25 && bytes[offset..<offset + 5].elementsEqual(mark) }
  }

  private static func textFormat(head: String, claim: DocumentFormat?) -> DocumentFormat {
    if let claim, !claim.isBinary, claim != .text { return claim }
    let lowered = head.prefix(1_024).lowercased()
    let trimmed = lowered.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    if isMessage(head) { return .eml }
    if trimmed.hasPrefix("<!doctype html") || trimmed.hasPrefix("<html") { return .html }
    if claim == nil, trimmed.hasPrefix("<?xml"), lowered.contains("<html") { return .html }
    return .text
  }

  /// A message begins with headers, of which every one has a few of these.
  private static func isMessage(_ head: String) -> Bool {
    let known: Set = [
      "from", "to", "subject", "date", "message-id", "mime-version", "received", "return-path", "content-type",
      "delivered-to", "reply-to", "x-mailer", "dkim-signature",
    ]
    var found: Set<String> = []
    for line in head.split(whereSeparator: \.isNewline).prefix(60) {
      if line.first == " " || line.first == "\t" { continue }
      guard let colon = line.firstIndex(of: ":"), line[..<colon].allSatisfy({ $0.isLetter || $0 == "-" || $0.isNumber })
      else { break }
      let name = line[..<colon].lowercased()
      if known.contains(name) { found.insert(name) }
    }
    // A memo has From, To, Date and Subject as well; only software writes the others.
    return found.count >= 3 && !found.isDisjoint(with: ["message-id", "mime-version", "received", "return-path"])
  }

  private static func mismatch(_ claim: DocumentFormat, _ content: String) -> IngestFailure {
    IngestFailure(
      claim.isBinary ? .typeMismatch : .unsupportedType,
      "the name or the declared type says \(claim.shown), but the content is \(content)",
      hint: "give the file its right name")
  }

  private static func damaged(_ claim: DocumentFormat) -> IngestFailure {
    switch claim {
    case .pdf: IngestFailure(.damagedPDF, "the file has no PDF header and is not text: it is damaged or not a PDF")
    case .docx: IngestFailure(.damagedDOCX, "the file is not a zip archive: it is damaged or not a DOCX")
    default: IngestFailure(.damagedArchive, "the file is damaged or not \(claim.shown)")
    }
  }

  /// An OLE container is either an Office file behind a password or one of the formats before 2007.
  private static func compoundFileFailure(_ bytes: [UInt8]) -> IngestFailure {
    let mark = Array("EncryptedPackage".utf16.map { [UInt8($0 & 0xFF), 0] }.joined())
    let isEncrypted = bytes.indices.dropLast(mark.count).contains { offset in
      bytes[offset] == mark[0] && bytes[offset..<offset + mark.count].elementsEqual(mark)
    }
    if isEncrypted {
      return IngestFailure(
        .officeEncrypted, "the document is protected by a password", hint: "save it without one and add it again")
    }
    return IngestFailure(
      .legacyOffice, "the file is of the Office formats before 2007 (.doc, .xls, .ppt)",
      hint: "save it as DOCX or PDF and add it again")
  }

  private static func pictureName(_ bytes: [UInt8]) -> String? {
    let signatures: [([UInt8], String)] = [
      ([0x89, 0x50, 0x4E, 0x47], "a PNG picture"), ([0xFF, 0xD8, 0xFF], "a JPEG picture"),
      (Array("GIF8".utf8), "a GIF picture"), ([0x49, 0x49, 0x2A, 0x00], "a TIFF picture"),
      ([0x4D, 0x4D, 0x00, 0x2A], "a TIFF picture"), ([0x7F, 0x45, 0x4C, 0x46], "a program"),
      (Array("MZ".utf8) + [0x90, 0x00], "a program"), ([0x1F, 0x8B], "a gzip archive"),
      ([0x37, 0x7A, 0xBC, 0xAF], "a 7z archive"), (Array("Rar!".utf8), "a RAR archive"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "an xz archive"), (Array("SQLite format 3".utf8), "a SQLite database"),
    ]
    return signatures.first { starts(bytes, $0.0) }?.1
  }

  private static func starts(_ bytes: [UInt8], _ mark: [UInt8]) -> Bool { bytes.starts(with: mark) }

  private static let formatsByExtension: [String: DocumentFormat] = [
    "pdf": .pdf, "docx": .docx, "docm": .docx, "dotx": .docx, "dotm": .docx, "md": .markdown,
    "markdown": .markdown, "mdown": .markdown, "txt": .text, "text": .text, "log": .text, "html": .html,
    "htm": .html, "xhtml": .html, "csv": .csv, "tsv": .tsv, "tab": .tsv, "json": .json, "jsonl": .jsonl,
    "ndjson": .jsonl, "xlsx": .xlsx, "xlsm": .xlsx, "pptx": .pptx, "pptm": .pptx, "ppsx": .pptx, "potx": .pptx,
    "xltx": .xlsx, "odt": .odt, "ods": .odt, "odp": .odt, "ott": .odt, "epub": .epub,
    "rtf": .rtf, "eml": .eml, "mht": .eml, "mhtml": .eml, "zip": .zip,
  ]

  private static let formatsByMediaType: [String: DocumentFormat] = [
    "application/pdf": .pdf,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": .docx,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": .xlsx,
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": .pptx,
    "application/vnd.oasis.opendocument.text": .odt, "application/vnd.oasis.opendocument.spreadsheet": .odt,
    "application/vnd.oasis.opendocument.presentation": .odt, "application/epub+zip": .epub, "application/rtf": .rtf,
    "text/rtf": .rtf, "message/rfc822": .eml, "text/html": .html, "application/xhtml+xml": .html,
    "text/markdown": .markdown, "text/csv": .csv, "text/tab-separated-values": .tsv, "application/json": .json,
    "application/x-ndjson": .jsonl, "application/zip": .zip, "text/plain": .text,
  ]
}

extension DocumentFormat {
  /// Formats that are known by their bytes, whatever the name says.
  var isBinary: Bool {
    switch self {
    case .pdf, .docx, .xlsx, .pptx, .odt, .epub, .zip, .rtf: true
    case .markdown, .text, .html, .csv, .tsv, .json, .jsonl, .eml, .record: false
    }
  }

  var isZipped: Bool {
    switch self {
    case .docx, .xlsx, .pptx, .odt, .epub, .zip: true
    default: false
    }
  }

  var shown: String {
    switch self {
    case .markdown: "Markdown"
    case .text: "plain text"
    default: rawValue.uppercased()
    }
  }
}
