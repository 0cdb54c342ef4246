// Deals as JSON, as the contract has them.
import Base
import DealPricing
import Store

enum DealShapes {
  static func deal(_ row: DealRow) -> JSON {
    let evidence = (try? JSON(parsing: row.evidence)) ?? .null
    return [
      "id": .string(row.id),
      "deal": [
        "product_description": .string(row.description), "price": .number(row.price), "url": .string(row.url),
      ],
      "estimate": JSON(row.estimate.map(cents)), "interval": interval(row.low, row.high),
      "discount": JSON(row.estimate.map { cents($0 - row.price) }), "currency": .string(row.currency),
      "found_at": .string(CalendarDate.timestamp(row.foundAt)), "alerted": .bool(row.decision == "alerted"),
      "reason": .string(row.reason), "category": .string(row.category), "missing": evidence.missing ?? [],
    ]
  }

  /// With everything that the decision rests on, and what became of its messages.
  static func whole(_ row: DealRow, _ messages: [DealMessageRow]) -> JSON {
    var members = deal(row).object ?? [:]
    members["parts"] = (try? JSON(parsing: row.parts)) ?? .null
    members["comparables"] = (try? JSON(parsing: row.comparables)) ?? []
    members["evidence"] = (try? JSON(parsing: row.evidence)) ?? .null
    members["messages"] = .array(
      messages.map { message in
        [
          "id": .string(message.id), "channel": .string(message.channel), "state": .string(message.state),
          "attempts": .integer(message.attempts), "outcome": .string(message.outcome),
          "created_at": .string(CalendarDate.timestamp(message.createdAt)),
          "next_at": message.state == "waiting" ? .string(CalendarDate.timestamp(message.nextAt)) : .null,
        ]
      })
    return .object(members)
  }

  static func price(_ agent: EnsembleAgent, currency: String?, remarks: [String]) -> JSON {
    [
      "estimate": JSON(agent.estimate.map { cents($0.price) }),
      "interval": interval(agent.estimate?.low, agent.estimate?.high), "currency": JSON(currency),
      "parts": agent.partsJSON, "comparables": .array(agent.comparables.prefix(5).map(\.json)),
      "missing": JSON(agent.missing), "warnings": JSON(agent.remarks + remarks),
    ]
  }

  private static func interval(_ low: Double?, _ high: Double?) -> JSON {
    guard let low, let high else { return .null }
    return [.number(cents(low)), .number(cents(high))]
  }

  private static func cents(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
