// One end of the socket between the pool and a worker.
// Invariants: every wait has a deadline where one is set; a peer that is gone is a fault, not a signal (MSG_NOSIGNAL);
// the descriptor is closed with its owner.
// Must not: know what frames mean.
import Base

#if canImport(Glibc)
  import Glibc
#endif

final class FrameChannel {
  private static let clock: any Clock = SystemClock()

  private static let receiving = Int32(MSG_DONTWAIT)
  private static let sending = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)

  let descriptor: Int32

  init(owning descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// The moment that lies so many seconds ahead, as `send` and `receive` take it.
  static func deadline(in seconds: Double) -> Double { clock.monotonicSeconds() + seconds }

  func send(_ frame: Frame, until deadline: Double? = nil) throws(ChannelFault) {
    try send(FrameOpening(frame).bytes + frame.head, until: deadline)
    try send(frame.body, until: deadline)
  }

  func receive(bodyBytesMax: Int, until deadline: Double? = nil) throws(ChannelFault) -> Frame {
    let opening = try FrameOpening(
      bytes: receive(count: FrameOpening.byteCount, until: deadline), bodyBytesMax: bodyBytesMax)
    let head = try receive(count: opening.headBytes, until: deadline)
    return Frame(kind: opening.kind, head: head, body: try receive(count: opening.bodyBytes, until: deadline))
  }

  /// Nothing to read and the other side still there: how a worker at rest looks.
  var isQuiet: Bool {
    var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&state, 1, 0) == 0
  }

  private func send(_ bytes: [UInt8], until deadline: Double?) throws(ChannelFault) {
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Self.sending)
      }
      if count > 0 { sent += count } else { try pause(for: Int16(POLLOUT), until: deadline) }
    }
  }

  private func receive(count: Int, until deadline: Double?) throws(ChannelFault) -> [UInt8] {
    // Reserved as claimed, since the claim is bounded; memory is only taken as bytes arrive.
    var fault: ChannelFault?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = unsafe recv(descriptor, buffer.baseAddress! + filled, count - filled, Self.receiving)
        if got > 0 {
          filled += got
          continue
        }
        if got == 0 {
          fault = .ended
          return
        }
        do throws(ChannelFault) { try pause(for: Int16(POLLIN), until: deadline) } catch {
          fault = error
          return
        }
      }
    }
    if let fault { throw fault }
    return bytes
  }

  /// Called after a transfer that moved nothing, with its errno still set.
  private func pause(for event: Int16, until deadline: Double?) throws(ChannelFault) {
    guard errno == EAGAIN || errno == EINTR else { throw .ended }
    var milliseconds: Int32 = -1
    if let deadline {
      let left = deadline - Self.clock.monotonicSeconds()
      guard left > 0 else { throw .late }
      milliseconds = Int32(clamping: Int((left * 1_000).rounded(.up)))
    }
    var state = pollfd(fd: descriptor, events: event, revents: 0)
    // What woke us shows at the next transfer; a time-out shows at the next look at the clock.
    _ = unsafe poll(&state, 1, milliseconds)
  }
}
