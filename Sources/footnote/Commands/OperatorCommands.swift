// footnote keys, report, health: for whoever runs a server.
import App
import Base

let keysCommand = CommandSpec(
  name: "keys", arguments: "create|list|revoke [ID…]", positionalMin: 1, positionalMax: nil,
  summary: "API keys: who may ask, add or administer, and in which collections",
  details: """
    'footnote keys create' prints a key once; only its digest is kept. A server on an address that others can reach asks
    for a key; send it as 'Authorization: Bearer KEY'. A revoked key opens nothing from that moment on.
    """,
  options: [
    OptionSpec(name: "name", value: "NAME", summary: "what the key is for"),
    OptionSpec(
      name: "scope", value: "SCOPE", summary: "read (default), write or admin", choices: ["read", "write", "admin"]),
    OptionSpec(name: "collection", value: "NAME", summary: "only this collection exists for it", repeats: true),
    OptionSpec(name: "expires", value: "DATE", summary: "the last moment, as 2026-03-31 or 2026-03-31T12:00:00Z"),
    OptionSpec(name: "requests-per-minute", value: "N", summary: "a limit of its own"),
  ]
) { invocation in
  let rest = Array(invocation.positionals.dropFirst())
  switch invocation.positionals[0] {
  case "create":
    guard rest.isEmpty else { throw UsageError("'keys create' takes no '\(rest[0])'; name the key with --name") }
    return try createKey(invocation)
  case "list":
    guard rest.isEmpty else { throw UsageError("'keys list' takes no '\(rest[0])'") }
    return try listKeys(invocation)
  case "revoke":
    guard !rest.isEmpty else {
      throw UsageError("'keys revoke' needs the ids of keys; 'footnote keys list' shows them")
    }
    return try revokeKeys(rest, invocation)
  default:
    throw UsageError("'keys' knows create, list and revoke, not '\(invocation.positionals[0])'")
  }
}

private func createKey(_ invocation: Invocation) throws -> Int32 {
  var wish: JSONObject = [:]
  if let name = invocation.value("name") { wish["name"] = .string(name) }
  if let scope = invocation.value("scope") { wish["scope"] = .string(scope) }
  if let date = invocation.value("expires") { wish["expires_at"] = .string(date) }
  if !invocation.all("collection").isEmpty { wish["collections"] = JSON(invocation.all("collection")) }
  if let limit = try invocation.integer("requests-per-minute", in: 1...1_000_000) {
    wish["requests_per_minute"] = .integer(limit)
  }
  let console = invocation.console
  let made = try Session.access(invocation.configuration).createKey(.object(wish))
  console.result(made) { ($0.key?.string ?? "") + "\n" }
  console.note("\(made.id?.string ?? ""), scope \(made.scope?.string ?? ""). The key is shown this once.")
  return 0
}

private func listKeys(_ invocation: Invocation) throws -> Int32 {
  invocation.console.result(try Session.access(invocation.configuration).keys()) { shape in
    (shape.keys?.array ?? []).map { key in
      let collections = key.collections?.array?.compactMap(\.string).joined(separator: ", ") ?? "every collection"
      let end =
        key.revoked_at?.string.map { "revoked \($0)" } ?? key.expires_at?.string.map { "until \($0)" } ?? "in use"
      return [
        key.id?.string ?? "", key.scope?.string ?? "", Console.printable(collections), end,
        Console.printable(key["name"]?.string ?? ""),
      ].joined(separator: "\t") + "\n"
    }.joined()
  }
  return 0
}

private func revokeKeys(_ ids: [String], _ invocation: Invocation) throws -> Int32 {
  let access = try Session.access(invocation.configuration)
  var revoked: [JSON] = []
  var failed: [any Failure] = []
  for id in ids {
    do { revoked.append(try access.revokeKey(id)) } catch { failed.append(PlainFailure.describing(error)) }
  }
  invocation.console.result(["revoked": .array(revoked)]) { _ in
    revoked.map { "revoked\t\($0.id?.string ?? "")\n" }.joined()
  }
  for failure in failed { invocation.console.error(failure) }
  return failed.isEmpty ? 0 : 1
}

let reportCommand = CommandSpec(
  name: "report", arguments: "", positionalMin: 0, positionalMax: 0,
  summary: "usage, latency and cost of the last hours",
  options: [OptionSpec(name: "hours", value: "N", summary: "how far back (default: 24)")]
) { invocation in
  let hours = try invocation.integer("hours", default: 24, in: 1...Limits.requestDaysKept * 24)
  invocation.console.result(try Session.access(invocation.configuration).report(hours: Double(hours))) { shape in
    var text = "requests\t\(shape.summary?.requests?.int ?? 0)\n"
    text += "errors\t\(shape.summary?.errors?.int ?? 0)\n"
    text += "latency\t\(latency(shape.summary?.latency_ms))\n"
    for (operation, figures) in shape.operations?.object ?? [:] {
      text += "\(operation)\t\(figures.requests?.int ?? 0) requests, \(latency(figures.latency_ms))\n"
    }
    for (model, figures) in shape.models?.object ?? [:] {
      text +=
        "model \(Console.printable(model))\t\(figures.calls?.int ?? 0) calls, "
        + "\(figures.input_tokens?.int ?? 0) tokens in, \(figures.output_tokens?.int ?? 0) out\n"
    }
    for (currency, figures) in shape.cost?.object ?? [:] {
      text +=
        "cost\t\(figures.total?.double ?? 0) \(Console.printable(currency)), a month at this rate "
        + "\(figures.projected_monthly?.double ?? 0)\n"
    }
    return text
  }
  return 0
}

private func latency(_ figures: JSON?) -> String {
  guard let median = figures?.p50?.double else { return "no latency yet" }
  return "\(median) ms median, \(figures?.p95?.double ?? 0) p95, \(figures?.p99?.double ?? 0) p99"
}

let healthCommand = CommandSpec(
  name: "health", arguments: "", positionalMin: 0, positionalMax: 0,
  summary: "how the server is, part by part; exit status 1 where it is unhealthy", options: []
) { invocation in
  let shape = try Session.access(invocation.configuration).health()
  invocation.console.result(shape) { shape in
    var text = "\(shape.status?.string ?? "unknown")\n"
    for (name, part) in shape.parts?.object ?? [:] {
      let detail = part.detail?.string ?? ""
      text += "\(name)\t\(part.status?.string ?? "")\(detail.isEmpty ? "" : ": \(Console.printable(detail))")\n"
    }
    return text
  }
  return shape.status?.string == "unhealthy" ? 1 : 0
}
