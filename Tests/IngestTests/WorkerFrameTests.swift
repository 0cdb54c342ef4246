// Frames between the pool and a worker: what was written is read again, and nothing else is taken for it.
import Base
import Testing

@testable import Ingest

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct WorkerFrameTests {
  private func pair() throws -> (FrameChannel, FrameChannel) {
    var ends: [Int32] = [-1, -1]
    try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    return (FrameChannel(owning: ends[0]), FrameChannel(owning: ends[1]))
  }

  @Test func framesArriveAsSent() throws {
    let (near, far) = try pair()
    let frame = Frame(kind: .document, head: [1, 2, 3], body: Array("body".utf8))
    try near.send(frame)
    try near.send(Frame(kind: .failure))
    let first = try far.receive(bodyBytesMax: 100, until: FrameChannel.deadline(in: 5))
    #expect(first.kind == .document && first.head == [1, 2, 3] && first.body == Array("body".utf8))
    #expect(try far.receive(bodyBytesMax: 0, until: FrameChannel.deadline(in: 5)).kind == .failure)
    #expect(far.isQuiet)
  }

  @Test func silenceIsLateAndALeftPeerIsTheEnd() throws {
    let (near, far) = try pair()
    #expect(throws: ChannelFault.late) { try near.receive(bodyBytesMax: 0, until: FrameChannel.deadline(in: 0.01)) }
    // A peer that does not read: the buffers fill, then the deadline comes.
    let large = Frame(kind: .extract, body: [UInt8](repeating: 0, count: 8 << 20))
    #expect(throws: ChannelFault.late) { try near.send(large, until: FrameChannel.deadline(in: 0.01)) }
    withExtendedLifetime(far) {}
    let (left, gone) = try pair()
    shutdown(gone.descriptor, Int32(SHUT_RDWR))
    #expect(throws: ChannelFault.ended) { try left.receive(bodyBytesMax: 0, until: FrameChannel.deadline(in: 5)) }
    #expect(throws: ChannelFault.ended) { try left.send(large, until: FrameChannel.deadline(in: 5)) }
  }

  @Test func everyFlippedBitOfAnOpeningIsSeenOrHarmless() throws {
    let opening = FrameOpening(Frame(kind: .document, head: [1], body: [2, 3]))
    for bit in 0..<FrameOpening.byteCount * 8 {
      var bytes = opening.bytes
      bytes[bit / 8] ^= 1 << (bit % 8)
      // A flip may still spell a kind or a smaller length; it never spells one beyond the bounds.
      if let read = try? FrameOpening(bytes: bytes, bodyBytesMax: 2) {
        #expect(read != opening && read.bodyBytes <= 2 && read.headBytes <= FrameOpening.headBytesMax)
      }
    }
    #expect(try FrameOpening(bytes: opening.bytes, bodyBytesMax: 2) == opening)
    #expect(throws: ChannelFault.breach) { try FrameOpening(bytes: opening.bytes, bodyBytesMax: 1) }
    #expect(throws: ChannelFault.breach) { try FrameOpening(bytes: [], bodyBytesMax: 1) }
  }

  @Test func requestsAreReadAsTheyWereMade() throws {
    let box = Rectangle(left: 1, top: 2, right: 3, bottom: 4)
    for request in [
      WorkerRequest.extract(filename: "a.pdf", declaredType: nil, options: ReadingOptions()),
      .extract(filename: "ü", declaredType: "text/plain", options: ReadingOptions(comments: false)),
      .picture(page: 3, highlights: [box, box], scale: 2.5),
      .probe(.spin, argument: "x"),
    ] {
      let frame = request.frame(body: [])
      #expect(try "\(WorkerRequest(frame))" == "\(request)")
      var cut = frame
      cut.head.removeLast()
      #expect(throws: WireFault.self) { try WorkerRequest(cut) }
      cut.head = frame.head + [0]
      #expect(throws: WireFault.self) { try WorkerRequest(cut) }
    }
  }

  @Test func aWorkersWordsAreTamed() throws {
    let failure = IngestFailure(.damagedPDF, "bad\u{1B}[2J\n" + String(repeating: "x", count: 9_000), hint: "h")
    let read = try IngestFailure(wireForm: failure.wireForm)
    #expect(read.reason == .damagedPDF && read.hint == "h")
    #expect(read.message.unicodeScalars.count == 500)
    #expect(!read.message.unicodeScalars.contains { $0.value < 32 })
    // Only the pool may say that there is no worker.
    let lie = IngestFailure(.workerUnavailable, "m")
    #expect(throws: WireFault.self) { try IngestFailure(wireForm: lie.wireForm) }
  }

  @Test func limitsAndReportsCross() throws {
    var limits = WorkerLimits.default
    limits.seconds = 7
    limits.memoryBytes = 3 << 20
    let read = try WorkerLimits(wireForm: limits.wireForm)
    #expect(read.seconds == 7 && read.memoryBytes == 3 << 20)
    var report = SandboxReport()
    report.hasSeccomp = true
    report.landlockABI = 4
    #expect(try SandboxReport(wireForm: report.wireForm) == report)
  }
}
