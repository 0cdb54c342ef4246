// A parsed page as a tree of libxml2's HTML parser, which mends what browsers mend, and the walk over it.
// Invariants: nothing is fetched; the tree is walked without recursion, so depth costs no stack, and a page that is
// deeper than `Limits` is refused, never cut; every visitor is told the same elements in the same order, as long as it
// passes over the same ones.
// Must not: know what an element means.
import Base
import CXML

/// What a walk tells, in the order of the source.
protocol HTMLVisitor {
  /// False where the element and all in it is passed over; `end` is not told of it then.
  mutating func start(_ name: String, _ attributes: HTMLAttributes) throws -> Bool
  mutating func end(_ name: String) throws
  mutating func text(_ bytes: UnsafeBufferPointer<UInt8>) throws
}

/// Safe: owns the tree, freed once in `deinit`; nodes never leave `walk`.
@safe struct HTMLTree: ~Copyable {
  private let document: htmlDocPtr

  init(_ utf8: [UInt8]) throws {
    // The text has been made UTF-8; the name given here overrules what the page says of itself. Without XML_PARSE_HUGE
    // the parser drops everything from the 257th level on and says nothing of it.
    let options = Int32(
      HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue
        | HTML_PARSE_NONET.rawValue | HTML_PARSE_COMPACT.rawValue | XML_PARSE_HUGE.rawValue)
    let parsed = unsafe utf8.withUnsafeBytes { bytes in
      unsafe htmlReadMemory(bytes.bindMemory(to: CChar.self).baseAddress, Int32(bytes.count), nil, "UTF-8", options)
    }
    guard let parsed = unsafe parsed else {
      throw IngestFailure(.damagedText, "the page cannot be read as HTML")
    }
    unsafe document = parsed
  }

  deinit { unsafe xmlFreeDoc(document) }

  func walk(_ visitor: inout some HTMLVisitor) throws {
    guard let root = unsafe xmlDocGetRootElement(document) else { return }
    var node = unsafe root
    var depth = 0
    while true {
      var descends = false
      let type = unsafe node.pointee.type
      if type == XML_TEXT_NODE || type == XML_CDATA_SECTION_NODE {
        if let content = unsafe node.pointee.content { try unsafe visitor.text(bytes(of: content)) }
      } else if type == XML_ELEMENT_NODE {
        descends = try unsafe visitor.start(name(of: node), HTMLAttributes(node))
      }
      if descends, let child = unsafe node.pointee.children {
        unsafe node = child
        depth += 1
        guard depth <= Limits.htmlDepthMax else {
          throw IngestFailure(
            .tooDeep, "the page nests its elements more than \(Limits.htmlDepthMax) deep",
            hint: "save the page as text or PDF and add that")
        }
        continue
      }
      if type == XML_ELEMENT_NODE, descends { try unsafe visitor.end(name(of: node)) }
      while unsafe node.pointee.next == nil {
        guard unsafe node != root, let parent = unsafe node.pointee.parent,
          unsafe parent.pointee.type == XML_ELEMENT_NODE
        else { return }
        unsafe node = parent
        depth -= 1
        try unsafe visitor.end(name(of: node))
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
