// The numbers of Word's lists: definitions, and the counters that run through the document.
// Invariants: levels are 0...8; a counter is told once per list item, in order of the text.
// Must not: place the number in the text; it only says what it is.

struct WordListLevel {
  var format = "decimal"
  var pattern = "%1."
  var start = 1
}

struct WordNumbering {
  fileprivate var abstractLists: [String: [Int: WordListLevel]] = [:]
  fileprivate var abstractOfList: [String: String] = [:]
  fileprivate var startOverrides: [String: [Int: Int]] = [:]
  private var counters: [String: [Int: Int]] = [:]
  private var begunLists: Set<String> = []

  static let levelMax = 8

  /// The label of the next item of a list: '3.', 'a)', '•'; nil where the list has none.
  mutating func nextLabel(list id: String, level given: Int) -> String? {
    guard let abstract = abstractOfList[id], let levels = abstractLists[abstract] else { return nil }
    let level = min(max(given, 0), Self.levelMax)
    guard let definition = levels[level] else { return nil }
    if begunLists.insert(id).inserted, let overrides = startOverrides[id] {
      for (level, start) in overrides { counters[abstract, default: [:]][level] = start - 1 }
    }
    var counts = counters[abstract] ?? [:]
    counts[level] = (counts[level] ?? definition.start - 1) &+ 1
    for deeper in level + 1..<Self.levelMax + 2 { counts[deeper] = nil }
    counters[abstract] = counts
    if definition.format == "none" { return nil }
    if definition.format == "bullet" { return "•" }
    var label = ""
    var expectsLevel = false
    for character in definition.pattern {
      if expectsLevel, let number = character.wholeNumberValue, (1...9).contains(number) {
        let other = levels[number - 1] ?? WordListLevel()
        label += WordNumberFormat.text(counts[number - 1] ?? other.start, as: other.format)
        expectsLevel = false
      } else if character == "%" {
        expectsLevel = true
      } else {
        label.append(character)
      }
    }
    return label.isEmpty ? nil : label
  }
}

enum WordNumberFormat {
  static func text(_ number: Int, as format: String) -> String {
    guard number > 0, number < 10_000 else { return String(number) }
    switch format {
    case "lowerLetter": return letters(number).lowercased()
    case "upperLetter": return letters(number)
    case "lowerRoman": return roman(number).lowercased()
    case "upperRoman": return roman(number)
    case "decimalZero": return number < 10 ? "0\(number)" : String(number)
    default: return String(number)
    }
  }

  /// A…Z, AA, BB, …, as Word counts.
  private static func letters(_ number: Int) -> String {
    let letter = Character(Unicode.Scalar(UInt8(65 + (number - 1) % 26)))
    return String(repeating: letter, count: (number - 1) / 26 + 1)
  }

  private static func roman(_ number: Int) -> String {
    let signs: [(Int, String)] = [
      (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
      (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
    ]
    var rest = number
    var text = ""
    for (value, sign) in signs {
      while rest >= value {
        text += sign
        rest -= value
      }
    }
    return text
  }
}

final class WordNumberingHandler: XMLEventHandler {
  private(set) var numbering = WordNumbering()
  private var abstractID: String?
  private var listID: String?
  private var level: Int?

  func start(_ name: String, _ attributes: XMLAttributes) throws {
    let value = attributes["val"]
    switch name {
    case "w:abstractNum": abstractID = attributes["abstractNumId"]
    case "w:num": listID = attributes["numId"]
    case "w:lvl", "w:lvlOverride":
      level = attributes["ilvl"].flatMap { Int($0) }.flatMap { (0...WordNumbering.levelMax).contains($0) ? $0 : nil }
      if name == "w:lvl" { change { $0 = WordListLevel() } }
    case "w:abstractNumId": if let listID, let value { numbering.abstractOfList[listID] = value }
    case "w:start": if let start = value.flatMap({ Int($0) }) { change { $0.start = start } }
    case "w:numFmt": if let value { change { $0.format = value } }
    case "w:lvlText": if let value { change { $0.pattern = value } }
    case "w:startOverride":
      if let listID, let level, let start = value.flatMap({ Int($0) }), abs(start) < 1 << 30 {
        numbering.startOverrides[listID, default: [:]][level] = start
      }
    default: break
    }
  }

  func end(_ name: String) throws {
    if name == "w:abstractNum" { abstractID = nil }
    if name == "w:num" { listID = nil }
  }

  private func change(_ edit: (inout WordListLevel) -> Void) {
    guard let abstractID, let level else { return }
    edit(&numbering.abstractLists[abstractID, default: [:]][level, default: WordListLevel()])
  }
}
