// What crosses between the pool and a worker: frames of a fixed opening, a small head in the wire form and a raw body.
// Invariants: lengths are checked against bounds before anything is reserved; a frame of an unknown kind, a wrong
// opening or a lying length is a breach, never a trap.
// Must not: copy a file's bytes on their way; they are the body, written from where they lie.
import Base

enum FrameKind: UInt8 {
  // The pool asks.
  case begin = 1
  case extract
  case picture
  case probe
  case feed
  // The worker answers.
  case ready = 65
  case document
  case image
  case failure
  case probed
  case feedRead
}

struct Frame {
  var kind: FrameKind
  var head: [UInt8] = []
  var body: [UInt8] = []
}

/// Why an exchange came to nothing.
enum ChannelFault: Error, Equatable {
  /// The other side is gone.
  case ended
  /// The deadline passed.
  case late
  /// What came is not what was agreed.
  case breach
}

struct FrameOpening: Equatable {
  static let byteCount = 16
  private static let magic: UInt32 = 0x464E_5731
  static let headBytesMax = 64 << 10

  let kind: FrameKind
  let headBytes: Int
  let bodyBytes: Int

  init(_ frame: Frame) {
    kind = frame.kind
    headBytes = frame.head.count
    bodyBytes = frame.body.count
  }

  init(bytes: [UInt8], bodyBytesMax: Int) throws(ChannelFault) {
    var reader = WireReader(bytes)
    guard bytes.count == Self.byteCount, let magic = try? reader.word(), magic == Self.magic,
      let tag = try? reader.word(), let byte = UInt8(exactly: tag), let kind = FrameKind(rawValue: byte),
      let head = try? reader.int(), head <= Self.headBytesMax, let body = try? reader.int(), body <= bodyBytesMax
    else { throw .breach }
    self.kind = kind
    headBytes = head
    bodyBytes = body
  }

  var bytes: [UInt8] {
    var writer = WireWriter()
    writer.put(Self.magic)
    writer.put(UInt32(kind.rawValue))
    writer.put(headBytes)
    writer.put(bodyBytes)
    return writer.bytes
  }
}

extension WorkerLimits {
  var wireForm: [UInt8] {
    var writer = WireWriter()
    writer.put(Int(seconds.rounded(.up)))
    writer.put(memoryBytes >> 10)
    writer.put(documentsMax)
    return writer.bytes
  }

  init(wireForm bytes: [UInt8]) throws {
    var reader = WireReader(bytes)
    self.init()
    seconds = Double(try reader.int())
    memoryBytes = try reader.int() << 10
    documentsMax = try reader.int()
  }
}

/// What the pool asks of a worker about one file; the file's bytes travel as the frame's body.
enum WorkerRequest {
  case extract(filename: String, declaredType: String?, options: ReadingOptions)
  case picture(page: Int, highlights: [Rectangle], scale: Double)
  case probe(WorkerProbe, argument: String)
  case feed(contentType: String?, address: String?)

  func frame(body: [UInt8]) -> Frame {
    var writer = WireWriter()
    switch self {
    case .extract(let filename, let declaredType, let options):
      writer.put(filename)
      writer.put(declaredType)
      writer.put(options.comments ? 1 : 0)
      return Frame(kind: .extract, head: writer.bytes, body: body)
    case .picture(let page, let highlights, let scale):
      writer.put(UInt32(clamping: page))
      writer.put(Float(scale))
      writer.put(highlights.count)
      for box in highlights { writer.put(box) }
      return Frame(kind: .picture, head: writer.bytes, body: body)
    case .probe(let probe, let argument):
      writer.put(probe.rawValue)
      writer.put(argument)
      return Frame(kind: .probe, head: writer.bytes, body: body)
    case .feed(let contentType, let address):
      writer.put(contentType)
      writer.put(address)
      return Frame(kind: .feed, head: writer.bytes, body: body)
    }
  }

  init(_ frame: Frame) throws {
    var reader = WireReader(frame.head)
    switch frame.kind {
    case .extract:
      self = .extract(
        filename: try reader.string(), declaredType: try reader.optionalString(),
        options: ReadingOptions(comments: try reader.int() != 0))
    case .picture:
      let page = try reader.int()
      let scale = Double(try reader.float())
      var boxes: [Rectangle] = []
      for _ in 0..<(try reader.count(ofItemsTaking: 16)) { boxes.append(try reader.rectangle()) }
      self = .picture(page: page, highlights: boxes, scale: scale)
    case .probe:
      guard let probe = WorkerProbe(rawValue: try reader.string()) else { throw WireFault() }
      self = .probe(probe, argument: try reader.string())
    case .feed: self = .feed(contentType: try reader.optionalString(), address: try reader.optionalString())
    default: throw WireFault()
    }
    guard reader.isAtEnd else { throw WireFault() }
  }
}

extension IngestFailure {
  private static let wordsMax = 500

  var wireForm: [UInt8] {
    var writer = WireWriter()
    writer.put(reason.rawValue)
    writer.put(message)
    writer.put(hint)
    return writer.bytes
  }

  /// A worker's words are as untrusted as its document: bounded, and without control characters.
  init(wireForm bytes: [UInt8]) throws {
    var reader = WireReader(bytes)
    guard let reason = Code(rawValue: try reader.string()), reason != .workerUnavailable else { throw WireFault() }
    self.init(reason, Self.plain(try reader.string()), hint: Self.plain(try reader.string()))
    guard reader.isAtEnd else { throw WireFault() }
  }

  private static func plain(_ words: String) -> String {
    let kept = words.unicodeScalars.prefix(wordsMax).map { $0.properties.generalCategory == .control ? " " : $0 }
    return String(String.UnicodeScalarView(kept))
  }
}
