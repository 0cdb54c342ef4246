// Which endpoint takes the next call: a state machine without clock or socket. Endpoints of one tier share the load,
// each call going where fewest are under way; the next tier is asked only while no endpoint of the tiers before it
// can be. An endpoint that is told to wait, or whose circuit is open, is passed over.

struct ChatRouting: Sendable {
  enum Choice: Equatable {
    case use(Int)
    case wait(until: Double)
    case none
  }

  struct Place: Sendable {
    let tier: Int
    var breaker: CircuitBreaker
    var notBefore = 0.0
    var underWay = 0
    var lastUse = 0
  }

  private(set) var places: [Place]
  private var uses = 0

  init(tiers: [Int], breaker: CircuitBreaker) { places = tiers.map { Place(tier: $0, breaker: breaker) } }

  /// `excluded`: given up for this call.
  mutating func choose(now: Double, excluded: Set<Int>) -> Choice {
    let open = places.indices.filter { !excluded.contains($0) }
    let ready = open.filter { readyAt($0, now: now) == now }
    let order = ready.sorted { left, right in
      let (left, right) = (places[left], places[right])
      return (left.tier, left.underWay, left.lastUse) < (right.tier, right.underWay, right.lastUse)
    }
    for index in order where places[index].breaker.admit(now: now) {
      uses += 1
      places[index].underWay += 1
      places[index].lastUse = uses
      return .use(index)
    }
    return open.compactMap { readyAt($0, now: now) }.min().map { .wait(until: $0) } ?? .none
  }

  private func readyAt(_ index: Int, now: Double) -> Double? {
    places[index].breaker.readyAt(now: now).map { max($0, places[index].notBefore) }
  }

  mutating func succeeded(_ index: Int) {
    places[index].underWay -= 1
    places[index].notBefore = 0
    places[index].breaker.succeeded()
  }

  /// `pauseSeconds`: how long it is left alone after this.
  mutating func failed(_ index: Int, now: Double, pauseSeconds: Double) {
    places[index].underWay -= 1
    places[index].notBefore = max(places[index].notBefore, now + pauseSeconds)
    places[index].breaker.failed(now: now)
  }

  /// The fault was the caller's or the request's, and says nothing about the endpoint.
  mutating func wasAbandoned(_ index: Int) {
    places[index].underWay -= 1
    places[index].breaker.wasAbandoned()
  }
}
