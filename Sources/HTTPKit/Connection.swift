// What we know of each open connection, and the watch over all of them: too slow ones are shut down, and handlers of
// clients that left are told. libmicrohttpd sees neither: a byte now and then counts as activity for it, and it does
// not look at suspended connections.
import Base
import CMicrohttpd
import Glibc
import Synchronization

final class Connection: Sendable {
  let descriptor: Int32
  let remoteAddress: String
  /// Monotonic milliseconds after which the connection is shut down.
  private let deadline: Atomic<Int>
  private let seenClosed = Atomic<Bool>(false)
  let current = Mutex<Exchange?>(nil)

  init(descriptor: Int32, remoteAddress: String, deadline: Double) {
    self.descriptor = descriptor
    self.remoteAddress = remoteAddress
    self.deadline = Atomic(Int(deadline * 1_000))
  }

  func expire(at seconds: Double) { deadline.store(Int(seconds * 1_000), ordering: .relaxed) }
  func neverExpire() { deadline.store(.max, ordering: .relaxed) }
  /// Whether an earlier round of the watch found that the peer had closed its side.
  var isSeenClosed: Bool {
    get { seenClosed.load(ordering: .relaxed) }
    set { seenClosed.store(newValue, ordering: .relaxed) }
  }
  func isExpired(at seconds: Double) -> Bool { deadline.load(ordering: .relaxed) < Int(seconds * 1_000) }
}

/// A descriptor in the table is open: it is removed in the callback that comes before libmicrohttpd closes it, and
/// everything that uses a descriptor here does so under the lock.
final class ConnectionTable: Sendable {
  private let open = Mutex<[Int32: Connection]>([:])

  var count: Int { open.withLock { $0.count } }

  func insert(_ connection: Connection) { open.withLock { $0[connection.descriptor] = connection } }
  func remove(_ connection: Connection) { open.withLock { $0[connection.descriptor] = nil } }

  var exchanges: [Exchange] {
    open.withLock { $0.values.compactMap { connection in connection.current.withLock { $0 } } }
  }

  /// One round of the watch. Returns how many connections were shut down for being slow.
  ///
  /// A client that has closed its side is gone, as nginx takes it too: its handler is told. Where no handler is at work
  /// the connection is shut down in the second round that finds it so (in the first, a request may still lie unread).
  /// libmicrohttpd would keep it until its time is over, for it overlooks an end that comes together with data.
  ///
  /// Connections without a request are only looked at in a thorough round: there may be ten thousand of them.
  func sweep(now: Double, isThorough: Bool, keepAliveSeconds: Double) -> Int {
    var slow = 0
    var left: [Exchange] = []
    var busy: [Exchange] = []
    open.withLock { open in
      var watched: [(connection: Connection, exchange: Exchange?)] = []
      var polled: [pollfd] = []
      for connection in open.values {
        let exchange = connection.current.withLock { $0 }
        if connection.isExpired(at: now) {
          connection.neverExpire()
          shutdown(connection.descriptor, Int32(SHUT_RDWR))
          slow += 1
          if let exchange { left.append(exchange) }
        } else if exchange != nil || isThorough {
          watched.append((connection, exchange))
          polled.append(pollfd(fd: connection.descriptor, events: footnote_poll_peer_closed, revents: 0))
          if let exchange, exchange.isWorking { busy.append(exchange) }
        }
      }
      guard !polled.isEmpty, unsafe poll(&polled, nfds_t(polled.count), 0) > 0 else { return }
      let gone = footnote_poll_peer_closed | Int16(POLLHUP) | Int16(POLLERR)
      for (entry, (connection, exchange)) in zip(polled, watched) where entry.revents & gone != 0 {
        if let exchange, exchange.isWorking {
          left.append(exchange)
        } else if connection.isSeenClosed {
          shutdown(connection.descriptor, Int32(SHUT_RDWR))
        } else {
          connection.isSeenClosed = true
        }
      }
    }
    // Outside of the lock: these take others.
    for exchange in left { exchange.clientLeft() }
    for exchange in busy { exchange.keepAlive(ifIdleFor: keepAliveSeconds) }
    return slow
  }
}

/// The numeric address of a peer, without its port.
func addressText(_ address: UnsafePointer<sockaddr>?) -> String {
  guard let address = unsafe address else { return "unknown" }
  let length =
    unsafe Int32(address.pointee.sa_family) == AF_INET6
    ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
  var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
  let code = unsafe getnameinfo(
    address, socklen_t(length), &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
  guard code == 0 else { return "unknown" }
  return String(decoding: host.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

/// The library's handle of a connection.
///
/// @unchecked Sendable: besides the connection thread only `resume` is called, which libmicrohttpd allows from any
/// thread, and only while the connection is suspended, so that it cannot have been freed.
@safe struct ConnectionHandle: @unchecked Sendable {
  let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }

  func suspend() { unsafe MHD_suspend_connection(pointer) }
  func resume() { unsafe MHD_resume_connection(pointer) }
}
