// Each rule against a small text that breaks it and one that does not: a rule that cannot fail guards nothing.
import Testing

private func swift(_ text: String, at path: String = "Sources/Text/Sample.swift") -> SourceText {
  SourceText(path: path, text: text)
}

private func lines(_ violations: [Violation]) -> [Int] { violations.map(\.line) }

@Suite struct LexerTests {
  @Test func commentsAndStringsAreNotCode() {
    let source = swift(
      #"""
      // a b
      let one = "c \" d" /* e /* f */ g */ + two
      let long = """
        h " i
        """ + #"j " k"# + three
      """#)
    #expect(
      source.tokens.filter { $0.kind == .word }.map(\.text) == ["let", "one", "two", "let", "long", "three"])
    #expect(source.tokens.last?.line == 5)
  }

  @Test func characterConstantsAreNotCode() {
    let source = SourceText(path: "Sources/CKernels/x.c", text: #"char a = '"', b = '\'', c;"#)
    #expect(source.tokens.filter { $0.kind == .word }.map(\.text) == ["char", "a", "b", "c"])
  }

  @Test func attachmentIsSeen() {
    #expect(swift("try! x").tokens.map(\.isAttached) == [false, true, false])
  }
}

@Suite struct LayeringRuleTests {
  let map = [Room("Upper", mayKnow: ["Lower"]), Room("Lower", mayKnow: ["CThing"])]

  @Test(arguments: [
    ("import Lower", []), ("internal import Lower", []), ("import Glibc", []),
    ("import struct Lower.Thing", []),
    ("import CThing", ["Upper must not know CThing"]), ("package import Else", ["Upper must not know Else"]),
    ("// import Else", []), ("@testable import Else", ["Upper must not know Else"]),
  ])
  func importLines(_ text: String, complaints: [String]) {
    let found = layeringViolations(swift(text, at: "Sources/Upper/A.swift"), map: map, outside: ["Glibc"])
    #expect(found.map(\.complaint) == complaints)
  }

  @Test func unknownRoom() {
    let found = layeringViolations(swift("", at: "Sources/Cellar/A.swift"), map: map, outside: [])
    #expect(found.map(\.complaint) == ["Cellar is not a room of the house map"])
  }

  @Test func arrowsUpAndSharedLibraries() {
    let bad = [Room("Upper", mayKnow: ["CThing"]), Room("Lower", mayKnow: ["Upper", "CThing"])]
    let found = mapViolations(bad, cModules: ["CThing", "CIdle"]).map(\.complaint)
    #expect(
      found == [
        "Lower names Upper, which does not stand below it", "CIdle is known by [], not by exactly one room",
        #"CThing is known by ["Upper", "Lower"], not by exactly one room"#,
      ])
    #expect(mapViolations(map, cModules: ["CThing"]) == [])
  }

  static let manifest = """
    let package = Package(
      name: "sample",
      targets: [
        .systemLibrary(
          name: "CThing", pkgConfig: "thing", providers: [.apt(["libthing-dev"])]),
        // room("Gone", knows: ["Nothing"]),
        room("Lower", knows: ["CThing"]),
        room(
          "Upper",
          knows: [
            "Lower", "CThing",
          ]),
        tests("UpperTests", of: ["Upper"]),
      ]
    )
    """

  @Test func manifestIsRead() {
    let targets = declaredTargets(manifest: Self.manifest)
    #expect(targets.map(\.name) == ["CThing", "Lower", "Upper", "UpperTests"])
    #expect(targets.map(\.knows) == [[], ["CThing"], ["Lower", "CThing"], ["Upper"]])
    #expect(targets.map(\.aptPackages) == [["libthing-dev"], [], [], []])
    #expect(targets.map(\.line) == [4, 7, 8, 13])
  }

  @Test func manifestAgainstMapAndImports() {
    let targets = declaredTargets(manifest: Self.manifest)
    #expect(
      manifestViolations(targets, sources: [], map: map).map(\.complaint) == ["Upper must not know CThing"])
    let roomy = [Room("Upper", mayKnow: ["Lower", "CThing", "Extra"]), Room("Lower", mayKnow: ["CThing"])]
    let source = swift("import Extra", at: "Sources/Upper/A.swift")
    #expect(
      manifestViolations(targets, sources: [source], map: roomy).map(\.complaint)
        == ["Upper imports Extra and does not declare it"])
  }

  @Test func packageList() {
    let targets = declaredTargets(manifest: Self.manifest)
    let complaints = { (list: String) in
      packageViolations(list: list, targets: targets, setupPackages: ["tool"]).map(\.complaint)
    }
    #expect(complaints("# why\nlibthing-dev  # it\ntool\n") == [])
    #expect(complaints("tool") == ["libthing-dev is needed and missing"])
    #expect(complaints("tool\nlibthing-dev\nmore") == ["more is named and nothing needs it"])
    #expect(complaints("tool\ntool\nlibthing-dev") == ["a package is named twice"])
  }
}

@Suite struct TidinessRuleTests {
  @Test func opening() {
    #expect(lines(openingViolations(swift("import Base\n"))) == [1])
    #expect(openingViolations(swift("// What it is.\nimport Base\n")) == [])
    #expect(openingViolations(SourceText(path: "a.js", text: "let x")) == [])
  }

  @Test func length() {
    #expect(lengthViolations(swift(String(repeating: "x\n", count: 600))) == [])
    #expect(lines(lengthViolations(swift(String(repeating: "x\n", count: 601)))) == [601])
  }

  @Test func width() {
    #expect(widthViolations(swift(String(repeating: "…", count: 120))) == [])
    #expect(widthViolations(SourceText(path: "a.css", text: String(repeating: "a", count: 121))) == [])
    #expect(lines(widthViolations(swift("\n" + String(repeating: "…", count: 121)))) == [2])
  }

  @Test func words() {
    #expect(lines(wordViolations(swift("x\n// TO" + "DO: later"))) == [2])
    #expect(lines(wordViolations(swift("mktemp /tmp/a.XX" + "XXXX; XX" + "X"))) == [1])
    #expect(wordViolations(swift("mktemp a.XX" + "XXXX; TO" + "DOs")) == [])
  }

  @Test func crashes() {
    #expect(lines(crashViolations(swift("try! f()\nx as! Int\nfatalError()"))) == [1, 2, 3])
    #expect(crashViolations(swift("try f()\nx as? Int\n// try! f()\n\"as! y\"\nhas!.x; a = try !b")) == [])
  }

  @Test func access() {
    #expect(
      lines(accessViolations(swift("public struct A {}\nopen class B {}\npublic\nfunc c() {}"))) == [1, 2, 3])
    #expect(accessViolations(swift("case .public: x\nlet a = open(path)\nopen = 3\n.open")) == [])
  }

  @Test func proof() {
    #expect(lines(proofViolations(swift("// Shared.\nfinal class A: @unchecked Sendable {}"))) == [2])
    #expect(lines(proofViolations(swift("// Proof: none.\n\nfinal class A: @unchecked Sendable {}"))) == [3])
    #expect(
      lines(proofViolations(swift("// Proof: a.\nstruct B {\n  struct A: @unchecked Sendable {}"))) == [3])
    #expect(
      proofViolations(swift("// Proof: it\n// is.\n@safe\nfinal class A: @unchecked Sendable {}")) == [])
    #expect(proofViolations(swift("final class A: @unchecked Sendable {\n  // Proof: it is.\n}")) == [])
    #expect(proofViolations(swift("/// @unchecked Sendable: it is.\nclass A: @unchecked Sendable {}")) == [])
  }

  @Test func patterns() {
    #expect(
      lines(patternViolations(swift("let a = Regex(x)\nlet b = /ab+/\nx.matches(of: #/c/#)"))) == [1, 2, 3])
    #expect(patternViolations(swift("let a = b / c\nx.reduce(1, /)\nlet d = (e + 1) / 2")) == [])
  }

  @Test func seams() {
    let bad =
      "clock_gettime(0)\nDate()\nInt.random(in: 0..<f(using: g))\nx.shuffled()\nrand()\nContinuousClock.now"
    #expect(lines(seamViolations(swift(bad))) == [1, 2, 3, 4, 5, 6])
    let good =
      "Int.random(in: 0..<f(2), using: &seeded)\nlet date: Date\nclock.time()\nfunc random() {}\nx.time(3)\n"
      + "clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)"
    #expect(seamViolations(swift(good)) == [])
  }

  @Test func kernels() {
    let fast = SourceText(path: "Sources/CKernels/dot_avx2.c", text: "void f(void) { _mm256_zero(); }")
    let plain = SourceText(path: "Sources/CKernels/dot_plain.c", text: "void f(void) {}")
    #expect(lines(kernelViolations([fast])) == [1])
    #expect(kernelViolations([fast, plain]) == [])
    let mixed = "\n__attribute__((target(\"avx2\"))) void f_avx2(void) {}"
    #expect(lines(kernelViolations([SourceText(path: "Sources/CKernels/m.c", text: mixed)])) == [2])
    let whole = mixed + "\nvoid f_plain(void) {}"
    #expect(kernelViolations([SourceText(path: "Sources/CKernels/m.c", text: whole)]) == [])
  }

  @Test func testsThatATableNamesExist() {
    let text = "| a | b |\n| - | - |\n| x `skipped` | `isThere` `isNot` (`make all`) |\n`elsewhere`\n"
    let found = namedTestViolations(page: "p.md", text: text) { $0 == "isThere" }
    #expect(lines(found) == [3] && "\(found)".contains("isNot"))
  }

  @Test func links() {
    let text = """
      [there](there.md#part) [gone](../gone.md) [web](https://example.org/x) [part](#part) `[code](no.md)`
      ```
      [fenced](no.md)
      ```
      <img src="no.png"> ![picture](/root.png "title")
      """
    let found = linkViolations(page: "docs/a/page.md", text: text) {
      ["docs/a/there.md", "root.png"].contains($0)
    }
    #expect(
      found.map(\.complaint) == [
        "the link to '../gone.md' leads nowhere", "the link to 'no.png' leads nowhere",
      ])
    #expect(lines(found) == [1, 5])
  }
}
