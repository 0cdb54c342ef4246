// What a Markdown file says of itself before its text: YAML between lines of three dashes, or TOML between lines of
// three pluses. Scalars, quoted and folded texts, lists and one level of maps; anything deeper is kept as it was
// written. Invariants: a first line of dashes that nothing closes is text, and no field is lost to it. Must not:
// understand YAML beyond what people write there: no anchors, no types.

enum FrontMatter {
  private static let linesMax = 1_000

  static func parse(_ utf8: [UInt8]) -> (fields: [String: String], bodyStart: Int) {
    var lines = LineScanner(utf8)
    guard let first = lines.next() else { return ([:], 0) }
    let mark = text(utf8, first.bytes)
    guard mark == "---" || mark == "+++" else { return ([:], 0) }
    var matter = Fields(separator: mark == "---" ? ":" : "=")
    for _ in 0..<linesMax {
      guard let line = lines.next() else { return ([:], 0) }
      let content = text(utf8, line.bytes)
      if content == mark || (mark == "---" && content == "...") {
        return (matter.finished(), min(line.bytes.upperBound + 1, utf8.count))
      }
      matter.read(content)
    }
    return ([:], 0)
  }

  private static func text(_ utf8: [UInt8], _ range: Range<Int>) -> String {
    var end = range.upperBound
    while end > range.lowerBound, isBlank(utf8[end - 1]) { end -= 1 }
    return String(decoding: utf8[range.lowerBound..<end], as: UTF8.self)
  }

  private struct Fields {
    let separator: Character
    private var fields: [String: String] = [:]
    private var key: String?
    /// Of a text over several lines, what joins them.
    private var folding: String?

    init(separator: Character) { self.separator = separator }

    mutating func read(_ line: String) {
      let bare = line.drop { $0 == " " || $0 == "\t" }
      let isIndented = bare.startIndex != line.startIndex
      if let key, let joint = folding, isIndented || bare.isEmpty {
        if !bare.isEmpty { add(String(bare), to: key, joint: joint) }
        return
      }
      folding = nil
      if bare.isEmpty || bare.first == "#" { return }
      if separator == "=", bare.first == "[", !bare.contains("=") { return }
      if bare.hasPrefix("- ") || bare == "-" {
        if let key { add(value(bare.dropFirst(1)), to: key, joint: ", ") }
        return
      }
      guard let (name, rest) = field(bare) else {
        if let key { add(value(bare), to: key, joint: " ") }
        return
      }
      if isIndented, let key {
        fields[key + "." + name] = value(rest)
        return
      }
      key = name
      let given = rest.drop { $0 == " " }
      if separator == ":", let style = given.first, style == "|" || style == ">", given.count <= 3 {
        folding = style == "|" ? "\n" : " "
        fields[name] = ""
      } else {
        fields[name] = value(rest)
      }
    }

    func finished() -> [String: String] { fields.filter { !$0.value.isEmpty } }

    private mutating func add(_ text: String, to key: String, joint: String) {
      fields[key] = [fields[key] ?? "", text].filter { !$0.isEmpty }.joined(separator: joint)
    }

    /// 'name: rest', where the colon ends the line or a space follows it.
    private func field(_ line: Substring) -> (name: String, rest: Substring)? {
      guard let mark = line.firstIndex(of: separator), mark != line.startIndex else { return nil }
      let rest = line[line.index(after: mark)...]
      guard rest.isEmpty || rest.first == " " || separator == "=" else { return nil }
      return (value(line[..<mark]), rest)
    }

    private func value(_ raw: Substring) -> String {
      var text = raw.drop { $0 == " " }
      if let mark = text.first, mark == "\"" || mark == "'" {
        let inside = text.dropFirst()
        guard let end = inside.lastIndex(of: mark) else { return String(text) }
        let quoted = String(inside[..<end])
        return mark == "\"" ? quoted.replacing("\\\"", with: "\"") : quoted.replacing("''", with: "'")
      }
      if let comment = text.firstRange(of: " #") { text = text[..<comment.lowerBound] }
      while text.last == " " { text.removeLast() }
      guard text.first == "[", text.last == "]" else { return String(text) }
      return text.dropFirst().dropLast().split(separator: ",").map { value($0) }.filter { !$0.isEmpty }
        .joined(separator: ", ")
    }
  }
}
