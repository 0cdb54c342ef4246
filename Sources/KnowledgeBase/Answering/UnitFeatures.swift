// What speaks for a unit as the answer, figure by figure, all about 0 to 1, and their weighing.
// The weights were fitted by Benchmarks/answers/fit.py on development sets (docs/decisions/0013-checked-answers.md);
// nothing else in the choice of an answer is learned.

struct UnitFeatures: Sendable {
  /// Between question and unit, embedded under its heading; 0 until it is embedded.
  var similarity = 0.0
  /// The share of the question's terms that the unit holds, and with what stands above and before it.
  var coverage = 0.0
  var coverageWithContext = 0.0
  var coverageWithPrevious = 0.0
  /// Its passage's score beside the best one's, its nearness to the question, and its rank.
  var relevance = 0.0
  var passageSimilarity = 0.0
  var rank = 0.0
  /// How well it holds the kind of thing asked for.
  var kind = 0.0
  /// The terms that it holds stand close together, and in the question's order.
  var proximity = 0.0
  var order = 0.0
  /// The share of the question's names and numbers that it holds, with what stands above it.
  var anchors = 0.0
  /// The share of what is asked for ('which insurer') that it holds.
  var targets = 0.0
  var isShort = 0.0
  var isLong = 0.0
  var opensWithPronoun = 0.0
  var opensDefinition = 0.0
  var isRow = 0.0
  var isItem = 0.0
  /// The share of its words that the question does not say.
  var novelty = 0.0
  /// How near its words come to those of the question, word by word in their context; a rare word counts more. 0 until
  /// it is embedded.
  var wordsMet = 0.0
  /// How well the word of the question is met that is met worst, from -1 to 0.
  var leastMet = 0.0
  /// As `wordsMet`, over all words alike: 'who' is nearer to a name than to a number.
  var allWordsMet = 0.0
  /// It says no word that the question does not, or is no sentence, row or item, but words that end in nothing: mostly
  /// a heading that nobody marked as one.
  var saysNothing = 0.0

  static let names = [
    "similarity", "coverage", "coverage_with_context", "coverage_with_previous", "relevance", "passage_similarity",
    "rank", "kind", "proximity", "order", "anchors", "targets", "is_short", "is_long", "opens_with_pronoun",
    "opens_definition", "is_row", "is_item", "novelty", "words_met", "least_met",
    "all_words_met", "says_nothing",
  ]

  var values: [Double] {
    [
      similarity, coverage, coverageWithContext, coverageWithPrevious, relevance, passageSimilarity, rank, kind,
      proximity, order, anchors, targets, isShort, isLong, opensWithPronoun, opensDefinition, isRow, isItem, novelty,
      wordsMet, leastMet, allWordsMet, saysNothing,
    ]
  }

  static let weights: [Double] = [
    0.55, 0, 0.20, 0.14, 0.35, 0.10, 0.07, 0.40, 0.08, 0.20, 0, 0.15, 0, 0.05, 0, 0, 0.10, 0, 0, 0.60, 0.20, 0.60,
    -0.30,
  ]

  /// Before anything is embedded: which units are worth it.
  var scoreByWords: Double { UnitFeatures.sum(self, skippingSimilarity: true) }
  var score: Double { UnitFeatures.sum(self, skippingSimilarity: false) }

  private static func sum(_ features: UnitFeatures, skippingSimilarity: Bool) -> Double {
    var sum = 0.0
    for (index, value) in features.values.enumerated() where index > 0 || !skippingSimilarity {
      sum += value * weights[index]
    }
    return sum
  }
}
