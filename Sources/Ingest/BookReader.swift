// EPUB: the chapters in the order of the spine, each read as the HTML page it is, each a part of the ledger.
// Invariants: only entries of the archive are read; a chapter without a heading of its own gets the one that the table
// of contents has for it. Must not: fetch; run scripts; read what a lock protects.

enum BookReader {
  static func read(_ bytes: [UInt8]) throws -> Document {
    let archive = try ZipArchive(bytes, claimedAs: .epub)
    let damage = IngestFailure.Code.damagedArchive
    let container = ContainerHandler()
    _ = try archive.parse("META-INF/container.xml", with: container, damage: damage)
    let package = BookPackageHandler()
    guard let part = container.packagePath, try archive.parse(part, with: package, damage: damage) else {
      throw IngestFailure(damage, "the archive holds no book", hint: "make the book again and add it")
    }
    let locks = EncryptionHandler()
    _ = try archive.parse("META-INF/encryption.xml", with: locks, damage: damage)
    let (folder, _) = OfficePackage.split(part)
    var builder = DocumentBuilder(format: .epub)
    builder.metadata = package.metadata
    builder.title = package.metadata["title"]
    let labels = try contents(of: package, in: folder, archive)
    var number = 0
    for item in package.spine {
      guard let entry = package.items[item], !entry.properties.contains("nav") else { continue }
      let path = OfficePackage.resolve(unescaped(entry.path), from: folder)
      guard !locks.paths.contains(path) else {
        throw IngestFailure(.archiveEncrypted, "the book is protected by its publisher's lock")
      }
      number += 1
      try write(chapter: path, number: number, label: labels[path], of: archive, to: &builder)
    }
    guard builder.scalarCount > 0 else { throw IngestFailure(.emptyDocument, "the book holds no text") }
    return builder.finish()
  }

  private static func write(
    chapter path: String, number: Int, label: String?, of archive: ZipArchive, to builder: inout DocumentBuilder
  ) throws {
    let part = "chapter \(number)" + (label.map { ": " + $0 } ?? "")
    guard let bytes = try archive.bytes(of: path) else {
      builder.coverage.append(PartCoverage(part: part, kind: .skipped(reason: "its file is missing")))
      return
    }
    let before = builder.scalarCount
    let text = try HTMLEncoding.decode(bytes).utf8
    var probe = DocumentBuilder(format: .epub)
    try HTMLReader.write(text, to: &probe)
    if let label, let first = probe.blocks.first, !first.isHeading { try builder.append(label, as: .heading(level: 1)) }
    try HTMLReader.write(text, to: &builder)
    let kind: PartCoverage.Kind = builder.scalarCount > before ? .text : .imageOnly
    builder.coverage.append(PartCoverage(part: part, kind: kind))
  }

  /// What the table of contents calls each file: of version 2 (ncx), or the headings of the files do.
  private static func contents(
    of package: BookPackageHandler, in folder: String, _ archive: ZipArchive
  ) throws -> [String: String] {
    guard let entry = package.items.values.first(where: { $0.mediaType == "application/x-dtbncx+xml" }) else {
      return [:]
    }
    let path = OfficePackage.resolve(unescaped(entry.path), from: folder)
    let handler = BookContentsHandler()
    // An ncx of old books names a DTD, which is refused; the book is whole without it.
    guard (try? archive.parse(path, with: handler, damage: .damagedArchive)) == true else { return [:] }
    var labels: [String: String] = [:]
    for (target, label) in handler.labels {
      let file = OfficePackage.resolve(unescaped(target), from: OfficePackage.split(path).folder)
      if labels[file] == nil { labels[file] = label }
    }
    return labels
  }

  /// %20 and the like of a reference, without its fragment.
  private static func unescaped(_ reference: String) -> String {
    let path = Array(reference.utf8.prefix { $0 != 0x23 })
    var bytes: [UInt8] = []
    var index = 0
    while index < path.count {
      if path[index] == 0x25, index + 2 < path.count,
        let value = UInt8(String(decoding: path[index + 1...index + 2], as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        index += 3
      } else {
        bytes.append(path[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

private final class ContainerHandler: XMLEventHandler {
  private(set) var packagePath: String?

  func start(_ name: String, _ attributes: XMLAttributes) throws {
    if name == "ocf:rootfile", packagePath == nil { packagePath = attributes["full-path"] }
  }
}

/// Files that a lock protects; fonts may be scrambled in any book and are not read.
private final class EncryptionHandler: XMLEventHandler {
  private(set) var paths: Set<String> = []

  func start(_ name: String, _ attributes: XMLAttributes) throws {
    if name == "enc:CipherReference", let path = attributes["URI"] { paths.insert(path) }
  }
}

private final class BookPackageHandler: XMLEventHandler {
  private(set) var items: [String: (path: String, mediaType: String, properties: String)] = [:]
  private(set) var spine: [String] = []
  private(set) var metadata: [String: String] = [:]
  private var key: String?
  private var value: [UInt8] = []

  private static let keys = [
    "dc:title": "title", "dc:creator": "author", "dc:language": "language", "dc:publisher": "publisher",
    "dc:date": "date", "dc:subject": "subject", "dc:identifier": "identifier",
  ]

  func start(_ name: String, _ attributes: XMLAttributes) throws {
    switch name {
    case "opf:item":
      if let id = attributes["id"], let path = attributes["href"] {
        items[id] = (path, attributes["media-type"] ?? "", attributes["properties"] ?? "")
      }
    case "opf:itemref": if let id = attributes["idref"] { spine.append(id) }
    default:
      key = Self.keys[name]
      value = []
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    if key != nil, value.count < 4_096 { unsafe value.append(contentsOf: bytes) }
  }

  func end(_ name: String) throws {
    let text = TableStack.oneLine(value)
    if let key, metadata[key] == nil, !text.isEmpty { metadata[key] = text }
    key = nil
  }
}

private final class BookContentsHandler: XMLEventHandler {
  private(set) var labels: [(target: String, label: String)] = []
  private var label: [UInt8] = []
  private var inLabel = false

  func start(_ name: String, _ attributes: XMLAttributes) throws {
    if name == "ncx:navLabel" {
      inLabel = true
      label = []
    }
    if name == "ncx:content", let target = attributes["src"] { labels.append((target, TableStack.oneLine(label))) }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws { if inLabel { unsafe label.append(contentsOf: bytes) } }

  func end(_ name: String) throws { if name == "ncx:navLabel" { inLabel = false } }
}
