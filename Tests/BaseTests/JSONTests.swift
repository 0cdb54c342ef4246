// JSON is read strictly and written so that it reads back the same.
import Base
import Foundation
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    "null", "true", "[]", "{}", "[1,2.5,-3,\"a\"]", "{\"a\":{\"b\":[null]}}", "\"é\\n\\\"\\\\\"", "1e-07",
    "9007199254740993", "\"\u{1F600}\"",
  ])
  func writesWhatItRead(_ text: String) throws {
    #expect(try JSON(parsing: text).text == text)
  }

  @Test(arguments: [
    ("", "end"), ("[1,]", "']'"), ("{\"a\":1,\"a\":2}", "stands twice"), ("01", "'1'"), ("1e400", "out of range"),
    ("\"\\ud800\"", "surrogate"), ("\"\\ud800\\u0041\"", "surrogate"), ("[1] x", "'x'"), ("'a'", "'''"),
    ("\"a\nb\"", "0x0a"), ("-", "end"), ("1.", "end"), ("+1", "'+'"), ("nul", "end"), ("{1:2}", "'1'"),
  ])
  func refuses(_ text: String, _ reason: String) {
    let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
  }

  @Test func readsEscapes() throws {
    #expect(try JSON(parsing: #""\u00e9\ud83d\ude00\/\b\f""#).string == "é😀/\u{8}\u{C}")
  }

  @Test func refusesBytesThatAreNotUTF8() {
    #expect(throws: JSONError.self) { try JSON(parsing: [0x22, 0xFF, 0x22]) }
  }

  @Test func boundsDepth() throws {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: JSONError.self) { try JSON(parsing: deep) }
    let fits = String(repeating: "[", count: 5) + String(repeating: "]", count: 5)
    #expect(throws: Never.self) { try JSON(parsing: fits, depthMax: 5) }
    #expect(throws: JSONError.self) { try JSON(parsing: fits, depthMax: 4) }
  }

  @Test func keepsTheOrderOfMembers() throws {
    let text = #"{"z":1,"a":2,"m":3}"#
    #expect(try JSON(parsing: text).text == text)
  }

  @Test func escapesControlCharacters() {
    #expect(JSON.string("\u{1B}[2J\u{7F}").text == "\"\\u001b[2J\\u007f\"")
    #expect(JSON.number(.nan).text == "null")
  }

  /// JSONTestSuite, where it lies beside the project: y_ must be read, n_ must be refused.
  @Test func agreesWithTheParsingSuite() throws {
    guard let folder = sharedData("json_suite") else { return }
    var seen = 0
    let files = FileManager.default.enumerator(atPath: folder)
    while let name = files?.nextObject() as? String {
      let base = name.split(separator: "/").last.map(String.init) ?? name
      guard base.hasSuffix(".json"), base.hasPrefix("y_") || base.hasPrefix("n_") else { continue }
      let bytes = Array(try #require(FileManager.default.contents(atPath: "\(folder)/\(name)")))
      let read = try? JSON(parsing: bytes, depthMax: 512)
      // RFC 8259 leaves a key that stands twice to the reader; ours refuses it.
      let mustRead = base.hasPrefix("y_") && !base.contains("duplicated")
      #expect((read != nil) == mustRead, "\(base)")
      seen += 1
    }
    #expect(seen > 0)
  }
}

/// A folder of the development data, or nil (said aloud) where it is not there.
func sharedData(_ name: String, file: String = #filePath) -> String? {
  let root =
    ProcessInfo.processInfo.environment["FOOTNOTE_SHARED_DATA"]
    ?? URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("../../../shared/data").path
  let path = "\(root)/\(name)"
  guard FileManager.default.fileExists(atPath: path) else {
    print("skipped: no development data at \(path)")
    return nil
  }
  return path
}
