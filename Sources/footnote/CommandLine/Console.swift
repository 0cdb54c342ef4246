// What the user sees: results on standard output, everything else on standard error. With --json standard output holds
// one JSON document and nothing besides. Colours and progress are for terminals, and NO_COLOR is obeyed.
import Base
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

struct Console: Sendable {
  let isJSON: Bool
  let isQuiet: Bool
  let showsProgress: Bool
  let hasColour: Bool

  init(isJSON: Bool, isQuiet: Bool) {
    self.isJSON = isJSON
    self.isQuiet = isQuiet
    showsProgress = !isQuiet && isatty(STDERR_FILENO) == 1
    let noColour = ProcessInfo.processInfo.environment["NO_COLOR"] ?? ""
    hasColour = noColour.isEmpty && isatty(STDOUT_FILENO) == 1
  }

  /// A line of the result.
  func say(_ text: String) { Console.write(text + "\n", to: STDOUT_FILENO) }

  /// The result as JSON where it was asked for, else in words.
  func result(_ json: JSON, words: (JSON) -> String) {
    if isJSON { say(json.prettyText) } else { Console.write(words(json), to: STDOUT_FILENO) }
  }

  /// A remark beside the result.
  func note(_ text: String) {
    if !isQuiet { Console.write(text + "\n", to: STDERR_FILENO) }
  }

  func error(_ failure: any Failure) {
    var line = "footnote: \(failure.message)"
    if !failure.hint.isEmpty { line += "; \(failure.hint)" }
    Console.write(Console.inOneLine(line) + "\n", to: STDERR_FILENO)
  }

  func progress(_ text: String) {
    if showsProgress { Console.write("\r\u{1B}[K\(text)", to: STDERR_FILENO) }
  }

  /// Asks for a line, where somebody sits in front of it.
  func prompt(_ text: String) { if showsProgress && !isJSON { Console.write(text, to: STDERR_FILENO) } }

  func progressEnded() { progress("") }

  func dim(_ text: String) -> String { hasColour ? "\u{1B}[2m\(text)\u{1B}[0m" : text }
  func bold(_ text: String) -> String { hasColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

  /// Control characters from a file name or document must not reach the terminal.
  static func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.filter {
          $0 == "\n" || $0 == "\t" || $0.value >= 0x20 && $0.value != 0x7F && !(0x80...0x9F).contains($0.value)
        }))
  }

  private static func inOneLine(_ text: String) -> String {
    printable(text).split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      // Nobody reads any more (a closed pipe), or the device is full: there is nobody to tell.
      guard written > 0 || errno == EINTR else { return }
      if written > 0 { bytes = bytes.dropFirst(written) }
    }
  }
}
