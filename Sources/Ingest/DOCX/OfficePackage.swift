// A package of XML parts in a zip archive, as Office Open XML and OpenDocument have it, and the relationships by which
// one part of the former names another.
// Invariants: a relationship is followed only inside the archive; an external target is a string and stays one.
// Must not: know what a part means.

struct OfficePackage {
  struct Relationship {
    var type: String
    var target: String
    var isExternal: Bool
  }

  let archive: ZipArchive
  private let damage: IngestFailure.Code

  init(_ bytes: [UInt8], format: DocumentFormat) throws {
    archive = try ZipArchive(bytes, claimedAs: format)
    damage = format == .docx ? .damagedDOCX : .damagedArchive
  }

  /// Unpacks what no reader asks for, of the parts that are XML: a package of which one part is broken is damaged, and
  /// nothing says how far.
  func verifyParts(except read: String) throws {
    for name in archive.names where name != read && (name.hasSuffix(".xml") || name.hasSuffix(".rels")) {
      _ = try unsafe archive.read(name) { _ in }
    }
  }

  /// Streams a part through a handler; false where the package has no such part.
  func parse(_ part: String, with handler: any XMLEventHandler) throws -> Bool {
    try archive.parse(part, with: handler, damage: damage)
  }

  /// The relationships of a part by id; those of the package itself for an empty name.
  func relationships(of part: String) throws -> [String: Relationship] {
    let (folder, name) = Self.split(part)
    let handler = RelationshipHandler(base: folder)
    _ = try parse("\(folder)_rels/\(name).rels", with: handler)
    return handler.found
  }

  /// The main part, by the package's own relationship, else by its usual name.
  func mainPart(usually usual: String) throws -> String? {
    let root = try relationships(of: "").values.filter { $0.type == "officeDocument" && !$0.isExternal }
    if let named = root.map(\.target).min(), archive.contains(named) { return named }
    return archive.contains(usual) ? usual : nil
  }

  /// Title, author and dates of docProps/core.xml. Damage there costs the metadata, not the document.
  func coreProperties() -> [String: String] {
    guard let root = try? relationships(of: ""),
      let part = root.values.first(where: { $0.type == "core-properties" })?.target
    else { return [:] }
    return properties(in: part, named: Self.coreNames)
  }

  private static let coreNames = [
    "dc:title": "title", "dc:creator": "author", "dc:subject": "subject", "cp:keywords": "keywords",
    "dcterms:created": "created", "dcterms:modified": "modified", "dc:language": "language",
  ]

  /// The texts of some elements under the names that every format uses.
  func properties(in part: String, named names: [String: String]) -> [String: String] {
    let handler = PropertiesHandler(names)
    guard (try? parse(part, with: handler)) != nil else { return [:] }
    return handler.properties.filter { !$0.value.isEmpty }
  }

  static func split(_ part: String) -> (folder: String, name: String) {
    guard let slash = part.lastIndex(of: "/") else { return ("", part) }
    return (String(part[...slash]), String(part[part.index(after: slash)...]))
  }

  /// A target as the name of an entry: relative to the part's folder, '..' resolved and kept inside the package.
  static func resolve(_ target: String, from folder: String) -> String {
    var parts = target.hasPrefix("/") ? [] : folder.split(separator: "/").map(String.init)
    for piece in target.split(separator: "/") where piece != "." {
      if piece == ".." { parts = parts.dropLast() } else { parts.append(String(piece)) }
    }
    return parts.joined(separator: "/")
  }
}

private final class RelationshipHandler: XMLEventHandler {
  private let base: String
  private(set) var found: [String: OfficePackage.Relationship] = [:]

  init(base: String) { self.base = base }

  func start(_ name: String, _ attributes: XMLAttributes) throws {
    guard name == "rel:Relationship", let id = attributes["Id"], let target = attributes["Target"] else { return }
    let type = attributes["Type"].flatMap { $0.split(separator: "/").last.map(String.init) } ?? ""
    let isExternal = attributes["TargetMode"] == "External"
    found[id] = OfficePackage.Relationship(
      type: type, target: isExternal ? target : OfficePackage.resolve(target, from: base), isExternal: isExternal)
  }
}

private final class PropertiesHandler: XMLEventHandler {
  private let names: [String: String]
  private(set) var properties: [String: String] = [:]
  private var key: String?
  private var value: [UInt8] = []

  init(_ names: [String: String]) { self.names = names }

  func start(_ name: String, _ attributes: XMLAttributes) throws {
    key = names[name]
    value = []
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    if key != nil, value.count < 4_096 { unsafe value.append(contentsOf: bytes) }
  }

  func end(_ name: String) throws {
    if let key { properties[key] = String(decoding: value, as: UTF8.self) }
    key = nil
  }
}
