// Manners towards other people's servers: one request a host at a time, a pause after each, and quiet for as long as a
// host asks for. What it remembers of hosts is bounded; a host that asks for quiet is never forgotten before its time.
import Base
import Foundation
import Synchronization

final class HostTurns: Sendable {
  private final class Host: Sendable {
    let turn = DispatchSemaphore(value: 1)
    let freeAt = Mutex(0.0)
  }

  private let clock: any Clock
  private let sleeper: any Sleeper
  /// A longer wait is an error instead: the caller has other hosts to ask.
  private let waitSecondsMax: Double
  private let hosts = Mutex<[String: Host]>([:])

  init(clock: any Clock, sleeper: any Sleeper, waitSecondsMax: Double) {
    self.clock = clock
    self.sleeper = sleeper
    self.waitSecondsMax = waitSecondsMax
  }

  /// What `body` gives with its result is how long the host is left alone afterwards.
  func perform<Result>(
    at address: WebAddress, _ body: () throws -> (result: Result, quietSeconds: Double)
  ) throws -> Result {
    let host = host(address.origin)
    // Not unbounded: whoever holds the turn has a deadline.
    host.turn.wait()
    defer { host.turn.signal() }
    let wait = host.freeAt.withLock { $0 } - clock.monotonicSeconds()
    guard wait <= waitSecondsMax else { throw FetchFailure(.hostWaits(seconds: wait), address.place) }
    if wait > 0 { sleeper.sleep(seconds: wait) }
    let (result, quiet) = try body()
    let until = clock.monotonicSeconds() + quiet
    host.freeAt.withLock { $0 = max($0, until) }
    return result
  }

  private func host(_ origin: String) -> Host {
    let now = clock.monotonicSeconds()
    return hosts.withLock { hosts in
      if let known = hosts[origin] { return known }
      if hosts.count >= Limits.fetchHostsMax { hosts = hosts.filter { $0.value.freeAt.withLock { $0 } > now } }
      let made = Host()
      hosts[origin] = made
      return made
    }
  }
}

/// One lock an origin, held in memory only while somebody has it or waits for it.
final class OriginLocks: Sendable {
  private struct Held {
    let lock = DispatchSemaphore(value: 1)
    var users = 0
  }

  private let held = Mutex<[String: Held]>([:])

  func withLock<Result>(of origin: String, _ body: () throws -> Result) rethrows -> Result {
    let lock = held.withLock { held in
      held[origin, default: Held()].users += 1
      return held[origin, default: Held()].lock
    }
    lock.wait()
    defer {
      lock.signal()
      held.withLock { held in
        held[origin]?.users -= 1
        if held[origin]?.users == 0 { held[origin] = nil }
      }
    }
    return try body()
  }
}
