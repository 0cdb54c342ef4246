// The agents' log: who said what, in the colours in which each is known, on a terminal and on the page.
package import Base

package enum DealAgent: String, Sendable, CaseIterable {
  case planning = "Planning Agent"
  case scanner = "Scanner Agent"
  case ensemble = "Ensemble Agent"
  case specialist = "Specialist Agent"
  case frontier = "Frontier Agent"
  case randomForest = "Random Forest Agent"
  case messaging = "Messaging Agent"
  case framework = "Agent Framework"

  /// On black.
  package var terminalColour: String {
    switch self {
    case .planning: "\u{1B}[40m\u{1B}[32m"
    case .scanner: "\u{1B}[40m\u{1B}[36m"
    case .ensemble: "\u{1B}[40m\u{1B}[33m"
    case .specialist: "\u{1B}[40m\u{1B}[31m"
    case .frontier: "\u{1B}[40m\u{1B}[34m"
    case .randomForest: "\u{1B}[40m\u{1B}[35m"
    case .messaging: "\u{1B}[40m\u{1B}[37m"
    case .framework: "\u{1B}[44m\u{1B}[37m"
    }
  }

  package var colour: String {
    switch self {
    case .planning: "#00dd00"
    case .scanner: "#00dddd"
    case .ensemble: "#dddd00"
    case .specialist: "#dd0000"
    case .frontier: "#0000ee"
    case .randomForest: "#aa00dd"
    case .messaging: "#87CEEB"
    case .framework: "#ff7800"
    }
  }

  package init(_ part: PricePart) {
    switch part {
    case .specialist: self = .specialist
    case .frontier: self = .frontier
    case .randomForest: self = .randomForest
    }
  }
}

package struct AgentLine: Sendable, Equatable {
  package let at: Double
  package let agent: DealAgent
  package let isWarning: Bool
  package let text: String

  package init(at: Double, agent: DealAgent, isWarning: Bool, text: String) {
    self.at = at
    self.agent = agent
    self.isWarning = isWarning
    self.text = text
  }

  /// Without colour, as a log file has it.
  package var plain: String {
    "[\(CalendarDate.timestamp(at))] [Agents] [\(isWarning ? "WARN" : "INFO")] [\(agent.rawValue)] \(text)"
  }

  /// As the library keeps it.
  package var kept: JSON {
    ["at": .number(at), "agent": .string(agent.rawValue), "warning": .bool(isWarning), "text": .string(text)]
  }

  /// nil: it is no line that was kept.
  package init?(kept: JSON) {
    guard let at = kept.at?.double, let agent = kept.agent?.string.flatMap(DealAgent.init(rawValue:)),
      let text = kept["text"]?.string
    else { return nil }
    self.init(at: at, agent: agent, isWarning: kept.warning?.bool ?? false, text: text)
  }

  package var json: JSON {
    [
      "at": .string(CalendarDate.timestamp(at)), "agent": .string(agent.rawValue), "colour": .string(agent.colour),
      "level": isWarning ? "warning" : "info", "text": .string(text),
    ]
  }
}
