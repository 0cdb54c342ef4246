// The child: reads a request, answers it, reads the next, until the parent is gone.
// Invariants: the sandbox is entered before the first byte of any document is read; whatever a reader throws travels
// back typed; whatever a library prints goes nowhere near the channel.
// Must not: hold anything from one document to the next.
import Base

#if canImport(Glibc)
  import Glibc
#endif

/// How a worker ends where that says more than a signal.
enum WorkerExit: Int32 {
  case done = 0
  case noChannel = 3
  case outOfMemory = 77
}

package enum ExtractionWorker {
  package static func run() -> Int32 {
    guard let channel = takeChannel() else { return WorkerExit.noChannel.rawValue }
    do {
      let begin = try channel.receive(bodyBytesMax: 0)
      guard begin.kind == .begin else { return WorkerExit.noChannel.rawValue }
      let limits = try WorkerLimits(wireForm: begin.head)
      let report = Sandbox.enter(limits, channel: channel.descriptor)
      try channel.send(Frame(kind: .ready, head: report.wireForm))
      while true {
        let frame = try channel.receive(bodyBytesMax: Limits.uploadBytesMax)
        Sandbox.beginDocument(limits)
        try channel.send(answer(frame, channel))
      }
    } catch {
      return WorkerExit.done.rawValue
    }
  }

  private static func answer(_ frame: Frame, _ channel: FrameChannel) -> Frame {
    do {
      switch try WorkerRequest(frame) {
      case .extract(let filename, let declaredType, let options):
        let document = try Extraction.extract(
          frame.body, filename: filename, declaredType: declaredType, options: options)
        return Frame(kind: .document, body: document.wireForm())
      case .picture(let page, let highlights, let scale):
        let picture = try PagePicture.render(pdf: frame.body, page: page, highlights: highlights, scale: scale)
        return Frame(kind: .image, body: picture)
      case .probe(let probe, let argument):
        return Frame(kind: .probed, body: Array(probe.run(argument, channel).utf8))
      case .feed(let contentType, let address):
        let feed = try FeedReader.read(frame.body, contentType: contentType, address: address)
        return Frame(kind: .feedRead, body: feed.json.utf8)
      }
    } catch let failure as IngestFailure {
      return Frame(kind: .failure, body: failure.wireForm)
    } catch {
      let failure = IngestFailure(.parserCrashed, "the file made its parser fail in a way that it does not know")
      return Frame(kind: .failure, body: failure.wireForm)
    }
  }

  /// The socket moves out of the reach of whatever prints to the standard output or reads the standard input.
  private static func takeChannel() -> FrameChannel? {
    let descriptor = fcntl(0, F_DUPFD_CLOEXEC, 3)
    let nowhere = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
    guard descriptor >= 0, nowhere >= 0 else { return nil }
    for stream: Int32 in 0...2 { dup2(nowhere, stream) }
    close(nowhere)
    return FrameChannel(owning: descriptor)
  }
}
