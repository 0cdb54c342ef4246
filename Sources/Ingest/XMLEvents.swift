// XML as a stream of events, through libxml2's push parser. No tree is built, so a document's size is never multiplied.
// Invariants: a DTD of any kind ends the parse at its first byte (no entity is ever declared, so none can expand or be
// fetched); depth is bounded; nothing outside the given bytes is read.
// Must not: recover from damage, unless it is asked to (feeds): text of a broken file would be half a text that looks
// whole.
import Base
import CXML

/// An element by its canonical name: the prefix that its namespace usually has, whatever the file calls it ('w:p').
protocol XMLEventHandler: AnyObject {
  func start(_ name: String, _ attributes: XMLAttributes) throws
  func end(_ name: String) throws
  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws
}

extension XMLEventHandler {
  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws {}
  func end(_ name: String) throws {}
}

/// The attributes of one start event.
/// Safe: made by the parser for the duration of `start` only; every read stays inside the `count` quintuples that
/// libxml2 hands over: https://gnome.pages.gitlab.gnome.org/libxml2/devhelp/libxml2-parser.html#startElementNsSAX2Func
@safe struct XMLAttributes {
  private let quintuples: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
  private let count: Int

  fileprivate init(_ quintuples: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?, count: Int) {
    unsafe self.quintuples = quintuples
    self.count = count
  }

  /// By local name: the formats read here never give two attributes of one element the same local name and different
  /// meaning, except where `prefix` says which.
  subscript(_ name: String, prefix prefix: String? = nil) -> String? {
    guard let quintuples = unsafe quintuples else { return nil }
    for index in 0..<count {
      guard let local = unsafe quintuples[index * 5], unsafe xmlStrEqual(local, name) != 0 else { continue }
      if let prefix {
        guard let given = unsafe quintuples[index * 5 + 1], unsafe xmlStrEqual(given, prefix) != 0 else { continue }
      }
      guard let start = unsafe quintuples[index * 5 + 3], let end = unsafe quintuples[index * 5 + 4] else { continue }
      return unsafe String(decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self)
    }
    return nil
  }
}

/// Safe: owns the parser context, freed in `deinit`; libxml2 calls back only inside `feed` and `finish`, while `self`
/// is alive and passed unretained.
@safe final class XMLEventParser {
  private var context: xmlParserCtxtPtr?
  private let handler: any XMLEventHandler
  private let damage: IngestFailure.Code
  private let naming: (String) -> String
  private let mendsDamage: Bool
  private var failure: (any Error)?
  private var depth = 0
  private var names: [UnsafeRawPointer: [(space: UnsafeRawPointer?, name: String)]] = unsafe [:]

  /// `naming` gives a namespace's prefix with its colon. With `mendsDamage` the events go on behind a fault, and the
  /// failure comes at the end.
  init(
    handler: any XMLEventHandler, damage: IngestFailure.Code,
    naming: @escaping (String) -> String = XMLNamespaces.prefix, mendsDamage: Bool = false
  ) throws {
    self.handler = handler
    self.damage = damage
    self.naming = naming
    self.mendsDamage = mendsDamage
    var callbacks = unsafe Self.callbacks()
    let me = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe context = xmlCreatePushParserCtxt(&callbacks, me, nil, 0, nil)
    guard let context = unsafe context else { throw IngestFailure(.parseLimit, "no memory for the XML parser") }
    let mending = mendsDamage ? XML_PARSE_RECOVER.rawValue : 0
    _ = unsafe xmlCtxtUseOptions(context, Int32(XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | mending))
  }

  deinit { unsafe xmlFreeParserCtxt(context) }

  static func parse(
    _ bytes: [UInt8], with handler: any XMLEventHandler, damage: IngestFailure.Code,
    naming: @escaping (String) -> String = XMLNamespaces.prefix, mendsDamage: Bool = false
  ) throws {
    let parser = try XMLEventParser(handler: handler, damage: damage, naming: naming, mendsDamage: mendsDamage)
    unsafe try bytes.withUnsafeBytes { whole in
      var start = 0
      while start < whole.count {
        let end = min(start + 1 << 20, whole.count)
        unsafe try parser.feed(UnsafeRawBufferPointer(rebasing: whole[start..<end]))
        start = end
      }
    }
    try parser.finish()
  }

  func feed(_ bytes: UnsafeRawBufferPointer) throws {
    guard let base = unsafe bytes.bindMemory(to: CChar.self).baseAddress else { return }
    _ = unsafe xmlParseChunk(context, base, Int32(bytes.count), 0)
    if let failure { throw failure }
    if !mendsDamage { try check() }
  }

  func finish() throws {
    _ = unsafe xmlParseChunk(context, nil, 0, 1)
    try check()
  }

  private func check() throws {
    if let failure { throw failure }
    guard let context = unsafe context, unsafe context.pointee.wellFormed == 1 else {
      throw IngestFailure(damage, "the document is damaged: its XML is not well-formed")
    }
  }

  private func stop(_ error: any Error) {
    if failure == nil { failure = error }
    unsafe xmlStopParser(context)
  }

  // MARK: what libxml2 calls

