// The server: libmicrohttpd's daemon, its callbacks, and the way up and down. One internal thread serves all
// connections by epoll; a connection whose handler works is suspended and costs nothing but its memory.
// https://www.gnu.org/software/libmicrohttpd/manual/libmicrohttpd.html#Thread-modes
import Base
import CMicrohttpd
import Glibc
import Synchronization

package final class Server: Sendable {
  private enum Life {
    case idle
    /// The listening socket belongs to the daemon.
    case running(Daemon, listening: Int32)
    case stopped
  }

  /// @unchecked Sendable: only used under the lock of `life`. @safe: valid until `Life` leaves `running`.
  @safe private struct Daemon: @unchecked Sendable {
    let pointer: OpaquePointer
    init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }
  }

  private let host: String
  private let port: Int
  private let core: ServerCore
  private let life = Mutex(Life.idle)
  private let watchman = Monitor(false)
  /// Those that take no more connections and wait for theirs to end.
  private let leaving = Mutex<[Daemon]>([])

  package init(host: String, port: Int, router: Router, options: ServerOptions) {
    self.host = host
    self.port = port
    core = ServerCore(router: router, options: options)
  }

  deinit { stop(drainSeconds: 0) }

  package var statistics: ServerStatistics { core.statistics }

  /// Listens, and returns the port: the one asked for, or a free one for 0.
  @discardableResult
  package func start() throws(HTTPFailure) -> Int {
    let options = core.options
    if core.router.routes.contains(where: { $0.accepts.isForm }) { try prepareSpool(options.spoolDirectory) }
    let listener = try Listener(host: host, port: port)
    let bound = listener.port
    // A client that goes away between two writes must not end the process.
    signal(SIGPIPE, SIG_IGN)

    let descriptor = listener.release()
    let daemon = try daemon(descriptor, options.tls)
    life.withLock { $0 = .running(daemon, listening: descriptor) }
    let started = startThread { [core, watchman] in
      var round = 0
      while watchman.wait(seconds: 0.2, until: { $0 ? true : nil }) == nil {
        core.watch(round: round)
        round += 1
      }
    }
    precondition(started, "the system refuses to start threads")
    return bound
  }

  private func daemon(_ descriptor: Int32, _ tls: ServerOptions.TLS?) throws(HTTPFailure) -> Daemon {
    let connectionsMax = min(core.options.connectionsMax, raiseDescriptorLimit() - 128)
    let made = unsafe Server.startDaemon(
      core, descriptor: descriptor, connectionsMax: max(64, connectionsMax), idleSeconds: core.options.idleSeconds,
      tls: tls)
    guard let made = unsafe made else {
      throw .cannotListen(
        host: host, port: port,
        reason: tls == nil ? "libmicrohttpd does not start" : "the certificate or the key is not usable")
    }
    return unsafe Daemon(made)
  }

  /// From now on new connections are shown this certificate; those that are open end with the one that they began with.
  /// Where it is not usable everything stays as it is.
  package func renew(_ tls: ServerOptions.TLS) throws(HTTPFailure) {
    try life.withLock { life throws(HTTPFailure) in
      guard case .running(let old, let listening) = life, core.options.tls != nil else { return }
      let again = fcntl(listening, F_DUPFD_CLOEXEC, 0)
      guard again >= 0 else { throw .cannotListen(host: host, port: port, reason: systemMessage(errno)) }
      // Where it does not start, the library has closed this descriptor.
      let new = try daemon(again, tls)
      life = .running(new, listening: again)
      // The socket is ours again, and the new daemon has its own descriptor of it.
      let left = unsafe MHD_quiesce_daemon(old.pointer)
      leaving.withLock { $0.append(old) }
      let started = startThread { [weak self] in
        while let self, self.isWaiting(for: old) { usleep(200_000) }
        // After the daemon: its thread may be about to accept on this very descriptor.
        if left >= 0 { close(left) }
      }
      precondition(started, "the system refuses to start threads")
    }
  }

  /// False once the daemon has ended, which it does here when its last connection has.
  private func isWaiting(for daemon: Daemon) -> Bool {
    let isDone: Bool? = leaving.withLock { leaving in
      guard let place = leaving.firstIndex(where: { unsafe $0.pointer == daemon.pointer }) else { return nil }
      guard unsafe footnote_mhd_connection_count(daemon.pointer) == 0 else { return false }
      leaving.remove(at: place)
      return true
    }
    if isDone == true { unsafe MHD_stop_daemon(daemon.pointer) }
    return isDone == false
  }

  /// Takes no more connections, lets work in progress end for so long, then ends it. Safe to call twice.
  package func stop(drainSeconds: Double) {
    let daemon: Daemon? = life.withLock { life in
      guard case .running(let daemon, _) = life else { return nil }
      life = .stopped
      return daemon
    }
    guard let daemon else { return }
    core.isDraining.store(true, ordering: .relaxed)
    let listening = unsafe MHD_quiesce_daemon(daemon.pointer)
    // Shut down now, closed only after the daemon: its thread may be about to accept on this very descriptor, which
    // must not by then be somebody else's.
    if listening >= 0 { shutdown(listening, Int32(SHUT_RDWR)) }
    waitUntilQuiet(seconds: drainSeconds)
    for exchange in core.table.exchanges { exchange.clientLeft() }
    waitUntilQuiet(seconds: min(1, drainSeconds))
    // The daemon must not stop with suspended connections: handlers that still run are answered for.
    for exchange in core.table.exchanges {
      exchange.answer(core.ready(.failure(HTTPFailure.shuttingDown), exchange, nil))
    }
    watchman.withLock { $0 = true }
    watchman.wakeAll()
    core.pool.stop()
    let leaving = leaving.withLock { leaving in
      defer { leaving = [] }
      return leaving
    }
    for daemon in leaving + [daemon] { unsafe MHD_stop_daemon(daemon.pointer) }
    if listening >= 0 { close(listening) }
  }

  /// Ends what is being done or streamed for those that the test names.
  package func disconnect(where isMeant: (any Sendable) -> Bool) {
    for exchange in core.table.exchanges {
      guard let principal = exchange.state.withLock({ $0.request?.principal }), isMeant(principal) else { continue }
      exchange.clientLeft()
      exchange.connection.expire(at: 0)
    }
  }

  private func waitUntilQuiet(seconds: Double) {
    let clock = core.options.clock
    let end = clock.monotonicSeconds() + seconds
    while !core.table.exchanges.isEmpty, clock.monotonicSeconds() < end { usleep(10_000) }
  }
}

