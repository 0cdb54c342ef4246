// HTTP requests through libcurl. Redirects are never followed, so that no key goes where it was not sent; only HTTP and
// HTTPS are spoken; a reply is cut off at its cap by counting what arrives (libcurl's own limit does not stop a running
// transfer before 8.4: https://curl.se/libcurl/c/CURLOPT_MAXFILESIZE_LARGE.html), and nothing is unpacked, so that a
// few bytes cannot become many. Connections are kept for the next request to the same server.
package import Base
import CCurl
import Synchronization

package final class HTTPClient: Sendable {
  private static let idleMax = 8

  private let clock: any Clock
  private let idle = Mutex<[ConnectionPool]>([])

  package init(clock: any Clock = SystemClock()) {
    self.clock = clock
    HTTPClient.initializeOnce
  }

  // curl_global_init is not safe beside other threads' use of libcurl; a static runs once, before any handle is made:
  // https://curl.se/libcurl/c/curl_global_init.html
  static let initializeOnce: Void = { _ = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }()

  /// Sends and waits for the whole reply, whatever its status.
  package func send(_ request: HTTPRequest) throws -> HTTPReply {
    var body: [UInt8] = []
    let head = try stream(request) { body += $0 }
    return HTTPReply(head: head, body: body)
  }

  /// Sends and hands the reply's bytes over as they come, the head before the first of them. What `begin` or `receive`
  /// throws stops the transfer and is passed on.
  @discardableResult
  package func stream(
    _ request: HTTPRequest, begin: (HTTPReplyHead) throws -> Void = { _ in }, receive: ([UInt8]) throws -> Void
  ) throws -> HTTPReplyHead {
    let pool = idle.withLock { $0.popLast() } ?? ConnectionPool()
    defer { idle.withLock { if $0.count < Self.idleMax { $0.append(pool) } } }
    return try withoutActuallyEscaping(begin) { begin in
      try withoutActuallyEscaping(receive) { receive in
        let sink = TransferSink(bytesMax: request.replyBytesMax, begin: begin, receive: receive)
        return try pool.perform(HTTPTransfer(request, sink: sink), request, sink, clock)
      }
    }
  }
}

/// One multi handle with the connections it keeps; used by one thread at a time.
// Proof of Sendable: a pool is out of the client's list while a thread uses it, and libcurl lets handles move between
// threads: https://curl.se/libcurl/c/threadsafe.html
@safe private final class ConnectionPool: @unchecked Sendable {
  private static let pollSecondsMax = 1.0
  private static let cancelPollSeconds = 0.1

  private let handle: OpaquePointer

  init() {
    guard let made = unsafe curl_multi_init() else { preconditionFailure("libcurl cannot make a handle") }
    unsafe handle = OpaquePointer(made)
  }

  deinit { unsafe curl_multi_cleanup(raw) }

  private var raw: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(handle) }

  func perform(
    _ transfer: borrowing HTTPTransfer, _ request: HTTPRequest, _ sink: TransferSink, _ clock: any Clock
  ) throws -> HTTPReplyHead {
    guard unsafe curl_multi_add_handle(raw, transfer.raw) == CURLM_OK else {
      preconditionFailure("libcurl cannot take a handle")
    }
    // A transfer taken out half-way takes its connection with it.
    defer { unsafe curl_multi_remove_handle(raw, transfer.raw) }
    var patience = TransferPatience(request.timeouts, now: clock.monotonicSeconds())
    var running: Int32 = 1
    while true {
      let performed = unsafe curl_multi_perform(raw, &running)
      guard performed == CURLM_OK else {
        throw transfer.failure(.brokenOff, unsafe String(cString: curl_multi_strerror(performed)))
      }
      if running == 0 { return try conclude(transfer, sink) }
      if request.isCancelled?() == true { throw transfer.failure(.cancelled, "nobody waits for the reply any more") }
      let now = clock.monotonicSeconds()
      patience.observe(
        isConnected: transfer.isConnected, bytesSent: transfer.bytesSent, hasReplyBegun: sink.hasBegun,
        hasReceived: sink.takeMovement(), now: now)
      let left = patience.secondsLeft(now: now)
      guard left > 0 else { throw transfer.failure(.timedOut, patience.complaint(now: now)) }
      let wait = min(left, request.isCancelled == nil ? Self.pollSecondsMax : Self.cancelPollSeconds)
      // At least a millisecond: a poll of none would spin.
      unsafe curl_multi_poll(raw, nil, 0, Int32((wait * 1_000).rounded(.up)), nil)
    }
  }

  private func conclude(_ transfer: borrowing HTTPTransfer, _ sink: TransferSink) throws -> HTTPReplyHead {
    var left: Int32 = 0
    var result = CURLE_OK
    while let message = unsafe curl_multi_info_read(raw, &left) {
      if unsafe message.pointee.msg == CURLMSG_DONE { result = unsafe message.pointee.data.result }
    }
    if let error = sink.error { throw error }
    guard result == CURLE_OK else { throw transfer.failure(result, sink) }
    return try sink.end()
  }
}
