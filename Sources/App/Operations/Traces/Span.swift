// A span as OpenTelemetry has it, whatever it is written as.
// https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
import Base
import HTTPKit

struct Span: Sendable {
  /// The numbers are the protocol's.
  enum Kind: Int, Sendable {
    case own = 1
    case server = 2
    case client = 3
  }

  enum Value: Sendable, Equatable {
    case text(String)
    case whole(Int)
    case number(Double)
    case flag(Bool)
    case texts([String])
  }

  typealias Attribute = (key: String, value: Value)

  let trace: String
  let id: String
  let parent: String?
  let state: String?
  let name: String
  let kind: Kind
  let startedNanoseconds: UInt64
  let endedNanoseconds: UInt64
  let attributes: [Attribute]
  let failure: String?
}

extension Span {
  /// All spans of a request; none where its timeline is of no trace.
  static func all(of record: AccessRecord) -> [Span] {
    guard let timeline = record.timeline, let context = timeline.context else { return [] }
    let parts = timeline.parts
    let requestEnd = timeline.started + record.milliseconds / 1_000
    func nanoseconds(_ monotonic: Double) -> UInt64 {
      UInt64(max(0, (timeline.startedAtWall + monotonic - timeline.started) * 1e9))
    }
    return parts.enumerated().map { index, part in
      let isRequest = index == 0
      // A part that was broken off has no end of its own.
      let end = isRequest ? requestEnd : max(part.ended, part.started)
      return Span(
        trace: context.trace, id: part.span, parent: isRequest ? context.parent : parts[part.parent ?? 0].span,
        state: context.state, name: SpanNames.name(part, record),
        kind: isRequest ? .server : SpanNames.isRemote(part) ? .client : .own,
        startedNanoseconds: nanoseconds(part.started), endedNanoseconds: nanoseconds(end),
        attributes: isRequest ? SpanNames.request(part, record, dropped: timeline.droppedCount) : SpanNames.part(part),
        failure: isRequest ? record.status >= 500 ? "http_\(record.status)" : nil : part.failure)
    }
  }
}