  private static func callbacks() -> xmlSAXHandler {
    var handler = unsafe xmlSAXHandler()
    // The mark that makes libxml2 call the namespace-aware functions; a macro Swift does not import.
    unsafe handler.initialized = 0xDEED_BEAF
    unsafe handler.startElementNs = { user, local, _, space, _, _, count, _, attributes in
      unsafe XMLEventParser.from(user).started(local, space, XMLAttributes(attributes, count: Int(count)))
    }
    unsafe handler.endElementNs = { user, local, _, space in
      unsafe XMLEventParser.from(user).ended(local, space)
    }
    unsafe handler.characters = { user, text, length in
      unsafe XMLEventParser.from(user).read(text, length)
    }
    unsafe handler.cdataBlock = { user, text, length in
      unsafe XMLEventParser.from(user).read(text, length)
    }
    unsafe handler.ignorableWhitespace = { user, text, length in
      unsafe XMLEventParser.from(user).read(text, length)
    }
    unsafe handler.internalSubset = { user, _, _, _ in
      unsafe XMLEventParser.from(user).stop(
        IngestFailure(.dtdForbidden, "the document declares a DTD, which can hide entities; such files are refused"))
    }
    return unsafe handler
  }

  private static func from(_ user: UnsafeMutableRawPointer?) -> XMLEventParser {
    guard let user = unsafe user else { preconditionFailure("libxml2 lost its user data") }
    return unsafe Unmanaged<XMLEventParser>.fromOpaque(user).takeUnretainedValue()
  }

  private func started(_ local: UnsafePointer<xmlChar>?, _ space: UnsafePointer<xmlChar>?, _ attributes: XMLAttributes)
  {
    guard failure == nil else { return }
    depth += 1
    if depth > Limits.xmlDepthMax {
      stop(IngestFailure(.tooDeep, "the document nests more than \(Limits.xmlDepthMax) levels deep"))
      return
    }
    do { try unsafe handler.start(name(local, space), attributes) } catch { stop(error) }
  }

  private func ended(_ local: UnsafePointer<xmlChar>?, _ space: UnsafePointer<xmlChar>?) {
    guard failure == nil else { return }
    depth -= 1
    do { try unsafe handler.end(name(local, space)) } catch { stop(error) }
  }

  private func read(_ text: UnsafePointer<xmlChar>?, _ length: Int32) {
    guard failure == nil else { return }
    do { try unsafe handler.text(UnsafeBufferPointer(start: text, count: Int(length))) } catch { stop(error) }
  }

  /// libxml2 interns names, so a pair of pointers stands for a name as long as the context lives.
  private func name(_ local: UnsafePointer<xmlChar>?, _ space: UnsafePointer<xmlChar>?) -> String {
    guard let local = unsafe local else { return "" }
    let key = unsafe UnsafeRawPointer(local)
    let spaceKey = unsafe space.map { unsafe UnsafeRawPointer($0) }
    if let known = unsafe names[key]?.first(where: { unsafe $0.space == spaceKey }) { return unsafe known.name }
    let prefix = unsafe space.map { unsafe naming(String(cString: $0)) } ?? ""
    let name = unsafe prefix + String(cString: local)
    unsafe names[key, default: []].append((spaceKey, name))
    return name
  }
}

enum XMLNamespaces {
  /// The usual prefix with its colon; empty for namespaces that no reader here asks for.
  static func prefix(of space: String) -> String {
    if let known = prefixes[space] { return known + ":" }
    // The strict variant of ISO/IEC 29500 has other addresses with the same endings.
    if space.hasPrefix("http://purl.oclc.org/ooxml/") {
      if space.hasSuffix("/wordprocessingml/main") { return "w:" }
      if space.hasSuffix("/spreadsheetml/main") { return "x:" }
      if space.hasSuffix("/presentationml/main") { return "p:" }
      if space.hasSuffix("/drawingml/main") { return "a:" }
      if space.hasSuffix("/officeDocument/math") { return "m:" }
      if space.hasSuffix("/drawingml/chart") { return "c:" }
      if space.hasSuffix("/officeDocument/relationships") { return "r:" }
    }
    return "?:"
  }

  private static let prefixes: [String: String] = [
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w",
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main": "x",
    "http://schemas.openxmlformats.org/presentationml/2006/main": "p",
    "http://schemas.openxmlformats.org/drawingml/2006/main": "a",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships": "r",
    "http://schemas.openxmlformats.org/package/2006/relationships": "rel",
    "http://schemas.openxmlformats.org/package/2006/metadata/core-properties": "cp",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "http://schemas.openxmlformats.org/drawingml/2006/chart": "c",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "urn:schemas-microsoft-com:vml": "v",
    "urn:oasis:names:tc:opendocument:xmlns:text:1.0": "text",
    "urn:oasis:names:tc:opendocument:xmlns:table:1.0": "table",
    "urn:oasis:names:tc:opendocument:xmlns:office:1.0": "office",
    "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0": "draw",
    "urn:oasis:names:tc:opendocument:xmlns:style:1.0": "style",
    "urn:oasis:names:tc:opendocument:xmlns:meta:1.0": "meta",
    "urn:oasis:names:tc:opendocument:xmlns:presentation:1.0": "presentation",
    "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0": "manifest",
    "http://www.w3.org/2001/04/xmlenc#": "enc",
    "http://www.daisy.org/z3986/2005/ncx/": "ncx",
    "urn:oasis:names:tc:opendocument:xmlns:container": "ocf",
    "http://www.idpf.org/2007/opf": "opf",
  ]
}
