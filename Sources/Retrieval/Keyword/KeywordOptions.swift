// What a caller says to the keyword index and hears from it.
package import Text

package struct KeywordOptions: Sendable, Equatable {
  /// How soon further occurrences of a word stop to count.
  package var k1: Double
  /// How much a long text is held against its words, from 0 to 1.
  package var b: Double
  /// The share of a word's weight that only the very form asked for earns; the rest is earned by any form of its
  /// stem.
  package var exactShare: Double
  package var language: StemmingLanguage

  package init(
    k1: Double = 1.2, b: Double = 0.75, exactShare: Double = 0.3, language: StemmingLanguage = .english
  ) {
    precondition(k1 > 0 && b >= 0 && b <= 1 && exactShare >= 0 && exactShare < 1)
    self.k1 = k1
    self.b = b
    self.exactShare = exactShare
    self.language = language
  }
}

/// Which words of a question are not looked up. A question of nothing else keeps them all.
package enum StopWordPolicy: Sendable, Equatable {
  case keepAll, short, long
  case words(Set<String>)

  var list: Set<String> {
    switch self {
    case .keepAll: []
    case .short: StopWords.short
    case .long: StopWords.long
    case .words(let list): list
    }
  }
}

/// What one term of a question gave to one record.
package struct TermContribution: Sendable, Equatable {
  /// The form asked for.
  package let term: String
  package let stem: String
  package let idf: Float
  /// Occurrences of the stem in the record, as scored: exact to eight, in steps above.
  package let occurrences: Int
  /// Those in the very form asked for.
  package let exactOccurrences: Int
  package let contribution: Float
}

package struct KeywordExplanation: Sendable, Equatable {
  package let score: Float
  package let terms: [TermContribution]
  package let words: Int
  package let averageWords: Float
  /// k1 * (1 - b + b * words / average): how many occurrences earn half a word's weight in this record.
  package let lengthNorm: Float
  /// Whether every phrase of the question stands in the record.
  package let matchesPhrases: Bool
}
