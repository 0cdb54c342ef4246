// How many tokens a text has for a model whose tokenizer is not known: rather too many than too few, so that nothing
// sent is longer than the model reads.

package enum TokenEstimate {
  /// Four letters of a plain word a token, two digits, and each other character that is not white space one.
  package static func count(_ text: String) -> Int {
    var tokens = 0
    var letters = 0
    var digits = 0
    for scalar in text.unicodeScalars {
      let isLetter = scalar.isASCII && scalar.properties.isAlphabetic
      let isDigit = scalar.isASCII && scalar.properties.numericType != nil
      if !isLetter { tokens += flush(&letters, by: 4) }
      if !isDigit { tokens += flush(&digits, by: 2) }
      if isLetter {
        letters += 1
      } else if isDigit {
        digits += 1
      } else if !scalar.properties.isWhitespace {
        tokens += 1
      }
    }
    return tokens + flush(&letters, by: 4) + flush(&digits, by: 2)
  }

  private static func flush(_ run: inout Int, by size: Int) -> Int {
    defer { run = 0 }
    return (run + size - 1) / size
  }
}
