// Keeps an endpoint that fails from being asked again and again: a state machine without a clock. Closed: everything
// passes. Open, after so many failures in a row: nothing passes until the pause is over. Half-open: one call may try;
// its success closes the circuit, its failure opens it for twice as long.

package struct CircuitBreaker: Sendable, Equatable {
  package enum State: Sendable, Equatable {
    case closed
    case open(until: Double)
    /// `isTried`: the one call that may try is under way.
    case halfOpen(isTried: Bool)
  }

  package private(set) var state = State.closed
  private var failuresInARow = 0
  private var pauseSeconds: Double
  private let failuresMax: Int
  private let firstPauseSeconds: Double
  private let pauseSecondsMax: Double

  package init(failuresMax: Int = 5, firstPauseSeconds: Double = 10, pauseSecondsMax: Double = 300) {
    precondition(failuresMax >= 1 && firstPauseSeconds > 0 && pauseSecondsMax >= firstPauseSeconds)
    self.failuresMax = failuresMax
    self.firstPauseSeconds = firstPauseSeconds
    self.pauseSecondsMax = pauseSecondsMax
    pauseSeconds = firstPauseSeconds
  }

  /// When a call may pass at the earliest; nil: not before the one that tries has come back.
  package func readyAt(now: Double) -> Double? {
    switch state {
    case .closed, .halfOpen(isTried: false): now
    case .open(let until): max(now, until)
    case .halfOpen(isTried: true): nil
    }
  }

  /// Lets a call pass, or not. One that passes must come back with `succeeded`, `failed` or `wasAbandoned`.
  package mutating func admit(now: Double) -> Bool {
    switch state {
    case .closed: return true
    case .halfOpen(isTried: true): return false
    case .open(let until) where now < until: return false
    case .open, .halfOpen:
      state = .halfOpen(isTried: true)
      return true
    }
  }

  package mutating func succeeded() {
    state = .closed
    failuresInARow = 0
    pauseSeconds = firstPauseSeconds
  }

  package mutating func failed(now: Double) {
    failuresInARow += 1
    switch state {
    case .closed:
      if failuresInARow >= failuresMax { state = .open(until: now + pauseSeconds) }
    case .halfOpen:
      pauseSeconds = min(2 * pauseSeconds, pauseSecondsMax)
      state = .open(until: now + pauseSeconds)
    // A call that passed before the circuit opened.
    case .open: break
    }
  }

  /// The call said nothing about the endpoint: its caller went away.
  package mutating func wasAbandoned() {
    if state == .halfOpen(isTried: true) { state = .halfOpen(isTried: false) }
  }
}
