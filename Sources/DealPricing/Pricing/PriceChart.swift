// Estimates against prices as a picture: both axes logarithmic, green where the estimate is near (within a fifth, or
// the tolerance), orange within twice that, red beyond. The same points give the same bytes.
import Foundation

package enum PriceChart {
  private static let size = 640.0
  private static let margin = 64.0
  /// Dots beyond these are thinned evenly: a picture shows no more.
  private static let dotsMax = 5_000

  package static func svg(_ points: [(estimate: Double, price: Double)], tolerance: Double) -> String {
    let shown = points.filter { $0.price > 0 && $0.price.isFinite && $0.estimate.isFinite }
    let floor = shown.map(\.price).min() ?? 1
    let values = shown.flatMap { [max(floor / 4, $0.estimate), $0.price] }
    let low = log10(values.min() ?? 1).rounded(.down)
    let high = max(low + 1, log10(values.max() ?? 10).rounded(.up))
    func place(_ value: Double) -> Double {
      (log10(max(pow(10, low), value)) - low) / (high - low) * (size - 2 * margin)
    }
    func text(_ number: Double) -> String { String(format: "%.1f", number) }
    var near = 0
    var dots = ""
    let step = max(1, (shown.count + dotsMax - 1) / dotsMax)
    for (index, point) in shown.enumerated() {
      let miss = abs(point.estimate - point.price)
      let allowed = max(0.2 * point.price, tolerance)
      if miss <= allowed { near += 1 }
      guard index.isMultiple(of: step) else { continue }
      let colour = miss <= allowed ? "#2e9e4f" : miss <= 2 * allowed ? "#e8890c" : "#d6312b"
      dots +=
        "<circle cx=\"\(text(margin + place(point.price)))\" cy=\"\(text(size - margin - place(point.estimate)))\""
        + " r=\"2.5\" fill=\"\(colour)\" fill-opacity=\"0.65\"/>\n"
    }
    var axes = ""
    for power in Int(low)...Int(high) {
      let at = place(pow(10, Double(power)))
      let (x, y) = (text(margin + at), text(size - margin - at))
      let label = power < 0 ? String(pow(10, Double(power))) : "1" + String(repeating: "0", count: power)
      axes += """
        <path stroke="#ddd"
          d="M\(x) \(text(margin))V\(text(size - margin))M\(text(margin)) \(y)H\(text(size - margin))"/>
        <text x="\(x)" y="\(text(size - margin + 18))" text-anchor="middle">\(label)</text>
        <text x="\(text(margin - 8))" y="\(y)" text-anchor="end" dy="4">\(label)</text>

        """
    }
    let share = shown.isEmpty ? 0 : Double(near) / Double(shown.count) * 100
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(size)) \(Int(size))" font-family="sans-serif" \
      font-size="12" fill="#333" role="img" aria-label="Estimates against prices">
      <rect width="100%" height="100%" fill="#fff"/>
      <text x="\(Int(size / 2))" y="28" text-anchor="middle" font-size="16">\(shown.count) products, \
      \(text(share))% near</text>
      \(axes)<path d="M\(text(margin)) \(text(size - margin))L\(text(size - margin)) \(text(margin))" stroke="#888"/>
      \(dots)<text x="\(Int(size / 2))" y="\(Int(size) - 16)" text-anchor="middle">price</text>
      <text x="18" y="\(Int(size / 2))" text-anchor="middle" transform="rotate(-90 18 \(Int(size / 2)))">estimate</text>
      </svg>

      """
  }
}
