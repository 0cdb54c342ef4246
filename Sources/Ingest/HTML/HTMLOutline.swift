// The elements of a page in the order of the source, each with how much text it holds and how much of that is links.
// Invariants: an element's numbers count what lies in it as well; `end` is past the last element in it, so a part of
// the page is a range of indices; text is counted in characters that are not blank. Must not: decide anything.

struct HTMLOutline: HTMLVisitor {
  struct Traits: OptionSet {
    let rawValue: UInt16

    static let link = Traits(rawValue: 1)
    /// Holds blocks, so its own text is not a paragraph.
    static let hasBlocks = Traits(rawValue: 2)
    /// May hold a passage of text: p, td, pre, and div or li without blocks inside.
    static let passage = Traits(rawValue: 4)
    static let openPassage = Traits(rawValue: 8)
    /// The markup says that the main content is here.
    static let main = Traits(rawValue: 16)
    /// The markup says that it stands beside the content: nav, aside, footer, and their roles.
    static let beside = Traits(rawValue: 32)
    /// May be told by its class or id to stand beside the content.
    static let hintable = Traits(rawValue: 64)
    /// May be the region of the main content.
    static let region = Traits(rawValue: 128)
    /// A container that a crowd of links makes worthless.
    static let container = Traits(rawValue: 256)
    static let hidden = Traits(rawValue: 512)
    /// A table that only arranges the page.
    static let layoutTable = Traits(rawValue: 1_024)
  }

  struct Element {
    var parent: Int
    var end: Int
    var traits: Traits
    var hints: HTMLElements.Hints
    var textCount = 0
    var linkCount = 0
    var commaCount = 0
    var ownTextCount = 0
    var paragraphCount = 0

    /// Text that is no link.
    var plainCount: Int { textCount - linkCount }
    var linkShare: Double { textCount == 0 ? 0 : Double(linkCount) / Double(textCount) }
  }

  private(set) var elements: [Element] = []
  private(set) var body = 0
  private(set) var firstHeadings: [Int] = []
  private(set) var anchors: [Int] = []
  private(set) var head = HTMLHead()
  private var open: [Int] = []
  private var names: [String] = []
  private var tables = HTMLLayoutTables()

  mutating func start(_ name: String, _ attributes: HTMLAttributes) throws -> Bool {
    let presence = HTMLElements.presence(of: name, attributes)
    let index = elements.count
    let parent = open.last ?? 0
    var traits = Self.traits(of: name, attributes)
    if presence == .hidden { traits.insert(.hidden) }
    if traits.contains(.main) || traits.contains(.hintable) || traits.contains(.region) {
      elements.append(
        Element(parent: parent, end: index + 1, traits: traits, hints: HTMLElements.hints(of: attributes)))
    } else {
      elements.append(Element(parent: parent, end: index + 1, traits: traits, hints: []))
    }
    if head.start(name, attributes) {
      open.append(index)
      names.append(name)
      return true
    }
    guard presence == .shown else { return false }
    if !open.isEmpty {
      if elements[parent].traits.contains(.link) { elements[index].traits.insert(.link) }
      if HTMLElements.blocks.contains(name) || name == "td" || name == "tr" {
        elements[parent].traits.insert(.hasBlocks)
      }
    }
    if name == "body" { body = index }
    if name == "h1" { firstHeadings.append(index) }
    if name == "a" { anchors.append(index) }
    tables.start(name, attributes, index: index)
    open.append(index)
    names.append(name)
    return true
  }

  mutating func end(_ name: String) throws {
    guard let index = open.popLast() else { return }
    names.removeLast()
    elements[index].end = elements.count
    head.end(name)
    if let table = tables.end(name) { elements[table].traits.insert(.layoutTable) }
    guard index > 0 else { return }
    let done = elements[index]
    let parent = done.parent
    elements[parent].textCount += done.textCount
    elements[parent].linkCount += done.linkCount
    elements[parent].commaCount += done.commaCount
    elements[parent].paragraphCount += done.paragraphCount + (name == "p" ? 1 : 0)
  }

  mutating func text(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    if unsafe head.text(bytes, in: names.last ?? "") { return }
    guard let index = open.last else { return }
    let (characters, commas) = unsafe Self.count(bytes)
    guard characters > 0 else { return }
    elements[index].ownTextCount += characters
    elements[index].textCount += characters
    elements[index].commaCount += commas
    if elements[index].traits.contains(.link) { elements[index].linkCount += characters }
    tables.text(characters)
  }

