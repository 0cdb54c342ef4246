// A request's timings as a tree, and the names that other programs give to a trace.
import Base
import Synchronization
import Testing

/// Stands still until it is moved.
private final class HandClock: Clock {
  private let now = Mutex(100.0)

  func wallSeconds() -> Double { now.withLock { $0 } + 1_000 }
  func monotonicSeconds() -> Double { now.withLock { $0 } }
  func move(_ seconds: Double) { now.withLock { $0 += seconds } }
}

@Suite struct TimelineTests {
  private struct Broken: Error {}

  private static let context = TraceContext(trace: String(repeating: "ab", count: 16), parent: "00000000000000ff")

  @Test func partsNestAsTheyWereDone() {
    let clock = HandClock()
    let timeline = Timeline(context: TimelineTests.context, clock: clock)
    Timeline.with(timeline) {
      let first = timeline.mark
      let start = clock.monotonicSeconds()
      Timeline.part("search", .retrieval) {
        for _ in 0..<3 { Timeline.lap("vector", .retrieval) { clock.move(0.25) } }
        Timeline.current?.note([(.results, 4)])
      }
      clock.move(1)
      timeline.enclose("find", from: start, to: clock.monotonicSeconds(), since: first)
      #expect(throws: Broken.self) { try Timeline.part("gate", .gate) { throw Broken() } }
    }
    let parts = timeline.parts
    #expect(parts.map(\.name) == ["request", "search", "vector", "find", "gate"])
    #expect(parts.map(\.parent) == [nil, 3, 1, 0, 0])
    #expect(parts[1].ms == 750 && parts[2].ms == 750 && parts[3].ms == 1_750)
    #expect(parts[2].facts.contains { $0.fact == .laps && $0.value.int == 3 })
    #expect(parts[1].facts.contains { $0.fact == .results })
    #expect(parts[4].failure == "internal" && parts[1].failure == nil)
    #expect(Set(parts.map(\.span)).count == 5 && parts.allSatisfy { $0.span.utf8.count == 16 })
    #expect(Timeline.current == nil)
  }

  @Test func aPartThatIsAskedForByNobodyCostsNothingAndIsDoneAllTheSame() {
    #expect(Timeline.part("alone") { 7 } == 7)
    let clock = HandClock()
    let (result, ms) = Timeline.timed("alone", by: clock) { () -> Int in
      clock.move(0.5)
      return 7
    }
    #expect(result == 7 && ms == 500)
  }

  @Test func whatWasSaidIsKeptOnlyWhereThatIsWanted() {
    for keeps in [true, false] {
      let timeline = Timeline(keepsContent: keeps)
      timeline.note(.question("How much?"))
      #expect(timeline.parts[0].contents.isEmpty != keeps)
    }
  }

  @Test func theNumberOfPartsIsBounded() {
    let timeline = Timeline()
    Timeline.with(timeline) {
      for _ in 0..<Timeline.partsMax + 10 { Timeline.part("one of many") {} }
    }
    #expect(timeline.parts.count == Timeline.partsMax && timeline.droppedCount == 11)
  }

  @Test func whatIsAskedOfOthersCarriesTheInnermostPart() {
    let timeline = Timeline(context: TimelineTests.context)
    Timeline.with(timeline) {
      Timeline.part("chat", .model) {
        let header = timeline.outgoingHeaders.first?.value
        #expect(header == "00-\(TimelineTests.context.trace)-\(timeline.parts[1].span)-01")
      }
    }
    #expect(Timeline().outgoingHeaders.isEmpty)
  }

  // https://www.w3.org/TR/trace-context/#traceparent-header-field-values
  @Test(arguments: [
    ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
    ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-adds", true),
    ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", false),
    ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
    ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false),
    ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
    ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false),
    ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", false), ("", false), ("----", false),
    ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x", false),
  ])
  func onlyTracesThatAreUnderstoodAreTakenUp(header: String, isOne: Bool) {
    #expect((TraceContext(traceparent: header) != nil) == isOne)
  }

  @Test func flagsAndStateAreHandedOn() throws {
    let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
    let context = try #require(TraceContext(traceparent: header, tracestate: "rojo=00f067aa0ba902b7"))
    #expect(!context.isSampled)
    #expect(
      context.headers(from: "00000000000000aa").map(\.value) == [
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00000000000000aa-00", "rojo=00f067aa0ba902b7",
      ])
    // What could end a header's line is left out.
    #expect(try #require(TraceContext(traceparent: header, tracestate: "a=b\r\nX: y")).state == nil)
  }
}
