// Finds the stage at which a record fell out and the changes that bring it back, by making each change and asking
// again: a suggestion that was not seen to work is not made. Works on one generation and may cost several searches.
import Base

struct WhyNotSearch {
  let generation: Generation
  let id: Int64

  init(_ generation: Generation, id: Int64) {
    self.generation = generation
    self.id = id
  }

  func answer(_ request: SearchRequest) -> WhyNot {
    guard let slot = generation.slot(of: id) else { return WhyNot(stage: .unknown, changes: []) }
    var answer = look(for: slot, request)
    var changed = answer.applied(to: request)
    // Each change can uncover the next obstacle; there are only so many kinds.
    for _ in 0..<8 {
      if answer.changes.isEmpty { break }
      let next = look(for: slot, changed)
      if case .shown = next.stage { return answer }
      if next.changes.isEmpty { break }
      answer.changes.append(contentsOf: next.changes)
      changed = next.applied(to: changed)
    }
    if case .shown = look(for: slot, changed).stage { return answer }
    answer.changes = []
    return answer
  }

  /// The first obstacle and the change that removes it.
  private func look(for slot: UInt32, _ request: SearchRequest) -> WhyNot {
    if let filter = request.filter, !generation.allowed(by: filter).contains(slot) {
      let relaxed = filter.relaxed { node in
        Filter(root: node).slots(in: generation.fieldParts, capacity: generation.slotCount).contains(slot)
      }
      return WhyNot(stage: .filtered(clauses: relaxed.dropped), changes: [.filter(relaxed.filter)])
    }
    var deep = request
    deep.limit = Limits.candidatesMax
    for (pass, isDeep) in [(SearchPass(generation, request), false), (SearchPass(generation, deep), true)] {
      let pool = pass.ranked()
      let selection = pass.selection(from: pool, limit: pool.slots.count)
      guard let index = pool.slots.firstIndex(of: slot), let fate = selection.fates[index] else { continue }
      var answer = WhyNot(
        stage: .unmatched, semantic: pool.semantic[index].map(Double.init),
        keyword: pool.keyword[index].map(Double.init),
        semanticRank: pool.semanticRank[index] > 0 ? pool.semanticRank[index] : nil,
        keywordRank: pool.keywordRank[index] > 0 ? pool.keywordRank[index] : nil, changes: [])
      switch fate {
      case .kept(let rank) where rank <= request.limit && !isDeep: answer.stage = .shown(rank: rank)
      case .kept(let rank):
        answer.stage = .outranked(rank: rank)
        // A side looks as far as the limit; a deeper look changes who is compared, and growing by at least one ends.
        let sideRank = [answer.semanticRank, answer.keywordRank].compactMap { $0 }.min() ?? 0
        let needed = max(rank, isDeep ? sideRank : 0, request.limit + 1)
        if needed <= Limits.candidatesMax { answer.changes = [.limit(needed)] }
      case .thinned(let better):
        answer.stage = .thinned(by: generation.ids[better])
        answer.changes = [.lambda(1)]
      case .capped(let shareMin):
        answer.stage = .capped(max: request.perGroupMax ?? 0)
        answer.changes = [.perGroupMax(shareMin)]
      }
      if case .shown = answer.stage { return answer }
      if !answer.changes.isEmpty { return answer }
    }
    let other: [WhyNot.Change] = request.mode == .hybrid ? [] : [.mode(.hybrid)]
    return WhyNot(stage: .unmatched, changes: other)
  }
}

extension Filter {
  /// The filter with as few clauses left out as let the record through, and those clauses.
  func relaxed(passes: (Node) -> Bool) -> (filter: Filter?, dropped: [String]) {
    let result = Self.relax(root, wanted: true, passes)
    return (result.node.map(Filter.init(root:)), result.dropped.map { Filter(root: $0).description })
  }

  /// A nil node leaves no condition. `wanted` turns around under a `not`.
  private static func relax(_ node: Node, wanted: Bool, _ passes: (Node) -> Bool) -> (
    node: Node?, dropped: [Node]
  ) {
    if passes(node) == wanted { return (node, []) }
    switch node {
    case .and(let parts) where wanted, .or(let parts) where !wanted:
      // Every part must come right.
      let results = parts.map { relax($0, wanted: wanted, passes) }
      let kept = results.compactMap(\.node)
      let dropped = results.flatMap(\.dropped)
      if kept.isEmpty { return (nil, dropped) }
      return (kept.count == 1 ? kept[0] : wanted ? .and(kept) : .or(kept), dropped)
    case .or(let parts), .and(let parts):
      // One part is enough: the one that needs the fewest changes. Without a condition there, none is left.
      let results = parts.map { relax($0, wanted: wanted, passes) }
      guard let best = results.indices.min(by: { results[$0].dropped.count < results[$1].dropped.count })
      else {
        return (nil, [node])
      }
      guard let changed = results[best].node else { return (nil, results[best].dropped) }
      var rest = parts
      rest[best] = changed
      return (wanted ? .or(rest) : .and(rest), results[best].dropped)
    case .not(let part):
      let result = relax(part, wanted: !wanted, passes)
      return (result.node.map { .not($0) }, result.node == nil ? [node] : result.dropped)
    case .compare, .oneOf, .prefix, .exists: return (nil, [node])
    }
  }
}
