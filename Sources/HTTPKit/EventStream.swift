// Server-sent events from a handler's thread to a client. `send` blocks while the client is slow, gives up on one that
// is too slow, and throws as soon as it is known that nobody reads any more.
//
// Two threads meet here: the handler's (send) and the connection thread (read). The connection is suspended exactly
// while `isParked` is true, and `isParked` only changes under the lock, so no wake-up is lost and a connection that has
// ended (`isGone`) is never resumed.
import Base

package final class EventStream: Sendable {
  private struct State {
    var queue: [UInt8] = []
    var head = 0
    var hasEnded = false
    var isGone = false
    var isParked = false
    var lastSend: Double
  }

  enum Portion: Equatable {
    case bytes(Int)
    case nothingYet
    case end
    case broken
  }

  private let state: Monitor<State>
  private let parking: any Parking
  private let slowReaderSeconds: Double
  private let clock: any Clock

  /// Stops and restarts reading from this stream; libmicrohttpd's suspend and resume.
  protocol Parking: Sendable {
    func park()
    func unpark()
    /// The reader was too slow: the connection is to be closed even if it is not parked.
    func giveUp()
  }

  init(parking: any Parking, slowReaderSeconds: Double, clock: any Clock) {
    self.parking = parking
    self.slowReaderSeconds = slowReaderSeconds
    self.clock = clock
    state = Monitor(State(lastSend: clock.monotonicSeconds()))
  }

  /// One event; without a name it is a plain `data` event. Any line break in the data is kept.
  package func send(event: String? = nil, data: String) throws {
    var frame: [UInt8] = []
    frame.reserveCapacity(data.utf8.count + 64)
    if let event {
      precondition(!event.utf8.contains { $0 < 0x20 }, "an event name is one line")
      frame.append(contentsOf: "event: \(event)\n".utf8)
    }
    // CR, LF and CRLF all end a line of an event stream, so all of them begin a new `data` field.
    frame.append(contentsOf: "data: ".utf8)
    var previous: UInt8 = 0
    for byte in data.utf8 {
      if byte == UInt8(ascii: "\n") && previous == UInt8(ascii: "\r") {
        previous = byte
        continue
      }
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
        frame.append(contentsOf: "\ndata: ".utf8)
      } else {
        frame.append(byte)
      }
      previous = byte
    }
    frame.append(UInt8(ascii: "\n"))
    frame.append(UInt8(ascii: "\n"))
    try enqueue(frame)
  }

  /// True once nobody reads any more.
  package var isGone: Bool { state.withLock { $0.isGone } }

  private func enqueue(_ frame: [UInt8]) throws {
    let sent: Bool? = state.wait(seconds: slowReaderSeconds) { state in
      if state.isGone { return false }
      let waiting = state.queue.count - state.head
      guard waiting == 0 || waiting + frame.count <= Limits.eventQueueBytesMax else { return nil }
      push(frame, &state)
      return true
    }
    if sent == nil {
      parking.giveUp()
      leave()
    }
    guard sent == true else { throw HTTPFailure.clientGone }
  }

  private func push(_ frame: [UInt8], _ state: inout State) {
    state.queue.append(contentsOf: frame)
    state.lastSend = clock.monotonicSeconds()
    unpark(&state)
  }

  private func unpark(_ state: inout State) {
    guard state.isParked else { return }
    state.isParked = false
    parking.unpark()
  }

  /// A comment, so that proxies and clients see that the stream lives.
  func keepAlive(ifIdleFor seconds: Double) {
    state.withLock { state in
      guard !state.isGone, !state.hasEnded, state.isParked,
        clock.monotonicSeconds() - state.lastSend >= seconds
      else { return }
      push(Array(": keep-alive\n\n".utf8), &state)
    }
  }

  /// The handler has returned.
  func end() {
    state.withLock { state in
      state.hasEnded = true
      unpark(&state)
    }
  }

  /// The client has left, or is told to.
  func leave() {
    state.withLock { state in
      state.isGone = true
      state.queue = []
      state.head = 0
      unpark(&state)
    }
    state.wakeAll()
  }

  /// The connection is over: it must not be touched again, not even to resume it.
  func detach() {
    state.withLock { state in
      state.isGone = true
      state.isParked = false
    }
    state.wakeAll()
  }

  /// For the connection thread: fills the buffer, or parks the connection until there is something.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Portion {
    let portion: Portion = state.withLock { state in
      if state.isGone { return .broken }
      let waiting = state.queue.count - state.head
      if waiting == 0 {
        if state.hasEnded { return .end }
        state.isParked = true
        parking.park()
        return .nothingYet
      }
      let count = min(waiting, buffer.count)
      unsafe buffer.copyBytes(from: state.queue[state.head..<state.head + count])
      state.head += count
      if state.head == state.queue.count {
        state.queue.removeAll(keepingCapacity: true)
        state.head = 0
      } else if state.head > Limits.eventQueueBytesMax / 2 {
        state.queue.removeFirst(state.head)
        state.head = 0
      }
      return .bytes(count)
    }
    if case .bytes = portion { state.wakeAll() }
    return portion
  }
}
