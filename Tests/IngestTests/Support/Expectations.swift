// Small words for the tests: what a document says where, and which failure a file meets.
import Testing
import Text

@testable import Ingest

extension Document {
  func texts(where isWanted: (Block.Kind) -> Bool) -> [String] {
    let scalars = ScalarText(text)
    return blocks.filter { isWanted($0.kind) }.map { scalars.slice($0.start..<$0.end) }
  }

  func texts(of kind: Block.Kind) -> [String] { texts { $0 == kind } }

  var headings: [String] { texts { if case .heading = $0 { true } else { false } } }
  var rows: [String] { texts { if case .tableRow = $0 { true } else { false } } }
}

func failure(_ bytes: [UInt8], named name: String, type: String? = nil) -> String? {
  do {
    _ = try Extraction.extract(bytes, filename: name, declaredType: type)
    return nil
  } catch {
    return (error as? IngestFailure)?.code ?? "not a failure of this room: \(error)"
  }
}

func extract(_ text: String, named name: String) throws -> Document {
  try Extraction.extract(Array(text.utf8), filename: name, declaredType: nil)
}

/// Whitespace counts as nothing, a letter run as one token, anything else as one each.
func countTokens(_ text: String) -> Int {
  var count = 0
  var inWord = false
  for scalar in text.unicodeScalars {
    if scalar.properties.isWhitespace {
      inWord = false
    } else if scalar.isASCII, scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
      if !inWord { count += 1 }
      inWord = true
    } else {
      count += 1
      inWord = false
    }
  }
  return count
}
