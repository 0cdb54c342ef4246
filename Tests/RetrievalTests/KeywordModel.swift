// Texts and questions for the tests of the keyword index, drawn from a seed: few words, so that scores tie and terms
// are common, and a sprinkling of identifiers, forms of one stem and scripts without spaces.
import Base

@testable import Retrieval

struct KeywordTextSource {
  var random: SeededRandom

  private static let common = ["the", "of", "in", "and", "a", "is"]
  private static let words = [
    "oil", "price", "prices", "priced", "pricing", "crisis", "year", "years", "market", "markets", "run",
    "running",
    "runs", "SKU-4471/B", "§12.3", "v2.1.0", "401(k)", "1,299.99", "café", "naïve", "東京都", "E-42", "nation",
    "national",
    "U.S.", "C++", "me@example.org", "don't",
  ]

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  mutating func text(wordsMax: Int = 30) -> String {
    let count = Int.random(in: 0...wordsMax, using: &random)
    return (0..<count).map { _ in word() }.joined(separator: " ")
  }

  mutating func word() -> String {
    let isCommon = Int.random(in: 0..<2, using: &random) == 0
    // The minimum of two draws: words early in the list are more frequent.
    let list = isCommon ? Self.common : Self.words
    let index = min(
      Int.random(in: 0..<list.count, using: &random), Int.random(in: 0..<list.count, using: &random))
    return list[index]
  }

  mutating func question() -> String {
    var words = (0..<Int.random(in: 1...8, using: &random)).map { _ in word() }
    if Int.random(in: 0..<6, using: &random) == 0 { words.append("\"\(word()) \(word())\"") }
    return words.joined(separator: " ")
  }
}
