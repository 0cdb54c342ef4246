// An endpoint's address and headers, and what is made of its answers: tries, waits, errors, and no key in any of them.
import Base
import ScriptedEndpoint
import Synchronization
import Testing

@testable import Models

@Suite struct EndpointTests {
  @Test(arguments: [
    ("http://h:1", "http://h:1/v1/embeddings"), ("http://h:1/", "http://h:1/v1/embeddings"),
    ("https://h/v1", "https://h/v1/embeddings"), ("https://h/v1/", "https://h/v1/embeddings"),
    ("https://h/api/v3", "https://h/api/v3/embeddings"), ("https://h/v1/embeddings", "https://h/v1/embeddings"),
    ("https://h/openai/deployments/e?api-version=1", "https://h/openai/deployments/e/embeddings?api-version=1"),
  ])
  func addressesAreTakenAsPeopleWriteThem(_ given: String, _ expected: String) {
    #expect(Endpoint(url: given, model: "m").url("/embeddings") == expected)
  }

  @Test func aHeaderReplacesTheKey() {
    let plain = Endpoint(url: "http://h", model: "m", key: Secret("k\n"))
    #expect(plain.post([:], to: "/x").headers.contains { $0.name == "Authorization" && $0.value == "Bearer k" })
    let own = Endpoint(url: "http://h", model: "m", key: Secret("k"), headers: [("authorization", Secret("Basic z"))])
    #expect(
      own.post([:], to: "/x").headers.filter { $0.name.lowercased() == "authorization" }.map(\.value) == ["Basic z"])
  }

  @Test func aSecretIsNeverPrinted() {
    let secret = Secret("sk-topsecret")
    #expect(
      !"\(secret)\(String(reflecting: secret))\(Endpoint(url: "http://h", model: "m", key: secret))".contains(
        "topsecret"))
    var dumped = ""
    dump(Endpoint(url: "http://h", model: "m", key: secret, headers: [("a", secret)]), to: &dumped)
    #expect(!dumped.contains("topsecret"))
  }
}

/// Waits no time, and remembers how long it would have.
final class RecordingSleeper: Sleeper {
  private let seen = Mutex<[Double]>([])
  var waits: [Double] { seen.withLock { $0 } }
  func sleep(seconds: Double) { seen.withLock { $0.append(seconds) } }
}

@Suite struct EndpointClientTests {
  private let sleeper = RecordingSleeper()
  private let key = Secret("sk-topsecret")

  private func ask(_ server: ScriptedEndpoint, attempts: Int = 4) throws -> JSON {
    var timeouts = HTTPTimeouts()
    timeouts.firstByteSeconds = 0.3
    let client = EndpointClient(Endpoint(url: server.url, model: "m", key: key, timeouts: timeouts), sleeper: sleeper)
    return try client.post(["model": "m"], to: "/x", policy: RetryPolicy(attemptsMax: attempts))
  }

  private func failure(_ steps: [ScriptedEndpoint.Step]) throws -> EndpointFailure? {
    let server = try ScriptedEndpoint { _, _ in steps }
    defer { server.stop() }
    do {
      _ = try ask(server)
      return nil
    } catch let error as EndpointFailure {
      #expect(!"\(error)\(error.hint)".contains("topsecret"))
      return error
    }
  }

  @Test func passingTroubleIsSatOut() throws {
    let troubles: [[ScriptedEndpoint.Step]] = [.error(500), .html(), .error(429, "slow", [("Retry-After", "7")])]
    let server = try ScriptedEndpoint { _, number in number < 3 ? troubles[number] : .json(["ok": true]) }
    #expect(try ask(server) == ["ok": true])
    #expect(server.requests.count == 4)
    #expect(sleeper.waits.count == 3 && sleeper.waits[2] >= 7)
    server.stop()
  }

  @Test func whatWillNotPassIsToldAtOnce() throws {
    let refused = try failure(.error(401, "Incorrect API key provided: sk-topsecret"))
    #expect(refused?.code == "endpoint_denied" && refused?.message.contains("Incorrect API key") == true)
    #expect(sleeper.waits.isEmpty)
    #expect(try failure(.error(404))?.code == "endpoint_not_found")
    #expect(try failure(.error(400, "too long"))?.code == "endpoint_refused")
  }

  @Test func eachTroubleHasItsName() throws {
    #expect(try failure(.error(429))?.code == "endpoint_busy")
    #expect(try failure(.error(500))?.code == "endpoint_failed")
    #expect(try failure(.html())?.code == "endpoint_garbled")
    #expect(try failure([.hang])?.code == "endpoint_timeout")
    #expect(try failure([.close])?.code == "reply_broken_off")
    #expect(try failure([ScriptedEndpoint.Step].json(["a": "b"]).cut(after: 85))?.code == "reply_broken_off")
    #expect(try failure(.reply(200, body: [0xFF, 0xFE, 0x22]))?.code == "endpoint_garbled")
    #expect(try failure(.error(500))?.message.contains("tried 4 times") == true)
  }

  @Test func theKeyDoesNotFollowARedirect() throws {
    let elsewhere = try ScriptedEndpoint { _, _ in .json([:]) }
    let target = elsewhere.url + "/x?token=abc"
    let failure = try failure(.reply(302, [("Location", target)], body: []))
    #expect(failure?.code == "endpoint_redirects" && failure?.message.contains("token=abc") == false)
    #expect(elsewhere.connectionCount == 0)
    elsewhere.stop()
  }
}
