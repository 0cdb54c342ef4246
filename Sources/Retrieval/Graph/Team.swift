// A fixed number of threads, each with a workspace of its own, for one call of the writer. Work is dealt out in pieces
// as threads come free, so results must not depend on who does what: each piece writes only what is its own.
import Dispatch
import Synchronization
internal import Vectors

struct Team: @unchecked Sendable {
  // Sendable: member i of a forEach alone touches workspace i, and the writer runs one forEach at a time.
  private let workspaces: [GraphWorkspace]

  init(workspaces: ArraySlice<GraphWorkspace>) { self.workspaces = Array(workspaces) }

  /// The one that the writer's own thread uses.
  var lead: GraphWorkspace { workspaces[0] }

  /// Products computed since it was last asked.
  func takeDistances() -> UInt64 { workspaces.reduce(0) { $0 + $1.takeDistances() } }

  func forEach(_ count: Int, atOnce: Int, _ body: (Int, GraphWorkspace) -> Void) {
    if workspaces.count == 1 || count <= atOnce {
      for index in 0..<count { body(index, workspaces[0]) }
      return
    }
    let next = Atomic<Int>(0)
    // concurrentPerform returns when all members have: nothing borrowed here outlives the call.
    withoutActuallyEscaping(body) { body in
      nonisolated(unsafe) let body = body
      DispatchQueue.concurrentPerform(iterations: workspaces.count) { member in
        while true {
          let start = next.add(atOnce, ordering: .relaxed).oldValue
          guard start < count else { return }
          for index in start..<min(start + atOnce, count) { unsafe body(index, workspaces[member]) }
        }
      }
    }
  }

  func map<Result>(_ count: Int, atOnce: Int, _ body: (Int, GraphWorkspace) -> Result) -> [Result] {
    unsafe [Result](unsafeUninitializedCapacity: count) { results, written in
      let base = results.baseAddress
      forEach(count, atOnce: atOnce) { index, workspace in
        if let base = unsafe base { unsafe (base + index).initialize(to: body(index, workspace)) }
      }
      written = count
    }
  }
}

extension GraphWriter {
  mutating func team(of threads: Int, codes: CodedVectors) -> Team {
    while workspaces.count < threads { workspaces.append(GraphWorkspace(codes: codes)) }
    return Team(workspaces: workspaces[0..<threads])
  }
}
