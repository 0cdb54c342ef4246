// The figures as Prometheus reads them.
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
import Base

struct PrometheusText {
  private(set) var text = ""

  mutating func family(_ name: String, _ kind: String, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
  }

  mutating func sample(_ name: String, _ labels: [(String, String)] = [], _ value: Double) {
    let shown = labels.map { "\($0)=\"\(PrometheusText.escaped($1))\"" }.joined(separator: ",")
    text += name + (shown.isEmpty ? "" : "{\(shown)}") + " \(PrometheusText.number(value))\n"
  }

  mutating func single(_ name: String, _ kind: String, _ help: String, _ value: Double) {
    family(name, kind, help)
    sample(name, [], value)
  }

  mutating func histogram(_ name: String, _ labels: [(String, String)], _ histogram: Histogram) {
    var total = 0
    for (count, bound) in zip(histogram.counts, Histogram.boundsMs) {
      total += count
      sample("\(name)_bucket", labels + [("le", PrometheusText.number(bound / 1_000))], Double(total))
    }
    sample("\(name)_bucket", labels + [("le", "+Inf")], Double(histogram.count))
    sample("\(name)_sum", labels, histogram.sumMs / 1_000)
    sample("\(name)_count", labels, Double(histogram.count))
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
