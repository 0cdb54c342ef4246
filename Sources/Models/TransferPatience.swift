// When to stop waiting for another server: a machine of three stages without clock or socket. Told what has moved,
// it says how long to wait on, or which stage has taken too long.

struct TransferPatience {
  enum Stage: Equatable { case connecting, asking, receiving }

  private(set) var stage = Stage.connecting
  private let timeouts: HTTPTimeouts
  private let startedAt: Double
  private var movedAt: Double
  private var bytesSent = 0

  init(_ timeouts: HTTPTimeouts, now: Double) {
    self.timeouts = timeouts
    startedAt = now
    movedAt = now
  }

  /// What is true now; told again and again. A body that is still going out counts as movement.
  mutating func observe(isConnected: Bool, bytesSent sent: Int, hasReplyBegun: Bool, hasReceived: Bool, now: Double) {
    if stage == .connecting, isConnected || hasReplyBegun { move(to: .asking, now) }
    if stage == .asking, sent > bytesSent {
      bytesSent = sent
      movedAt = now
    }
    if stage != .receiving, hasReplyBegun { move(to: .receiving, now) }
    if hasReceived { movedAt = now }
  }

  private mutating func move(to stage: Stage, _ now: Double) {
    self.stage = stage
    movedAt = now
  }

  /// Seconds until patience ends; zero or less: it has ended.
  func secondsLeft(now: Double) -> Double {
    let ofStage = movedAt + secondsMax - now
    return min(ofStage, timeouts.wholeSeconds.map { startedAt + $0 - now } ?? ofStage)
  }

  /// Why it ended, in words.
  func complaint(now: Double) -> String {
    if let whole = timeouts.wholeSeconds, now - startedAt >= whole { return "not done within \(shown(whole)) s" }
    return switch stage {
    case .connecting: "no connection within \(shown(secondsMax)) s"
    case .asking: "no reply within \(shown(secondsMax)) s"
    case .receiving: "the reply stood still for \(shown(secondsMax)) s"
    }
  }

  private var secondsMax: Double {
    switch stage {
    case .connecting: timeouts.connectSeconds
    case .asking: timeouts.firstByteSeconds
    case .receiving: timeouts.betweenBytesSeconds
    }
  }

  private func shown(_ seconds: Double) -> String {
    seconds == seconds.rounded() ? String(Int(seconds)) : String(seconds)
  }
}
