// Slow clients, clients that leave, too many clients, and the end of the server. Times are injected and short; nothing
// here asserts how fast something is, only that it happens.
import Base
import Glibc
import HTTPKit
import RawClient
import Synchronization
import Testing

@Suite struct PatienceTests {
  @Test("Row 42: a head that drips in") func closesSlowHeads() throws {
    let test = try TestServer { $0.idleSeconds = 0.5 }
    let client = test.client()
    client.send("GET / HTTP/1.1\r\nHost: x\r\nX: ")
    #expect(client.isClosedByServer())
    #expect(eventually { test.server.statistics.timedOutTotal >= 1 })
    let idle = test.client()
    #expect(idle.isClosedByServer())
  }

  @Test("Row 42: a body that drips in") func closesSlowBodies() throws {
    let test = try TestServer { $0.graceSeconds = 0.5 }
    let client = test.client()
    client.send("POST /json HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n[")
    #expect(client.isClosedByServer())
  }

  @Test("Row 42: a response that is not read") func closesSlowReaders() throws {
    let test = try TestServer {
      $0.idleSeconds = 0.5
    } routes: { router in
      router.add(.get, "/large") { _ in Response(body: .bytes([UInt8](repeating: 65, count: 32 << 20))) }
    }
    let client = test.client()
    client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(eventually { test.server.statistics.requestsTotal == 1 })
    #expect(eventually(seconds: 9) { test.server.statistics.connectionsOpen == 0 })
  }

  @Test("Row 42: events that nobody reads") func givesUpOnStalledStreams() throws {
    let ended = Flag()
    let test = try TestServer {
      $0.slowReaderSeconds = 0.5
    } routes: { router in
      router.add(.get, "/flood") { _ in
        .events { stream in
          defer { ended.set() }
          let line = String(repeating: "x", count: 100_000)
          while true { try stream.send(data: line) }
        }
      }
    }
    let client = test.client()
    client.send("GET /flood HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(eventually(seconds: 8) { ended.isSet })
    #expect(eventually { test.server.statistics.connectionsOpen == 0 })
    #expect(eventually { test.server.statistics.eventStreamsOpen == 0 })
  }

  @Test func freesTheSlotOfAClientThatLeavesItsStream() throws {
    let test = try TestServer {
      $0.eventStreamsMax = 1
    } routes: { router in
      router.add(.get, "/quiet") { _ in
        .events { stream in
          try stream.send(data: "here")
          while !stream.isGone { usleep(10_000) }
        }
      }
    }
    let client = test.client()
    client.send("GET /quiet HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(client.readText(until: "here\n\n") != nil)
    let refused = try #require(test.ask("GET /quiet HTTP/1.1\r\nHost: x\r\n\r\n"))
    #expect(refused.status == 503 && refused["Retry-After"] == "1")
    client.disconnect()
    #expect(eventually(seconds: 1) { test.server.statistics.eventStreamsOpen == 0 })
    let next = test.client()
    next.send("GET /quiet HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(next.readText(until: "here\n\n") != nil)
  }

  @Test func tellsAHandlerThatItsClientHasLeft() throws {
    let noticed = Flag()
    let began = Flag()
    let test = try TestServer(routes: { router in
      router.add(.get, "/long") { request in
        began.set()
        while !request.isCancelled { usleep(10_000) }
        noticed.set()
        return .text("too late")
      }
    })
    let client = test.client()
    client.send("GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(eventually { began.isSet })
    client.disconnect()
    #expect(eventually(seconds: 1) { noticed.isSet })
    #expect(eventually { test.server.statistics.requestsInFlight == 0 })
  }

  @Test func keepsQuietStreamsAlive() throws {
    let test = try TestServer {
      $0.keepAliveSeconds = 0.1
    } routes: { router in
      router.add(.get, "/quiet") { _ in
        .events { stream in while !stream.isGone { usleep(10_000) } }
      }
    }
    let client = test.client()
    client.send("GET /quiet HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(client.readText(until: ": keep-alive\n\n") != nil)
  }

  @Test func refusesWhatItCannotTakeAndStaysAlive() throws {
    let gate = Flag()
    let test = try TestServer {
      $0.workers = 2
      $0.requestsQueuedMax = 1
    } routes: { router in
      router.add(.get, "/gated") { _ in
        while !gate.isSet { usleep(5_000) }
        return .text("through")
      }
    }
    let clients = (0..<3).map { _ in test.client() }
    for client in clients { client.send("GET /gated HTTP/1.1\r\nHost: x\r\n\r\n") }
    #expect(eventually { test.server.statistics.requestsInFlight == 3 })
    let refused = try #require(test.ask("GET /gated HTTP/1.1\r\nHost: x\r\n\r\n"))
    #expect(refused.status == 503 && refused["Retry-After"] == "1")
    #expect(
      test.ask("GET /live HTTP/1.1\r\nHost: x\r\n\r\n")?.status == 200, "the immediate route needs no worker")
    gate.set()
    for client in clients { #expect(client.response()?.body == "through") }
    #expect(test.server.statistics.overloadedTotal == 1)
  }

  @Test func drainsBeforeItStops() throws {
    let began = Flag()
    let test = try TestServer(routes: { router in
      router.add(.get, "/slow") { _ in
        began.set()
        usleep(300_000)
        return .text("done")
      }
    })
    let client = test.client()
    client.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(eventually { began.isSet })
    test.server.stop(drainSeconds: 5)
    let response = try #require(client.response())
    #expect(response.body == "done")
    #expect(response["Connection"]?.lowercased() == "close")
  }

  @Test func stopsAlthoughAHandlerDoesNot() throws {
    let began = Flag()
    let release = Flag()
    let test = try TestServer(routes: { router in
      router.add(.get, "/stuck") { _ in
        began.set()
        while !release.isSet { usleep(10_000) }
        return .text("never seen")
      }
      router.add(.get, "/stream") { _ in
        .events { stream in while !stream.isGone { usleep(10_000) } }
      }
    })
    let stuck = test.client()
    let stream = test.client()
    stream.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
    stuck.send("GET /stuck HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(eventually { began.isSet })
    test.server.stop(drainSeconds: 0.2)
    #expect(stuck.isClosedByServer())
    #expect(stream.isClosedByServer())
    release.set()
  }

  @Test func survivesClientsThatLeaveAtAnyByte() throws {
    let test = try TestServer()
    let request = Array(
      ("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        + "Content-Length: 105\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n"
        + "hello hello hello hello hello\r\n--b--\r\n")
        .utf8)
    for length in 1...request.count {
      let client = test.client()
      client.send(Array(request[..<length]))
      client.disconnect()
    }
    #expect(eventually(seconds: 10) { test.server.statistics.connectionsOpen == 0 })
    #expect(eventually(seconds: 10) { filesIn(test.spool).isEmpty })
    #expect(test.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n")?.status == 200)
  }
}

final class Flag: Sendable {
  private let value = Atomic<Bool>(false)
  var isSet: Bool { value.load(ordering: .sequentiallyConsistent) }
  func set() { value.store(true, ordering: .sequentiallyConsistent) }
}
