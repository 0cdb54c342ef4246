// A library with the door open: its server, its jobs, and the address that other commands find in its directory.
// Invariants: the address is told only once the server listens; a private host answers nobody but the directory's
// owner, whose commands know the token; jobs that others sent are done, or kept for the next start, before it ends.
import Base
import Foundation
import HTTPKit
import KnowledgeBase
import Models
import Store

#if canImport(Glibc)
  import Glibc
#endif

package final class LibraryHost {
  let library: Library
  let jobs: JobCenter
  let url: String
  private let server: Server

  init(
    _ library: Library, _ configuration: Configuration, host: String = "127.0.0.1", port: Int = 0, isPrivate: Bool
  ) throws {
    self.library = library
    jobs = JobCenter(library: library)
    let token = hexadecimal(SystemRandom().bytes(32))
    var options = ServerOptions(spoolDirectory: "\(library.directory.path)/incoming")
    options.guards = [
      .host(allowed: ["localhost", "127.0.0.1", "[::1]", "::1", host]), .sameOrigin(),
      LibraryHost.recognition(of: token, isDemanded: isPrivate),
    ]
    let writer = try ChatEndpoints.service(configuration, library: library)
    let routes = Routes(library: library, jobs: jobs, configuration: configuration, writer: writer)
    server = Server(host: host, port: port, router: routes.router(), options: options)
    let bound = try server.start()
    url = "http://\(host.contains(":") ? "[\(host)]" : host):\(bound)"
    try library.directory.announce(OwnerAddress(process: Int(getpid()), url: url, token: token))
  }

  /// What is being stored is stored; the rest stays for the next start. `waiting`: not before every job is done.
  package func close(drainSeconds: Double = 10, waiting: Bool = false) -> [any Error] {
    if waiting { jobs.waitUntilDone() }
    jobs.close()
    library.directory.withdrawAddress()
    server.stop(drainSeconds: drainSeconds)
    library.settle()
    return library.saveIndexes()
  }

  private static func recognition(of token: String, isDemanded: Bool) -> Guard {
    let digest = SHA256Digest(of: token.utf8)
    return Guard { request in
      if let header = request.headers["Authorization"], header.hasPrefix("Bearer "),
        // Digests are compared, so the time taken says nothing about the token.
        SHA256Digest(of: header.dropFirst(7).utf8) == digest
      {
        request.principal = OwnerPrincipal()
      } else if isDemanded {
        throw PlainFailure(
          .denied, "owner_only", "a command holds this library, and answers its owner's commands only",
          hint: "'footnote serve' serves everybody on this machine")
      }
      return nil
    }
  }
}
