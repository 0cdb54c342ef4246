// When another try is made, and when not: pure, with time and chance held.
import Base
import Testing

@testable import Models

@Suite struct RetryTests {
  private let policy = RetryPolicy(
    attemptsMax: 5, firstDelaySeconds: 1, delaySecondsMax: 3, deadlineSeconds: 100)

  @Test func waitsDoubleUpToABoundAndThenEnd() {
    var state = RetryState(policy, now: 0)
    let waits = (0..<5).map { _ in state.failed(now: 0, askedSeconds: nil, chance: 1) }
    #expect(
      waits == [
        .retry(afterSeconds: 1), .retry(afterSeconds: 2), .retry(afterSeconds: 3), .retry(afterSeconds: 3), .giveUp,
      ])
  }

  @Test(arguments: [0.0, 0.25, 0.999])
  func chanceTakesUpToHalfAway(_ chance: Double) {
    var state = RetryState(policy, now: 0)
    #expect(state.failed(now: 0, askedSeconds: nil, chance: chance) == .retry(afterSeconds: 0.5 + 0.5 * chance))
  }

  @Test func whatTheServerAskedForIsNeverUndercut() {
    var state = RetryState(policy, now: 0)
    #expect(state.failed(now: 0, askedSeconds: 7, chance: 0) == .retry(afterSeconds: 7))
    #expect(state.failed(now: 7, askedSeconds: 7, chance: 0.5) == .retry(afterSeconds: 7.25))
  }

  @Test func aTryThatWouldBeginTooLateIsNotMade() {
    var state = RetryState(policy, now: 50)
    #expect(state.failed(now: 60, askedSeconds: 91, chance: 0) == .giveUp)
    state = RetryState(policy, now: 50)
    #expect(state.failed(now: 149, askedSeconds: nil, chance: 1) == .retry(afterSeconds: 1))
    #expect(state.failed(now: 149, askedSeconds: nil, chance: 1) == .giveUp)
  }

  @Test(arguments: [408, 425, 429, 500, 502, 503, 504, 522, 529])
  func passingFaultsAreTriedAgain(_ status: Int) { #expect(RetryPolicy.isWorthAnotherTry(status: status)) }

  @Test(arguments: [200, 301, 400, 401, 403, 404, 413, 422, 501, 505])
  func lastingFaultsAreNot(_ status: Int) { #expect(!RetryPolicy.isWorthAnotherTry(status: status)) }

  @Test func retryAfterIsReadInEveryForm() {
    func seconds(_ name: String, _ value: String) -> Double? {
      RetryAfter.seconds(HTTPReplyHead(status: 429, headers: [(name, value)]), wallSeconds: 1_700_000_000)
    }
    #expect(seconds("Retry-After", "12") == 12)
    #expect(seconds("retry-after", "0.5") == 0.5)
    #expect(seconds("Retry-After-Ms", "1500") == 1.5)
    // 1,700,000,000 is Tue, 14 Nov 2023 22:13:20 GMT.
    #expect(seconds("Retry-After", "Tue, 14 Nov 2023 22:13:50 GMT") == 30)
    #expect(seconds("Retry-After", "Tuesday, 14-Nov-23 22:13:50 GMT") == 30)
    #expect(seconds("Retry-After", "Tue Nov 14 22:13:50 2023") == 30)
    #expect(seconds("Retry-After", "Tue, 14 Nov 2023 22:00:00 GMT") == 0)
    for nonsense in ["soon", "-3", "nan", "inf", ""] { #expect(seconds("Retry-After", nonsense) == nil) }
  }
}

@Suite struct TransferPatienceTests {
  private func patience() -> TransferPatience {
    var timeouts = HTTPTimeouts()
    timeouts.connectSeconds = 1
    timeouts.firstByteSeconds = 10
    timeouts.betweenBytesSeconds = 3
    timeouts.wholeSeconds = 60
    return TransferPatience(timeouts, now: 100)
  }

  @Test func eachStageHasItsOwn() {
    var patience = patience()
    #expect(patience.secondsLeft(now: 100.5) == 0.5)
    #expect(patience.complaint(now: 101).contains("no connection within 1 s"))
    patience.observe(isConnected: true, bytesSent: 0, hasReplyBegun: false, hasReceived: false, now: 100.5)
    #expect(patience.secondsLeft(now: 101) == 9.5)
    #expect(patience.complaint(now: 111).contains("no reply within 10 s"))
    patience.observe(isConnected: true, bytesSent: 0, hasReplyBegun: true, hasReceived: true, now: 105)
    #expect(patience.secondsLeft(now: 106) == 2)
    #expect(patience.complaint(now: 108).contains("stood still for 3 s"))
  }

  @Test func aBodyOnItsWayOutIsMovement() {
    var patience = patience()
    for second in 0..<40 {
      patience.observe(
        isConnected: true, bytesSent: second, hasReplyBegun: false, hasReceived: false, now: 100 + Double(second))
    }
    #expect(patience.secondsLeft(now: 140) == 9)
  }

  @Test func theWholeEndsEvenWhatMoves() {
    var patience = patience()
    for second in 0..<60 {
      patience.observe(
        isConnected: true, bytesSent: 0, hasReplyBegun: true, hasReceived: true, now: 100 + Double(second))
    }
    #expect(patience.secondsLeft(now: 160) == 0)
    #expect(patience.complaint(now: 160).contains("not done within 60 s"))
  }
}
