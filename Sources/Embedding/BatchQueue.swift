// Which texts are embedded together: a state machine without threads, clocks or texts. Items wait in two lines, the
// urgent (a question that someone waits for) before the bulk (ingest).
// Invariants: an item leaves once, by a batch or by cancelling; a batch holds at most the token budget, or one item
// that alone is larger; items of a line leave in the order they came.

struct BatchQueue {
  typealias RequestID = UInt64

  struct Item: Equatable {
    let request: RequestID
    /// The text's place among those of its request.
    let index: Int
    let tokens: Int
    let arrivedAt: Double
  }

  enum Decision: Equatable {
    case run([Item])
    /// Bulk items wait for company until then.
    case wait(until: Double)
    case idle
  }

  private let tokenBudget: Int
  private let patienceSeconds: Double
  private var urgent = Line()
  private var bulk = Line()

  init(tokenBudget: Int, patienceSeconds: Double) {
    precondition(tokenBudget > 0 && patienceSeconds >= 0)
    self.tokenBudget = tokenBudget
    self.patienceSeconds = patienceSeconds
  }

  var count: Int { urgent.count + bulk.count }

  mutating func add(_ item: Item, isUrgent: Bool) {
    if isUrgent { urgent.append(item) } else { bulk.append(item) }
  }

  /// Takes out what has not left yet; gives back how many items that were.
  mutating func cancel(_ request: RequestID) -> Int {
    urgent.remove(request) + bulk.remove(request)
  }

  /// What a free worker does now. Urgent items never wait and never share a batch with bulk, which would slow them.
  mutating func next(now: Double) -> Decision {
    if let batch = urgent.take(tokenBudget) { return .run(batch) }
    guard let oldest = bulk.first else { return .idle }
    let ripeAt = oldest.arrivedAt + patienceSeconds
    guard bulk.tokens >= tokenBudget || now >= ripeAt else { return .wait(until: ripeAt) }
    return bulk.take(tokenBudget).map(Decision.run) ?? .idle
  }

  /// First in, first out; the head moves so that taking costs nothing, and the array is cut when half of it is past.
  private struct Line {
    private var items: [Item] = []
    private var head = 0
    private(set) var tokens = 0

    var count: Int { items.count - head }
    var first: Item? { head < items.count ? items[head] : nil }

    mutating func append(_ item: Item) {
      items.append(item)
      tokens += item.tokens
    }

    mutating func take(_ budget: Int) -> [Item]? {
      guard let first else { return nil }
      var batch = [first]
      var taken = first.tokens
      var end = head + 1
      while end < items.count, taken + items[end].tokens <= budget {
        taken += items[end].tokens
        batch.append(items[end])
        end += 1
      }
      head = end
      tokens -= taken
      if head * 2 >= items.count {
        items.removeFirst(head)
        head = 0
      }
      return batch
    }

    mutating func remove(_ request: RequestID) -> Int {
      let before = count
      items = items[head...].filter { $0.request != request }
      head = 0
      tokens = items.reduce(0) { $0 + $1.tokens }
      return before - count
    }
  }
}
