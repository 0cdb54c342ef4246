// Usage, latency and cost of the last hours, as GET /report and `footnote report` show them.
import Base
import Store

struct Report {
  let hours: Double
  let since: Double
  let requests: [RequestRow]
  let calls: [ModelCallRow]

  var shape: JSON {
    [
      "hours": .number(hours), "summary": summary, "operations": .object(operations), "models": .object(models),
      "cost": cost, "timeline": .array(timeline),
    ]
  }

  private var summary: JSON {
    let failed = requests.filter { Metrics.isError($0.status) }.count
    return [
      "requests": .integer(requests.count), "errors": .integer(failed),
      "error_rate": .number(Report.share(failed, of: requests.count)),
      "refused_by_limit": .integer(requests.filter { Metrics.isRefusal($0.status) }.count),
      "latency_ms": Report.latency(requests.map(\.elapsedMs)),
    ]
  }

  /// The time in equal parts, the oldest first: an hour each, where it is a day.
  private var timeline: [JSON] {
    let seconds = hours * 3_600 / Double(Report.parts)
    func part(_ at: Double) -> Int { min(Report.parts - 1, max(0, Int((at - since) / seconds))) }
    let requests = Dictionary(grouping: self.requests) { part($0.at) }
    let calls = Dictionary(grouping: self.calls) { part($0.at) }
    return (0..<Report.parts).map { number in
      let rows = requests[number] ?? []
      return [
        "at": .string(CalendarDate.timestamp(since + Double(number) * seconds)), "requests": .integer(rows.count),
        "errors": .integer(rows.filter { Metrics.isError($0.status) }.count),
        "latency_ms": Report.latency(rows.map(\.elapsedMs)),
        "model_calls": .integer(calls[number]?.count ?? 0),
        "cost": .number(Shapes.rounded((calls[number] ?? []).reduce(0) { $0 + ($1.cost ?? 0) })),
      ]
    }
  }

  private static let parts = 24

  private var operations: JSONObject {
    var shape = JSONObject()
    for (operation, rows) in Dictionary(grouping: requests, by: \.operation).sorted(by: { $0.key < $1.key }) {
      let failed = rows.filter { Metrics.isError($0.status) }.count
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
