// What a paragraph style of a Word file says about its paragraphs: heading level and list.
// Invariants: a chain of styles based on one another is followed at most 20 steps, so a cycle ends.
// Must not: carry looks (fonts, colours).

struct WordStyle {
  var name = ""
  var basedOn: String?
  var outlineLevel: Int?
  var listID: String?
  var listLevel: Int?
}

struct WordStyles {
  private let byID: [String: WordStyle]
  let defaultID: String?

  init(_ byID: [String: WordStyle] = [:], defaultID: String? = nil) {
    self.byID = byID
    self.defaultID = defaultID
  }

  func isTitle(_ id: String?) -> Bool { chain(id).first.map { $0.name == "title" } ?? (id == "Title") }

  func isCaption(_ id: String?) -> Bool { chain(id).contains { $0.name == "caption" } }

  func isCode(_ id: String?) -> Bool {
    chain(id).contains { $0.name.contains("source code") || $0.name.contains("html preformatted") }
  }

  /// 1...9, by the built-in name ('heading 2', in every language of Word) or by the outline level.
  func headingLevel(_ id: String?) -> Int? {
    for style in chain(id) {
      if style.name.hasPrefix("heading "), let level = Int(style.name.dropFirst(8)), (1...9).contains(level) {
        return level
      }
      if let level = style.outlineLevel { return level < 9 ? level + 1 : nil }
    }
    guard byID.isEmpty, let id, id.hasPrefix("Heading") else { return nil }
    return Int(id.dropFirst(7))
  }

  func list(_ id: String?) -> (id: String, level: Int)? {
    let styles = chain(id)
    guard let listID = styles.lazy.compactMap(\.listID).first else { return nil }
    return (listID, styles.lazy.compactMap(\.listLevel).first ?? 0)
  }

  private func chain(_ id: String?) -> [WordStyle] {
    var styles: [WordStyle] = []
    var next = id ?? defaultID
    while let id = next, let style = byID[id], styles.count < 20 {
      styles.append(style)
      next = style.basedOn
    }
    return styles
  }
}

final class WordStylesHandler: XMLEventHandler {
  private var byID: [String: WordStyle] = [:]
  private var defaultID: String?
  private var openID: String?
  private var style = WordStyle()

  var styles: WordStyles { WordStyles(byID, defaultID: defaultID) }

  func start(_ name: String, _ attributes: XMLAttributes) throws {
    switch name {
    case "w:style":
      openID = attributes["type"] == "paragraph" ? attributes["styleId"] : nil
      style = WordStyle()
      if let openID, attributes["default"] == "1" || attributes["default"] == "true" { defaultID = openID }
    case "w:name": style.name = attributes["val"]?.lowercased() ?? ""
    case "w:basedOn": style.basedOn = attributes["val"]
    case "w:outlineLvl": style.outlineLevel = attributes["val"].flatMap { Int($0) }
    case "w:numId": style.listID = attributes["val"]
    case "w:ilvl": style.listLevel = attributes["val"].flatMap { Int($0) }
    default: break
    }
  }

  func end(_ name: String) throws {
    guard name == "w:style", let id = openID else { return }
    byID[id] = style
    openID = nil
  }
}
