// The token ids of many texts, one after the other, each framed and cut to the window; and their division into groups
// that one thread runs at a time.
import Text

struct PackedTexts {
  private let windowTokens: Int
  private var ids: [UInt32] = []
  private var starts: [Int] = [0]
  private(set) var tokensCut: [Int] = []

  init(windowTokens: Int) { self.windowTokens = windowTokens }

  var count: Int { tokensCut.count }

  mutating func append(_ text: String, _ tokenizer: WordPieceTokenizer) {
    let start = ids.count
    ids.append(tokenizer.classify)
    tokenizer.append(text, to: &ids)
    let cut = max(0, ids.count - start - (windowTokens - 1))
    ids.removeLast(cut)
    ids.append(tokenizer.separate)
    starts.append(ids.count)
    tokensCut.append(cut)
  }

  /// Neighbouring texts of at most `tokensMax` tokens together (a longer text stands alone), and small enough that
  /// every thread gets some.
  func groups(tokensMax: Int, threads: Int) -> [Range<Int>] {
    let share = max(1, (ids.count + threads - 1) / threads)
    let limit = min(tokensMax, share)
    var groups: [Range<Int>] = []
    var first = 0
    while first < count {
      var end = first + 1
      while end < count, starts[end + 1] - starts[first] <= limit { end += 1 }
      groups.append(first..<end)
      first = end
    }
    return groups
  }

  /// The ids of a group and where each of its texts begins in them.
  func sequences(_ group: Range<Int>) -> (ids: [UInt32], starts: [UInt32]) {
    let base = starts[group.lowerBound]
    return (
      Array(ids[base..<starts[group.upperBound]]),
      starts[group.lowerBound...group.upperBound].map { UInt32($0 - base) }
    )
  }
}
