// That every live slot can be found: from the entry, links must lead to it. Choosing neighbours drops links, and now
// and then the last one that led to some slot; what was added is looked after at once, all others from time to time.
internal import Base
import Synchronization
internal import Vectors

extension VectorIndex {
  /// Sees to it that each of the slots is in the row of one at least of those that its own row leads to.
  func adoptOrphans(_ slots: [UInt32]) {
    let ground = level(0)
    for slot in slots {
      var nearest: UInt32?
      var isKnown = false
      ground.forEachLink(of: slot) { link in
        nearest = nearest ?? link
        if !isKnown { ground.forEachLink(of: link) { isKnown = isKnown || $0 == slot } }
      }
      if let nearest, !isKnown { adopt(slot, by: nearest) }
    }
  }

  /// Links all live slots that cannot be reached on the ground.
  func reconnect(_ writer: inout GraphWriter, _ team: Team) {
    writer.changedSinceReach = 0
    // An adopted slot takes a place from another, which may be its last: a few rounds, each for far fewer slots.
    for round in 0..<4 {
      let lost = unreachable(team)
      guard !lost.isEmpty, let entry = loadEntry() else { return }
      let edges = team.map(lost.count, atOnce: 4) { index, workspace in
        nearestReachable(to: lost[index], from: entry, workspace)
      }
      if round == 0 { settle(edges.flatMap { $0 }.sorted(), team) }
      for (slot, edges) in zip(lost, edges) {
        guard let nearest = edges.first?.target else { continue }
        var isKnown = false
        for edge in edges { level(0).forEachLink(of: edge.target) { isKnown = isKnown || $0 == slot } }
        if !isKnown { adopt(slot, by: nearest) }
      }
    }
  }

  /// Gives slots whose rows are nearly empty new links, as if they were added now; they keep those they have.
  func enrich(_ poor: [UInt32], _ team: Team) {
    guard !poor.isEmpty, let entry = loadEntry() else { return }
    let ground = level(0)
    let edges = team.map(poor.count, atOnce: 4) { index, workspace in
      nearestReachable(to: poor[index], from: entry, workspace)
    }
    for (slot, edges) in zip(poor, edges) {
      var links: [UInt32] = []
      ground.forEachLink(of: slot) { links.append($0) }
      for edge in edges where !links.contains(edge.target) { links.append(edge.target) }
      ground.setLinks(of: slot, to: links.prefix(ground.degree))
    }
    settle(edges.flatMap { $0 }.sorted(), team)
  }

  private func unreachable(_ team: Team) -> [UInt32] {
    guard let entry = loadEntry() else { return [] }
    let reached = team.lead.reach(level(0), from: entry.slot, bound: bound.load(ordering: .relaxed))
    var lost: [UInt32] = []
    for (index, word) in reached.enumerated() {
      var bits = SharedBits.word(alive, index) & ~word
      while bits != 0 {
        lost.append(UInt32(index * 64 + bits.trailingZeroBitCount))
        bits &= bits - 1
      }
    }
    return lost
  }

  /// Links to be, from the nearest slots that a walk finds to one that it does not; best first.
  private func nearestReachable(to slot: UInt32, from entry: Entry, _ workspace: GraphWorkspace) -> [Edge] {
    workspace.setQuery(slot: slot)
    gather(on: 0, from: descend(from: entry, downTo: 0, workspace), except: slot, workspace)
    return workspace.choose(limit: options.m).map { Edge(height: 0, target: $0, source: slot) }
  }

  /// Into the first place of the row; where it is full, the last link goes.
  private func adopt(_ slot: UInt32, by parent: UInt32) {
    var links = [slot]
    level(0).forEachLink(of: parent) { links.append($0) }
    level(0).setLinks(of: parent, to: links.prefix(2 * options.m))
  }
}
