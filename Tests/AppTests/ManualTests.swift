// The manual page and the shells' completions say what the definitions say; each is asked through the program that
// reads it, where that is installed.
import Base
import Foundation
import Testing

@testable import footnote

@Suite struct ManualTests {
  private let folder = Folder()

  private func made(_ arguments: String...) throws -> String {
    let outcome = try Binary.run(arguments, data: folder.data)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return outcome.output
  }

  /// What another program says of a text that it is given on standard input; nil where it is not installed.
  private func ask(_ program: [String], _ input: String = "") throws -> (output: String, errors: String)? {
    let places = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    guard let place = places.first(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(program[0])") })
    else { return nil }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "\(place)/\(program[0])")
    process.arguments = Array(program.dropFirst())
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    let given = try folder.write("input", input)
    let (output, errors) = ("\(folder.path)/output", "\(folder.path)/errors")
    for path in [output, errors] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    process.standardInput = FileHandle(forReadingAtPath: given)
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    process.waitUntilExit()
    return (
      try String(contentsOfFile: output, encoding: .utf8), try String(contentsOfFile: errors, encoding: .utf8)
    )
  }

  @Test func theManualPageHoldsEverything() throws {
    let page = try made("man")
    for command in Program.commands where !command.isHidden {
      #expect(page.contains("\n.SS \"footnote \(command.name.replacing("-", with: "\\-")) "), "\(command.name)")
      for option in command.options { #expect(page.contains(option.name.replacing("-", with: "\\-"))) }
    }
    #expect(page.contains("FOOTNOTE_TLS_CERTIFICATE") && page.contains("\\-\\-data DIR"))
    // A line that begins with a dot is a request; only those that we know are.
    let requests = Set(page.split(separator: "\n").filter { $0.hasPrefix(".") }.map { $0.prefix { $0 != " " } })
    #expect(requests.isSubset(of: [".TH", ".ad", ".SH", ".SS", ".TP", ".B", ".BR", ".I", ".RI", ".PP"]), "\(requests)")
    #expect(!page.contains("\n'"))
    // As a person reads it, and without a word of complaint.
    if let read = try ask(["groff", "-Kutf8", "-man", "-ww", "-Tutf8", "-P-cbou"], page) {
      #expect(read.errors.isEmpty, "\(read.errors.prefix(600))")
      for word in ["SIGHUP", "--collection NAME", "keys create", "llm.url"] {
        #expect(read.output.contains(word), "\(word)")
      }
    }
    if let checked = try ask(["mandoc", "-Tlint", "-Wwarning"], page) {
      // There is no date: the same definitions make the same page, whenever that is.
      let complaints = checked.output.split(separator: "\n").filter { !$0.contains("missing date") }
      #expect(complaints.isEmpty, "\(complaints.prefix(5))")
    }
  }

  /// What bash would offer after these words; the last one is being typed.
  private func offered(_ words: String...) throws -> [String]? {
    let script = try made("completions", "bash")
    let line = words.map { "'\($0)'" }.joined(separator: " ")
    let asked = """
      COMP_WORDS=(footnote \(line)); COMP_CWORD=\(words.count)
      _footnote
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    let reply = try ask(["bash", "--noprofile", "--norc"], script + "\n" + asked)
    #expect(reply?.errors == "")
    return reply?.output.split(separator: "\n").map(String.init).sorted()
  }

  @Test func bashIsOfferedWhatFits() throws {
    #expect(try offered("se") == ["search", "serve"])
    #expect(try offered("search", "--mo") == ["--mode"])
    #expect(try offered("search", "--mode", "") == ["hybrid", "keyword", "ranks", "semantic"])
    #expect(try offered("search", "--mode", "=", "k") == ["keyword"])
    #expect(try offered("keys", "") == ["create", "list", "revoke"])
    #expect(try offered("keys", "create", "--scope", "a") == ["admin"])
    #expect(try offered("completions", "") == ["bash", "fish", "zsh"])
    #expect(try offered("list", "--set", "tls.") == ["tls.certificate=", "tls.key="])
    #expect(try offered("search", "words", "") == [])
    #expect(try offered("ask", "--js") == ["--json"])
    try folder.write("a file.pdf", "")
    try folder.write("sub/b.pdf", "")
    #expect(try offered("add", "a") == ["a file.pdf"])
    #expect(try offered("add", "--data", "s") == ["sub"])
    // No secret is asked for on a command line.
    #expect(try offered("list", "--set", "llm.k") == [])
  }

  @Test func zshAndFishReadTheirs() throws {
    let zsh = try made("completions", "zsh")
    let fish = try made("completions", "fish")
    for command in Program.commands where !command.isHidden {
      #expect(zsh.contains("\n  \(command.name))\n"), "\(command.name)")
      #expect(fish.contains("-a \(command.name) -d "), "\(command.name)")
    }
    if let read = try ask(["zsh", "-fn"], zsh) { #expect(read.errors.isEmpty, "\(read.errors)") }
    if let read = try ask(["fish", "--no-execute"], fish) { #expect(read.errors.isEmpty, "\(read.errors)") }
    let asked = fish + "\ncomplete -C 'footnote search --mode '\ncomplete -C 'footnote key'\n"
    if let read = try ask(["fish", "--no-config"], asked) {
      let words = Set(read.output.split(separator: "\n").map { $0.prefix { $0 != "\t" } })
      #expect(
        words.isSuperset(of: ["hybrid", "keyword", "ranks", "semantic", "keys"]), "\(read.output) \(read.errors)")
    }
    #expect(try Binary.run(["completions", "csh"], data: folder.data).status == 2)
  }
}