// MARK: - Callbacks. `context` is the core, which outlives the daemon; requests and connections are retained by the
// library's own slots from the callback that opens them to the one that closes them.

extension Server {
  private static func startDaemon(
    _ core: ServerCore, descriptor: Int32, connectionsMax: Int, idleSeconds: Double, tls: ServerOptions.TLS?
  ) -> OpaquePointer? {
    var settings = unsafe footnote_mhd_settings()
    unsafe settings.listen_socket = descriptor
    unsafe settings.connections_max = UInt32(connectionsMax)
    // The library's own timeout is the second net: ours is exact, this one also covers its states that we do not see.
    unsafe settings.idle_seconds_max = UInt32(max(1, idleSeconds.rounded(.up)))
    unsafe settings.connection_memory_bytes = Limits.connectionMemoryBytes
    unsafe settings.context = Unmanaged.passUnretained(core).toOpaque()
    unsafe settings.on_target = { context, target, connection in
      unsafe Server.onTarget(core: context!, target: target!, connection: connection!)
    }
    unsafe settings.on_request = { context, connection, _, method, version, bytes, size, slot in
      unsafe Server.onRequest(
        core: context!, connection: connection!, method: method!, version: version!, bytes: bytes,
        size: size!,
        slot: slot!)
    }
    unsafe settings.on_completed = { context, _, slot, code in
      unsafe Server.onCompleted(core: context!, slot: slot!, code: code)
    }
    unsafe settings.on_connection = { context, connection, slot, code in
      unsafe Server.onConnection(core: context!, connection: connection!, slot: slot!, code: code)
    }
    guard let tls else { return unsafe footnote_mhd_start(&settings) }
    return unsafe tls.key.withCString { key in
      unsafe tls.certificate.withCString { certificate in
        unsafe settings.tls_key = key
        unsafe settings.tls_certificate = certificate
        return unsafe footnote_mhd_start(&settings)
      }
    }
  }

  private static func onConnection(
    core: UnsafeMutableRawPointer, connection: OpaquePointer,
    slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>, code: MHD_ConnectionNotificationCode
  ) {
    let core = unsafe Unmanaged<ServerCore>.fromOpaque(core).takeUnretainedValue()
    if code == .CONNECTION_NOTIFY_STARTED {
      let opened = unsafe Connection(
        descriptor: footnote_mhd_socket(connection),
        remoteAddress: addressText(footnote_mhd_peer(connection)),
        deadline: core.options.clock.monotonicSeconds() + core.options.idleSeconds)
      core.table.insert(opened)
      unsafe slot.pointee = Unmanaged.passRetained(opened).toOpaque()
    } else if let kept = unsafe slot.pointee {
      core.table.remove(unsafe Unmanaged<Connection>.fromOpaque(kept).takeRetainedValue())
      unsafe slot.pointee = nil
    }
  }

