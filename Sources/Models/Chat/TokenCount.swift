// How many tokens a text may be, without the model's own vocabulary: a likely figure where the server gives none, and
// one that no usual tokenizer passes, for what is set aside of a budget. One pass over the bytes.

import Base

enum TokenCount {
  /// Beside the words: what marks each message's role and end.
  private static let perMessage = 8
  private static let perCall = 8

  static func likely(_ text: String) -> Int { count(text, lettersPerToken: 4) }

  /// Every second letter, every digit, sign and byte of other scripts as a token of its own.
  static func most(_ text: String) -> Int { count(text, lettersPerToken: 2) }

  static func likely(_ request: ChatRequest) -> Int { sum(request, likely) }

  static func most(_ request: ChatRequest) -> Int { sum(request, most) }

  private static func sum(_ request: ChatRequest, _ count: (String) -> Int) -> Int {
    request.messages.reduce(perCall) { $0 + count($1.text) + perMessage }
      + (request.form.map { count($0.schema.text) + count($0.about) + 64 } ?? 0)
  }

  private static func count(_ text: String, lettersPerToken: Int) -> Int {
    var tokens = 0
    var letters = 0
    var others = 0
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): letters += 1
      case 0x20:
        tokens += (letters + lettersPerToken - 1) / lettersPerToken
        letters = 0
      case 0x80...: others += 1
      default:
        tokens += (letters + lettersPerToken - 1) / lettersPerToken + 1
        letters = 0
      }
    }
    return tokens + (letters + lettersPerToken - 1) / lettersPerToken + others * 2 / lettersPerToken
  }

  /// What the server says, where it can be true; else what is counted here. A token has 40 bytes at most and, hidden
  /// thinking apart, one at least; what was thought is bounded by what was allowed.
  static func believed(
    input: Int?, output: Int?, request: ChatRequest, reply: String
  ) -> ChatUsage {
    let bytesIn = request.messages.reduce(0) { $0 + $1.text.utf8.count } + (request.form?.schema.utf8.count ?? 0)
    let slack = 512 + 64 * request.messages.count
    let bytesOut = reply.utf8.count
    let inputIsPossible = input.map { $0 >= bytesIn / 40 && $0 > 0 && $0 <= bytesIn + slack } ?? false
    let outputIsPossible =
      output.map { $0 >= bytesOut / 40 && $0 >= 0 && $0 <= max(bytesOut, request.outputTokensMax) + 64 } ?? false
    return ChatUsage(
      inputTokens: inputIsPossible ? input ?? 0 : likely(request),
      outputTokens: outputIsPossible ? output ?? 0 : likely(reply),
      isCounted: !inputIsPossible || !outputIsPossible)
  }
}
