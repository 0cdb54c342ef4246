// A question as the keyword index reads it: words to score by, phrases that must stand in the text.
// Invariants: words come in reading order, each once, with the number of times it was said; a phrase holds folded
// plain words in order and at least one; parsing is linear and never fails: a quotation mark without a partner means
// nothing.
import Base
package import Text

package struct KeywordQuery: Sendable, Equatable {
  struct Word: Sendable, Equatable {
    /// The form asked for.
    let folded: String
    let stem: String
    var count: UInt32
  }

  let words: [Word]
  /// Each must stand in the text word for word, in the very forms asked for.
  let phrases: [[String]]

  package var isEmpty: Bool { words.isEmpty }

  /// With `readsPhrases` off, quotation marks mean nothing.
  package init(
    _ text: String, language: StemmingLanguage = .english, stopWords: StopWordPolicy = .keepAll,
    readsPhrases: Bool = true
  ) {
    let tokenizer = WordTokenizer(language: language)
    let (spoken, quoted) = Self.withoutQuotes(text)
    let stop = stopWords.list
    let all = tokenizer.words(in: spoken).prefix(Limits.queryWordsMax)
    let telling = stop.isEmpty ? all : all.filter { !stop.contains($0.folded) }[...]

    var words: [Word] = []
    var places: [String: Int] = [:]
    for word in telling.isEmpty ? all : telling {
      if let place = places[word.folded] {
        words[place].count += 1
      } else {
        places[word.folded] = words.count
        words.append(Word(folded: word.folded, stem: word.stem, count: 1))
      }
    }
    self.words = words
    phrases = (readsPhrases ? quoted : []).prefix(Limits.queryPhrasesMax).compactMap { quote in
      let plain = tokenizer.words(in: quote).filter { $0.kind != .whole }.map(\.folded)
      return plain.isEmpty ? nil : plain
    }
  }

  /// The text with its quotation marks blanked, and what stood between each pair of them.
  private static func withoutQuotes(_ text: String) -> (spoken: String, quoted: [String]) {
    var spoken = String.UnicodeScalarView()
    var quoted: [String] = []
    var open: String.UnicodeScalarView?
    // The bytes that quotation marks begin with.
    if !text.utf8.contains(where: { $0 == 0x22 || $0 == 0xE2 }) { return (text, []) }
    for scalar in text.unicodeScalars {
      guard scalar == "\"" || scalar == "\u{201C}" || scalar == "\u{201D}" || scalar == "\u{201E}" else {
        spoken.append(scalar)
        open?.append(scalar)
        continue
      }
      spoken.append(" ")
      if let phrase = open { quoted.append(String(phrase)) }
      open = open == nil ? String.UnicodeScalarView() : nil
    }
    return (String(spoken), quoted)
  }
}
