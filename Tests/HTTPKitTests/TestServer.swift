// A server with the routes that the tests need, on a free port, stopped when the test lets go of it.
import Base
import Glibc
import HTTPKit
import RawClient
import Synchronization

final class TestServer {
  let server: Server
  let port: Int
  let spool: String
  let log = LogBook()

  init(_ change: (inout ServerOptions) -> Void = { _ in }, routes: (inout Router) -> Void = { _ in }) throws {
    spool = "/dev/shm/footnote-http-" + hexadecimal(SystemRandom().bytes(8))
    var options = ServerOptions(spoolDirectory: spool)
    options.log = { [log] record in log.add(record) }
    change(&options)
    var router = Router()
    TestServer.addRoutes(to: &router)
    routes(&router)
    server = Server(host: "127.0.0.1", port: 0, router: router, options: options)
    port = try server.start()
  }

  deinit {
    server.stop(drainSeconds: 2)
    unsafe rmdir(spool)
  }

  func client() -> RawClient { RawClient(port: port) }

  /// One request on a connection of its own.
  func ask(_ request: String, toHead: Bool = false) -> RawResponse? {
    let client = client()
    client.send(request)
    return client.response(toHead: toHead)
  }

  private static func addRoutes(to router: inout Router) {
    router.add(.get, "/") { _ in .text("home") }
    router.add(.get, "/live", immediate: true) { _ in .text("ok") }
    router.add(.get, "/documents/{id}") { request in .text("document \(try request.parameter("id"))") }
    router.add(.delete, "/documents/{id}") { _ in Response(status: 204) }
    router.add(.get, "/documents/{id}/pages/{n}.png") { request in
      .text("page \(try request.parameter("n")) of \(try request.parameter("id"))")
    }
    router.add(.get, "/search/{word}") { request in
      .text((request.query.map { "\($0.0)=\($0.1)" }).joined(separator: ";"))
    }
    router.add(.post, "/json", accepts: .json(maxBytes: 1_000)) { request in .json(request.body.bytes) }
    router.add(.post, "/upload", accepts: .multipart(maxBytes: 12 << 20)) { request in
      guard case .form(let form) = request.body else { return .text("no form") }
      let fields = form.fields.map { "\($0.name)=\($0.value)" }
      let files = form.files.map { "\($0.name):\($0.filename):\($0.contentType):\($0.size):\(head($0.path))" }
      return .text((fields + files).joined(separator: "\n"))
    }
    router.add(.get, "/bad") { _ in
      throw PlainFailure(.unprocessable, "bad_thing", "no \"good\"", hint: "try")
    }
    router.add(.get, "/broken") { _ in throw SecretError() }
    router.add(.get, "/tagged") { _ in Response.text("0123456789").tagged("v1") }
    router.add(.get, "/header") { request in
      var response = Response.text("x")
      response.headers["X-Echo"] = request.queryValue("value")
      return response.asAttachment(request.queryValue("value") ?? "")
    }
    router.add(.get, "/events") { _ in
      .events { stream in
        try stream.send(event: "token", data: "one\r\ntwo\rthree\n")
        try stream.send(data: "three")
      }
    }
    router.add(.get, "/events/failing") { _ in
      .events { stream in
        try stream.send(event: "token", data: "one")
        throw PlainFailure(.upstream, "model_gone", "the model stopped")
      }
    }
  }
}

struct SecretError: Error { let password = "hunter2" }

private func head(_ path: String) -> String {
  let descriptor = unsafe open(path, O_RDONLY)
  defer { close(descriptor) }
  var buffer = [UInt8](repeating: 0, count: 16)
  let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
  return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
}

final class LogBook: Sendable {
  private let records = Mutex<[AccessRecord]>([])

  func add(_ record: AccessRecord) { records.withLock { $0.append(record) } }
  var all: [AccessRecord] { records.withLock { $0 } }
}

/// Waits for something that another thread will do; false when it has not after so long.
func eventually(seconds: Double = 3, _ condition: () -> Bool) -> Bool {
  let clock = SystemClock()
  let end = clock.monotonicSeconds() + seconds
  while clock.monotonicSeconds() < end {
    if condition() { return true }
    usleep(10_000)
  }
  return condition()
}

func filesIn(_ directory: String) -> [String] {
  guard let listing = unsafe opendir(directory) else { return [] }
  defer { unsafe closedir(listing) }
  var names: [String] = []
  while let entry = unsafe readdir(listing) {
    let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names
}
