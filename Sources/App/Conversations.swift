// Conversations by their ids: the last questions and answers of each, so that a follow-up can be made whole.
// Invariants: no more than `conversationsMax` are kept, the one used longest ago goes first; each keeps its last turns.
// Must not: survive the process. What was asked is nobody's business tomorrow.
import Base
import KnowledgeBase
import Synchronization

final class Conversations: Sendable {
  private struct Kept {
    var turns: [String: [ConversationTurn]] = [:]
    /// The one used longest ago first.
    var order: [String] = []
  }

  static let conversationsMax = 1_000
  static let turnsMax = 8

  private let kept = Mutex(Kept())

  func history(of id: String) -> [ConversationTurn] { kept.withLock { $0.turns[id] ?? [] } }

  func remember(_ answer: Answer, in id: String) {
    let turn = ConversationTurn(answer)
    kept.withLock { kept in
      kept.order.removeAll { $0 == id }
      kept.order.append(id)
      kept.turns[id, default: []].append(turn)
      if kept.turns[id, default: []].count > Self.turnsMax { kept.turns[id]?.removeFirst() }
      if kept.order.count > Self.conversationsMax { kept.turns[kept.order.removeFirst()] = nil }
    }
  }

  /// An id is a short printable word; nil where none was given.
  static func checked(_ id: String?) throws -> String? {
    guard let id else { return nil }
    guard (1...128).contains(id.utf8.count), id.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw PlainFailure(
        .usage, "bad_conversation", "this is no conversation id",
        hint: "use up to 128 letters, digits and signs without spaces")
    }
    return id
  }
}
