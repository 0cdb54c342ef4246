// The names of a trace as other programs tell them: https://www.w3.org/TR/trace-context/
// Invariant: whatever another program sends is either understood or ignored, never passed on as it came.

package struct TraceContext: Sendable, Equatable {
  /// 32 hexadecimal digits.
  package let trace: String
  /// 16 hexadecimal digits: what was being done where this came from; nil where the trace begins here.
  package let parent: String?
  /// Whoever began the trace wants it kept.
  package let isSampled: Bool
  /// Other programs' notes, handed on as they came.
  package let state: String?

  private static let stateBytesMax = 512

  package init(trace: String, parent: String? = nil, isSampled: Bool = true, state: String? = nil) {
    self.trace = trace
    self.parent = parent
    self.isSampled = isSampled
    self.state = state
  }

  /// A trace that begins here.
  package init(random: any RandomSource, isSampled: Bool = true) {
    self.init(trace: hexadecimal(random.bytes(16)), isSampled: isSampled)
  }

  /// The headers `traceparent` and `tracestate`; nil where the first is none.
  package init?(traceparent: String, tracestate: String? = nil) {
    let parts = traceparent.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 4, TraceContext.isName(parts[0], digits: 2), parts[0] != "ff",
      // A later version may add parts; the one that we know has four.
      parts.count == 4 || parts[0] != "00", TraceContext.isName(parts[1], digits: 32), !TraceContext.isZero(parts[1]),
      TraceContext.isName(parts[2], digits: 16), !TraceContext.isZero(parts[2]),
      TraceContext.isName(parts[3], digits: 2), let flags = UInt8(parts[3], radix: 16)
    else { return nil }
    let state = tracestate.flatMap { state in
      let isPlain = state.utf8.allSatisfy { (0x20...0x7E).contains($0) }
      return isPlain && !state.isEmpty && state.utf8.count <= TraceContext.stateBytesMax ? state : nil
    }
    self.init(trace: String(parts[1]), parent: String(parts[2]), isSampled: flags & 1 == 1, state: state)
  }

  /// For what is asked of another program while `span` is being done.
  package func headers(from span: String) -> [(name: String, value: String)] {
    var headers = [(name: "traceparent", value: "00-\(trace)-\(span)-\(isSampled ? "01" : "00")")]
    if let state { headers.append((name: "tracestate", value: state)) }
    return headers
  }

  private static func isName(_ text: Substring, digits: Int) -> Bool {
    text.utf8.count == digits && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private static func isZero(_ text: Substring) -> Bool { text.allSatisfy { $0 == "0" } }
}