  /// Characters that are not blank, and the marks that part clauses, in the scripts that have some of their own.
  private static func count(_ bytes: UnsafeBufferPointer<UInt8>) -> (characters: Int, commas: Int) {
    var characters = 0
    var commas = 0
    for index in 0..<bytes.count {
      let byte = unsafe bytes[index]
      if byte & 0xC0 == 0x80 || isBlank(byte) { continue }
      characters += 1
      if byte == 0x2C || byte == 0x3B {
        commas += 1
      } else if byte == 0xE3 || byte == 0xEF, index + 2 < bytes.count {
        let mark = unsafe (byte, bytes[index + 1], bytes[index + 2])
        if mark == (0xE3, 0x80, 0x81) || mark == (0xE3, 0x80, 0x82) || mark == (0xEF, 0xBC, 0x8C)
          || mark == (0xEF, 0xBC, 0x9B)
        {
          commas += 1
        }
      } else if byte == 0xD8, index + 1 < bytes.count {
        let second = unsafe bytes[index + 1]
        if second == 0x8C || second == 0x9B { commas += 1 }
      }
    }
    return (characters, commas)
  }

  private static func traits(of name: String, _ attributes: HTMLAttributes) -> Traits {
    var traits = traitsByName[name] ?? []
    if name == "a", attributes["href"] != nil { traits.insert(.link) }
    switch attributes["role"] {
    case "main", "article": traits.insert(.main)
    case "navigation", "complementary", "contentinfo", "search", "menu", "menubar", "alert", "alertdialog", "dialog":
      traits.insert(.beside)
    default: break
    }
    return traits
  }

  private static let traitsByName: [String: Traits] = {
    var traits: [String: Traits] = [:]
    func add(_ trait: Traits, _ names: String) {
      for name in names.split(separator: " ") { traits[String(name), default: []].insert(trait) }
    }
    add(.passage, "p td pre blockquote h2 h3 h4")
    add(.openPassage, "div section li dd")
    add(.main, "article main")
    add(.beside, "nav aside footer")
    add(.hintable, "div section ul ol dl table form header span p li")
    add(.region, "div section article main td table form header center body figure fieldset")
    add(.container, "div section form table header")
    return traits
  }()
}

/// Tells the tables that only arrange a page from those that hold data, as they end.
struct HTMLLayoutTables {
  private struct Table {
    var index: Int
    var isMarked = false
    var isNamed = false
    var cells = 0
    var blocksInCell = 0
    var textInCell = 0
    var isArranging = false
  }

  private var tables: [Table] = []

  mutating func start(_ name: String, _ attributes: HTMLAttributes, index: Int) {
    switch name {
    case "table":
      let role = attributes["role"]
      let table = Table(index: index, isMarked: role == "presentation" || role == "none")
      tables.append(table)
      return
    case "th", "caption", "thead": change { $0.isNamed = true }
    case "td":
      change {
        $0.cells += 1
        $0.blocksInCell = 0
        $0.textInCell = 0
      }
    case "h1", "h2", "h3", "h4", "h5", "h6", "article", "main", "nav", "section", "form":
      change { $0.isArranging = true }
    case "p", "ul", "ol", "blockquote", "pre": change { $0.blocksInCell += 1 }
    default: break
    }
  }

  mutating func text(_ characters: Int) {
    change { table in
      table.textInCell += characters
      // A cell of several paragraphs, or of a page's worth of them.
      if table.blocksInCell >= 2, table.textInCell > 400 { table.isArranging = true }
    }
  }

  /// The index of the table that ends here, if it is one that arranges.
  mutating func end(_ name: String) -> Int? {
    guard name == "table", let table = tables.popLast() else { return nil }
    let arranges = table.isMarked || (!table.isNamed && (table.isArranging || table.cells <= 1))
    // Tables in the cells of one that names no columns: it arranges them.
    change { $0.isArranging = true }
    return arranges ? table.index : nil
  }

  private mutating func change(_ edit: (inout Table) -> Void) {
    if !tables.isEmpty { edit(&tables[tables.count - 1]) }
  }
}
