// A question weighed for one generation: what each word is worth, and where each segment keeps it.
// A word has two terms: its stem, which any form earns, and the form asked for, on top. Their weights hold over the
// whole generation, so that it does not matter which segment a text lies in.
import Text

struct KeywordPlan {
  struct Word {
    let word: KeywordQuery.Word
    let stemIdf: Double
    let stemWeight: UInt32
    /// Zero where no text holds the form asked for.
    let formWeight: UInt32
  }

  /// Where one segment keeps the postings of a word. Equal where the stem has no other form.
  struct Lists {
    var stem: Int?
    var form: Int?
  }

  /// Those that some text holds in some form.
  private(set) var words: [Word] = []
  /// For each part, the lists of each word.
  private(set) var lists: [[Lists]]

  init(_ query: KeywordQuery, _ generation: KeywordGeneration) {
    lists = [[Lists]](repeating: [], count: generation.parts.count)
    for word in query.words {
      let stem = Array(word.stem.utf8)
      let form = word.folded == word.stem ? stem : Array(word.folded.utf8)
      let found = generation.parts.map { part in
        let list = part.segment.stemList(stem.span)
        // Half of all words are their own stem: no need to look twice.
        let form =
          word.folded == word.stem ? list.flatMap(part.segment.formList) : part.segment.formList(form.span)
        return Lists(stem: list, form: form)
      }
      var holding = (stem: 0, form: 0)
      for (part, lists) in zip(generation.parts, found) {
        if let list = lists.stem { holding.stem += part.frequency(of: list) }
        if let list = lists.form { holding.form += part.frequency(of: list) }
      }
      if holding.stem == 0 { continue }
      append(word, holding, generation)
      for part in found.indices { lists[part].append(found[part]) }
    }
  }

  private mutating func append(
    _ word: KeywordQuery.Word, _ holding: (stem: Int, form: Int), _ generation: KeywordGeneration
  ) {
    let share = generation.options.exactShare
    let count = Double(word.count)
    func idf(_ holding: Int) -> Double {
      holding > 0 ? KeywordScale.idf(documents: generation.documents, holding: holding) : 0
    }
    let stemIdf = idf(holding.stem)
    words.append(
      Word(
        word: word, stemIdf: stemIdf, stemWeight: KeywordScale.weight(stemIdf * count * (1 - share)),
        formWeight: KeywordScale.weight(idf(holding.form) * count * share)))
  }

  /// What a text would score at most that held every word again and again.
  var ceiling: UInt32 {
    words.reduce(0) { sum, word in
      sum + KeywordScale.contribution(impact: .max, weight: word.stemWeight)
        + KeywordScale.contribution(impact: .max, weight: word.formWeight)
    }
  }
}
