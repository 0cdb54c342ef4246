// What a model is told, as a file: a head with name, version and declared inputs, then the messages, each after a line
// that names its role (@system, @user, @assistant). {{input}} stands for a declared input. What is put in is never read
// again, so a document cannot bring placeholders of its own.
package import Base

package struct Prompt: Sendable {
  package enum Origin: Sendable, Equatable {
    case builtIn
    case file(String)
  }

  enum Piece: Sendable, Equatable {
    case words(String)
    case input(String)
  }

  package let name: String
  package let version: String
  package let inputs: [String]
  package let about: String
  package let origin: Origin
  /// The file as it stands.
  package let text: String
  package let digest: SHA256Digest
  private let messages: [(role: ChatMessage.Role, pieces: [Piece])]

  package init(_ text: String, origin: Origin) throws {
    self.text = text
    self.origin = origin
    digest = SHA256Digest(of: text.utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") else {
      throw PromptError(origin, "it must begin with a head between lines of ---")
    }
    let head = try Prompt.head(lines[1..<end], origin)
    func field(_ name: String) throws -> String {
      guard let value = head[name], !value.isEmpty else { throw PromptError(origin, "its head has no '\(name)'") }
      return value
    }
    name = try field("name")
    version = try field("version")
    about = head["about"] ?? ""
    inputs = (head["inputs"] ?? "").split(separator: ",").map { $0.drop { $0 == " " }.reversed().drop { $0 == " " } }
      .map { String($0.reversed()) }.filter { !$0.isEmpty }
    messages = try Prompt.messages(lines[(end + 1)...], inputs: inputs, origin)
    let used = Set(messages.flatMap { $0.pieces }.compactMap { if case .input(let name) = $0 { name } else { nil } })
    if let idle = inputs.first(where: { !used.contains($0) }) {
      throw PromptError(origin, "it declares the input '\(idle)' and does not use it")
    }
  }

  /// As a receipt names it.
  package var identity: String { "\(name)/\(version)@\(String("\(digest)".prefix(12)))" }

  /// The messages with the inputs put in: those that are declared, and no others.
  package func messages(_ values: [String: String]) throws -> [ChatMessage] {
    if let stranger = values.keys.sorted().first(where: { !inputs.contains($0) }) {
      throw PromptError(origin, "it was given '\(stranger)', which it does not declare")
    }
    if let missing = inputs.first(where: { values[$0] == nil }) {
      throw PromptError(origin, "its input '\(missing)' was not given")
    }
    return messages.map { role, pieces in
      let text = pieces.map { piece in
        switch piece {
        case .words(let words): words
        case .input(let name): values[name] ?? ""
        }
      }
      return ChatMessage(role, text.joined())
    }
  }

  // MARK: Reading

  private static func head(_ lines: ArraySlice<Substring>, _ origin: Origin) throws -> [String: String] {
    var head: [String: String] = [:]
    for line in lines where line.contains(where: { !$0.isWhitespace }) {
      guard let colon = line.firstIndex(of: ":") else {
        throw PromptError(origin, "the line '\(line.prefix(60))' of its head is no 'name: value'")
      }
      let key = String(line[..<colon])
      guard ["name", "version", "inputs", "about"].contains(key), head[key] == nil else {
        throw PromptError(origin, "its head has '\(key)' twice, or nobody knows it")
      }
      head[key] = String(line[line.index(after: colon)...].drop { $0 == " " })
    }
    return head
  }

  private static func messages(
    _ lines: ArraySlice<Substring>, inputs: [String], _ origin: Origin
  ) throws -> [(role: ChatMessage.Role, pieces: [Piece])] {
    var texts: [(role: ChatMessage.Role, lines: [Substring])] = []
    for line in lines {
      if line.hasPrefix("@"), let role = ChatMessage.Role(rawValue: String(line.dropFirst())) {
        texts.append((role, []))
      } else if !texts.isEmpty {
        texts[texts.count - 1].lines.append(line)
      } else if line.contains(where: { !$0.isWhitespace }) {
        throw PromptError(origin, "its text must begin with a line @system, @user or @assistant")
      }
    }
    guard texts.contains(where: { $0.role == .user }) else { throw PromptError(origin, "it has no @user part") }
    return try texts.map { role, lines in
      var text = lines.joined(separator: "\n")
      while text.last?.isNewline == true { text.removeLast() }
      return (role, try pieces(of: text, inputs: inputs, origin))
    }
  }

  private static func pieces(of text: String, inputs: [String], _ origin: Origin) throws -> [Piece] {
    var pieces: [Piece] = []
    var rest = text[...]
    while let open = rest.firstRange(of: "{{") {
      guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
        throw PromptError(origin, "it has {{ without }}")
      }
      let name = String(rest[open.upperBound..<close.lowerBound].filter { $0 != " " })
      guard inputs.contains(name) else {
        throw PromptError(origin, "it uses {{\(name.prefix(60))}}, which it does not declare")
      }
      pieces += [.words(String(rest[..<open.lowerBound])), .input(name)]
      rest = rest[close.upperBound...]
    }
    return pieces + [.words(String(rest))]
  }
}

package struct PromptError: Failure, Equatable {
  private let place: String
  private let why: String

  init(_ origin: Prompt.Origin, _ why: String) {
    place = if case .file(let path) = origin { path } else { "built in" }
    self.why = why
  }

  package var kind: FailureKind { .usage }
  package var code: String { "bad_prompt" }
  package var message: String { "the prompt (\(place)) cannot be used: \(why)" }
  package var hint: String { "'footnote prompts NAME' shows the one that the product brings" }
}
