// Ctrl-C once: what is being stored is finished and the command ends by itself. Ctrl-C again: it ends at once, which
// loses nothing that was acknowledged.
import App
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

final class Interruption {
  private let sources: [any DispatchSourceSignal]

  init(_ stop: StopFlag) {
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        signal(number, SIG_DFL)
        stop.set()
      }
      source.resume()
      return source
    }
  }

  func end() { for source in sources { source.cancel() } }
}
