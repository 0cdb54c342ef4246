// Usage, latency and cost of the last hours, as GET /report and `footnote report` show them.
import Base
import Store

struct Report {
  let hours: Double
  let requests: [RequestRow]
  let calls: [ModelCallRow]

  var shape: JSON {
    [
      "hours": .number(hours), "summary": summary, "operations": .object(operations), "models": .object(models),
      "cost": cost,
    ]
  }

  private var summary: JSON {
    let failed = requests.filter { $0.status >= 500 }.count
    return [
      "requests": .integer(requests.count), "errors": .integer(failed),
      "error_rate": .number(Report.share(failed, of: requests.count)),
      "refused_by_limit": .integer(requests.filter { $0.status == 429 || $0.status == 503 }.count),
      "latency_ms": Report.latency(requests.map(\.elapsedMs)),
    ]
  }

  private var operations: JSONObject {
    var shape = JSONObject()
    for (operation, rows) in Dictionary(grouping: requests, by: \.operation).sorted(by: { $0.key < $1.key }) {
      let failed = rows.filter { $0.status >= 500 }.count
      shape[operation] = [
        "requests": .integer(rows.count), "errors": .integer(failed),
        "error_rate": .number(Report.share(failed, of: rows.count)),
        "latency_ms": Report.latency(rows.map(\.elapsedMs)),
      ]
    }
    return shape
  }

  private var models: JSONObject {
    var shape = JSONObject()
    for (model, rows) in Dictionary(grouping: calls, by: \.model).sorted(by: { $0.key < $1.key }) {
      let failed = rows.filter { $0.outcome != "done" && $0.outcome != "running" }.count
      shape[model] = [
        "calls": .integer(rows.count), "errors": .integer(failed), "cached": .integer(rows.filter(\.isCached).count),
        "input_tokens": .integer(rows.reduce(0) { $0 + $1.inputTokens }),
        "output_tokens": .integer(rows.reduce(0) { $0 + $1.outputTokens }),
        "cost": .number(Shapes.rounded(rows.reduce(0) { $0 + ($1.cost ?? 0) })),
        "latency_ms": Report.latency(rows.filter { !$0.isCached }.map(\.elapsedMs)),
      ]
    }
    return shape
  }

  /// A currency for each that the price table names; sums of different currencies would mean nothing.
  private var cost: JSON {
    var shape = JSONObject()
    for (currency, rows) in Dictionary(grouping: calls.filter { $0.cost != nil }, by: \.currency) {
      let total = rows.reduce(0) { $0 + ($1.cost ?? 0) }
      let daily = total / hours * 24
      shape[currency.isEmpty ? "unnamed" : currency] = [
        "total": .number(Shapes.rounded(total)), "projected_daily": .number(Shapes.rounded(daily)),
        "projected_monthly": .number(Shapes.rounded(daily * 30)),
      ]
    }
    return .object(shape)
  }

  static func latency(_ values: [Double]) -> JSON {
    let sorted = values.sorted()
    func at(_ share: Double) -> JSON {
      guard !sorted.isEmpty else { return .null }
      // The nearest rank: always a value that was measured.
      return .number(Shapes.rounded(sorted[max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1)]))
    }
    let mean = sorted.isEmpty ? nil : Shapes.rounded(sorted.reduce(0, +) / Double(sorted.count))
    return ["mean": JSON(mean), "p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "max": at(1)]
  }

  private static func share(_ part: Int, of whole: Int) -> Double {
    whole == 0 ? 0 : Shapes.rounded(Double(part) / Double(whole))
  }
}
