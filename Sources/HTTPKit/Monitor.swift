// A value behind a lock that threads can wait on. Swift's Mutex has no condition; actors would park the cooperative
// pool, and what waits here is a thread of ours or libmicrohttpd's.
import Glibc

/// @unchecked Sendable: `value` is only reached by `withLock` and `wait`, both of which hold the mutex.
/// @safe: both pointers are allocated in init, never change, and are freed in deinit.
@safe final class Monitor<Value>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var value: Value

  init(_ value: Value) {
    self.value = value
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(condition, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return try body(&value)
  }

  /// Asks `body` again after each wake-up until it answers; nil when the time is over.
  func wait<Result>(seconds: Double? = nil, until body: (inout Value) -> Result?) -> Result? {
    var end = timespec()
    if let seconds {
      unsafe clock_gettime(CLOCK_MONOTONIC, &end)
      let nanoseconds = Double(end.tv_nsec) + seconds.truncatingRemainder(dividingBy: 1) * 1e9
      end.tv_sec += Int(seconds) + Int(nanoseconds / 1e9)
      end.tv_nsec = Int(nanoseconds.truncatingRemainder(dividingBy: 1e9))
    }
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while true {
      if let result = body(&value) { return result }
      if seconds == nil {
        unsafe pthread_cond_wait(condition, mutex)
      } else if unsafe pthread_cond_timedwait(condition, mutex, &end) == ETIMEDOUT {
        return body(&value)
      }
    }
  }

  func wakeOne() { unsafe pthread_cond_signal(condition) }
  func wakeAll() { unsafe pthread_cond_broadcast(condition) }
}

/// A detached thread; false where the system has no more of them.
func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
  final class Start: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  let start = unsafe Unmanaged.passRetained(Start(body))
  var thread: pthread_t = 0
  let code = unsafe pthread_create(
    &thread, nil,
    { argument in
      // The pointer is the one that was retained above, handed over once.
      unsafe Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue().body()
      return nil
    }, start.toOpaque())
  guard code == 0 else {
    unsafe start.release()
    return false
  }
  pthread_detach(thread)
  return true
}
