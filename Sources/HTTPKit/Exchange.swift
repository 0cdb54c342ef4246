// One request and its response, from the first line to the last byte. Everything but `answer`, `clientLeft` and the
// producing of events happens on the connection thread.
//
//   arriving -> receiving -> working -> answered -> sending -> (gone)
//
// While `working`, the connection is suspended; the answer is stored first and the connection resumed after, once.
import Base
import CMicrohttpd
import Synchronization

final class Exchange: Sendable, EventStream.Parking {
  enum Stage {
    case arriving
    case receiving
    case working
    case answered(ReadyResponse)
    case sending
    case over
  }

  struct State {
    var stage = Stage.arriving
    var request: Request?
    var route: Route?
    var reader: BodyReader?
    /// Decided on the head; told when the body has been passed over.
    var refusal: Response?
    var method = ""
    var bytesReceived = 0
    var status = 0
    var stream: EventStream?
    var timeline: Timeline?
  }

  let state = Mutex(State())
  let cancellation = Cancellation()
  let id: String
  let target: String
  let handle: ConnectionHandle
  let connection: Connection
  let started: Double
  private let clock: any Clock

  init(
    target: String, id: String, handle: ConnectionHandle, connection: Connection, clock: any Clock
  ) {
    self.target = target
    self.id = id
    self.handle = handle
    self.connection = connection
    self.clock = clock
    started = clock.monotonicSeconds()
  }

  var isArriving: Bool { state.withLock { if case .arriving = $0.stage { true } else { false } } }

  /// True from the moment a worker has it until the last byte has been handed over.
  var isWorking: Bool {
    state.withLock { state in
      switch state.stage {
      case .working, .sending: true
      default: false
      }
    }
  }

  /// Gives the answer; only the first one counts (a stopping server answers for a handler that does not return).
  func answer(_ response: ReadyResponse) {
    let isFirst = state.withLock { state in
      guard case .working = state.stage else { return false }
      state.stage = .answered(response)
      return true
    }
    if isFirst { handle.resume() }
  }

  func clientLeft() {
    cancellation.cancel()
    state.withLock { $0.stream }?.leave()
  }

  func keepAlive(ifIdleFor seconds: Double) {
    state.withLock { $0.stream }?.keepAlive(ifIdleFor: seconds)
  }

  /// The connection thread is done with it; nothing may touch the connection from here on.
  func finish() -> State {
    cancellation.cancel()
    let last = state.withLock { state in
      let last = state
      state.stage = .over
      state.reader = nil
      state.request = nil
      state.stream = nil
      return last
    }
    last.stream?.detach()
    return last
  }

  // MARK: Parking

  func park() { handle.suspend() }
  func unpark() { handle.resume() }
  func giveUp() { connection.expire(at: 0) }
}
