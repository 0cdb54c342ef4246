// HTML to the Document form, through libxml2's HTML parser, which mends what browsers mend.
// Invariants: scripts, styles, templates and comments give no text; nothing is fetched; the tree is walked without
// recursion, so depth costs no stack; text comes out in the order of the source.
// Must not: judge what looks visible: only markup is known here, not styling.
import CXML

enum HTMLReader {
  static func read(_ bytes: [UInt8]) throws -> Document {
    let decoded = try HTMLEncoding.decode(bytes)
    let tree = try HTMLTree(decoded.utf8)
    var writer = HTMLWriter(encoding: decoded.encoding)
    try tree.walk(&writer)
    return try writer.finish()
  }

  /// A page as a part of a larger document: a chapter, the body of a message.
  static func write(_ utf8: [UInt8], to builder: inout DocumentBuilder) throws {
    let tree = try HTMLTree(utf8)
    var writer = HTMLWriter(continuing: builder)
    try tree.walk(&writer)
    builder = try writer.builderAtEnd()
  }
}

/// Which encoding the page is in: a mark, valid UTF-8, the page's own word, in that order. UTF-8 goes before the page's
/// word because a page that is valid UTF-8 beyond ASCII is hardly ever anything else.
enum HTMLEncoding {
  static func decode(_ bytes: [UInt8]) throws -> DecodedText {
    let head = bytes.prefix(2_048).map { $0 < 0x80 ? $0 | ($0 >= 0x41 && $0 <= 0x5A ? 0x20 : 0) : 0x3F }
    let hasMark = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
    if !hasMark, String(validating: bytes, as: UTF8.self) == nil, let name = declared(in: head),
      let text = NamedEncoding.decode(bytes, name: name)
    {
      return DecodedText(utf8: text, encoding: name)
    }
    return try TextDecoding.decode(bytes)
  }

  private static func declared(in head: [UInt8]) -> String? {
    let text = String(decoding: head, as: UTF8.self)
    guard let found = text.firstRange(of: "charset=") ?? text.firstRange(of: "encoding=") else { return nil }
    let name = text[found.upperBound...].drop { $0 == "\"" || $0 == "'" || $0 == " " }
      .prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
    return name.isEmpty ? nil : String(name)
  }
}

/// A parsed page. Safe: owns the tree, freed once in `deinit`; nodes never leave `walk`.
@safe struct HTMLTree: ~Copyable {
  private let document: htmlDocPtr

  init(_ utf8: [UInt8]) throws {
    // The text has been made UTF-8; the name given here overrules what the page says of itself.
    let options = Int32(
      HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue
        | HTML_PARSE_NONET.rawValue | HTML_PARSE_COMPACT.rawValue)
    let parsed = unsafe utf8.withUnsafeBytes { bytes in
      unsafe htmlReadMemory(bytes.bindMemory(to: CChar.self).baseAddress, Int32(bytes.count), nil, "UTF-8", options)
    }
    guard let parsed = unsafe parsed else {
      throw IngestFailure(.damagedText, "the page cannot be read as HTML")
    }
    unsafe document = parsed
  }

  deinit { unsafe xmlFreeDoc(document) }

  func walk(_ writer: inout HTMLWriter) throws {
    guard let root = unsafe xmlDocGetRootElement(document) else { return }
    var node = unsafe root
    while true {
      var descends = false
      let type = unsafe node.pointee.type
      if type == XML_TEXT_NODE || type == XML_CDATA_SECTION_NODE {
        if let content = unsafe node.pointee.content { try unsafe writer.text(bytes(of: content)) }
      } else if type == XML_ELEMENT_NODE {
        descends = try unsafe writer.start(name(of: node), HTMLAttributes(node))
      }
      if descends, let child = unsafe node.pointee.children {
        unsafe node = child
        continue
      }
      if type == XML_ELEMENT_NODE, descends { try unsafe writer.end(name(of: node)) }
      while unsafe node.pointee.next == nil {
        guard unsafe node != root, let parent = unsafe node.pointee.parent,
          unsafe parent.pointee.type == XML_ELEMENT_NODE
        else { return }
        unsafe node = parent
        try unsafe writer.end(name(of: node))
        if unsafe node == root { return }
      }
      guard unsafe node != root, let next = unsafe node.pointee.next else { return }
      unsafe node = next
    }
  }

  private func name(of node: xmlNodePtr) -> String { unsafe String(cString: node.pointee.name) }

  private func bytes(of content: UnsafeMutablePointer<xmlChar>) -> UnsafeBufferPointer<UInt8> {
    unsafe UnsafeBufferPointer(start: content, count: Int(xmlStrlen(content)))
  }
}

/// The attributes of the element being told. Safe: lives no longer than the call it is passed to.
@safe struct HTMLAttributes {
  private let node: xmlNodePtr

  init(_ node: xmlNodePtr) { unsafe self.node = node }

  subscript(_ name: String) -> String? {
    guard let value = unsafe xmlGetProp(node, name) else { return nil }
    defer { unsafe footnote_xml_free(value) }
    return unsafe String(cString: value)
  }
}