  private static func onTarget(
    core: UnsafeMutableRawPointer, target: UnsafePointer<CChar>, connection: OpaquePointer
  ) -> UnsafeMutableRawPointer? {
    guard let context = unsafe footnote_mhd_socket_context(connection) else { return nil }
    let core = unsafe Unmanaged<ServerCore>.fromOpaque(core).takeUnretainedValue()
    let exchange = unsafe core.begin(
      target: String(cString: target), handle: ConnectionHandle(connection),
      connection: Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue())
    return unsafe Unmanaged.passRetained(exchange).toOpaque()
  }

  private static func onRequest(
    core: UnsafeMutableRawPointer, connection: OpaquePointer, method: UnsafePointer<CChar>,
    version: UnsafePointer<CChar>, bytes: UnsafePointer<CChar>?, size: UnsafeMutablePointer<Int>,
    slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  ) -> MHD_Result {
    guard let kept = unsafe slot.pointee else { return .NO }
    let core = unsafe Unmanaged<ServerCore>.fromOpaque(core).takeUnretainedValue()
    let exchange = unsafe Unmanaged<Exchange>.fromOpaque(kept).takeUnretainedValue()
    let step: ServerCore.Step
    if exchange.isArriving {
      let head = unsafe ReceivedHead(connection, version: version)
      step = unsafe core.takeHead(
        exchange, method: String(cString: method), version: String(cString: version), isLoose: head.isLoose,
        headers: head.headers)
    } else if unsafe size.pointee > 0 {
      step = unsafe core.takeBody(exchange, UnsafeRawBufferPointer(start: bytes, count: size.pointee))
      unsafe size.pointee = 0
    } else {
      step = core.proceed(exchange)
    }
    return step == .close ? .NO : .YES
  }

  private static func onCompleted(
    core: UnsafeMutableRawPointer, slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>,
    code: MHD_RequestTerminationCode
  ) {
    guard let kept = unsafe slot.pointee else { return }
    unsafe slot.pointee = nil
    let core = unsafe Unmanaged<ServerCore>.fromOpaque(core).takeUnretainedValue()
    let exchange = unsafe Unmanaged<Exchange>.fromOpaque(kept).takeRetainedValue()
    let outcome: AccessRecord.Outcome =
      switch code {
      // What goes to a peer that has closed may leave here well and arrive nowhere.
      case .REQUEST_TERMINATED_COMPLETED_OK: exchange.cancellation.isCancelled ? .clientGone : .completed
      case .REQUEST_TERMINATED_TIMEOUT_REACHED: .timedOut
      case .REQUEST_TERMINATED_READ_ERROR, .REQUEST_TERMINATED_CLIENT_ABORT: .clientGone
      default: exchange.cancellation.isCancelled ? .clientGone : .failed
      }
    core.finish(exchange, outcome)
  }
}

/// The headers as libmicrohttpd keeps them, copied, and whether their lines were well formed.
private struct ReceivedHead {
  var headers = Headers()
  var isLoose: Bool

  init(_ connection: OpaquePointer, version: UnsafePointer<CChar>) {
    isLoose = unsafe footnote_mhd_line_is_loose(version, strlen(version))
    unsafe withUnsafeMutablePointer(to: &self) { head in
      _ = unsafe MHD_get_connection_values_n(
        connection, .HEADER_KIND,
        { context, _, key, keySize, value, valueSize in
          let head = unsafe context!.assumingMemoryBound(to: ReceivedHead.self)
          let name = unsafe String(
            decoding: UnsafeRawBufferPointer(start: key, count: keySize), as: UTF8.self)
          let text = unsafe String(
            decoding: UnsafeRawBufferPointer(start: value, count: valueSize), as: UTF8.self)
          unsafe head.pointee.headers.received(name, text)
          if let value = unsafe value, unsafe footnote_mhd_line_is_loose(value, valueSize) {
            unsafe head.pointee.isLoose = true
          }
          return .YES
        }, head)
    }
  }
}

/// The soft limit of descriptors up to the hard one; returns what holds now.
private func raiseDescriptorLimit() -> Int {
  var limit = rlimit()
  guard unsafe getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit) == 0 else {
    return 1_024
  }
  if limit.rlim_cur < limit.rlim_max {
    limit.rlim_cur = limit.rlim_max
    _ = unsafe setrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
    _ = unsafe getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
  }
  return Int(min(limit.rlim_cur, 1 << 20))
}
