// A report held against an earlier one: which figures fell by more than is allowed. Latency is left out: it says more
// of the machine than of the release.
package import Base

package enum EvaluationBaseline {
  package struct Fall: Sendable, Equatable {
    package let figure: String
    package let before: Double
    package let now: Double
  }

  /// Lower is better for these; for all others higher is.
  private static let lowerIsBetter: Set = ["refusal.false_refusals"]
  private static let leftOut: Set = [
    "latency_ms", "questions", "refusal.curve", "refusal.confidence_min", "answer.words_median",
    "answer.plain_contains", "answer.plain_words_median", "judged.by", "judged.over", "follow_ups",
    "failures",
  ]

  /// A figure that is there no more has fallen too.
  package static func falls(from baseline: JSON, to report: JSON, allowed: Double) -> [Fall] {
    let now = figures(of: report, under: "")
    return figures(of: baseline, under: "").compactMap { name, before in
      guard let value = now.first(where: { $0.0 == name })?.1 else {
        return Fall(figure: name, before: before, now: .nan)
      }
      let fall = lowerIsBetter.contains(name) ? value - before : before - value
      return fall > allowed + 1e-9 ? Fall(figure: name, before: before, now: value) : nil
    }
  }

  private static func figures(of value: JSON, under path: String) -> [(String, Double)] {
    guard !leftOut.contains(path) else { return [] }
    if let members = value.object {
      return members.flatMap { figures(of: $0.value, under: path.isEmpty ? $0.key : "\(path).\($0.key)") }
    }
    return value.double.map { [(path, $0)] } ?? []
  }
}
