// What is kept of calls to models, as the chat service needs it. The library's store keeps it: Store/Connection+Models.
package import Base
package import Store

package struct ChatStore: StructuredLog {
  private let database: Database
  private let clock: any Clock

  package init(_ database: Database, clock: any Clock = SystemClock()) {
    self.database = database
    self.clock = clock
  }

  /// Opens the books for a call. With a budget, what the call may need at most is set aside in the same transaction, so
  /// calls side by side cannot pass it; what a killed process had set aside counts as spent until its hour is over.
  func begin(_ request: ChatRequest, model: String, tokens: Int, budgetPerHour: Int?) throws -> Int {
    let now = clock.wallSeconds()
    return try database.write { connection in
      if let budgetPerHour { try check(tokens, budgetPerHour, now, connection) }
      try connection.dropModelCalls(before: now - Double(Limits.modelCallDaysMax) * 86_400)
      return try connection.addModelCall(
        ModelCallRow(at: now, purpose: request.purpose, model: model, outcome: "running", reservedTokens: tokens))
    }
  }

  /// As much again, for another try of a call that is under way.
  func setAside(_ id: Int, tokens: Int, budgetPerHour: Int) throws {
    let now = clock.wallSeconds()
    try database.write { connection in
      try check(tokens, budgetPerHour, now, connection)
      try connection.setAsideMore(id, tokens: tokens)
    }
  }

  private func check(
    _ tokens: Int, _ budgetPerHour: Int, _ now: Double, _ connection: borrowing Connection
  ) throws {
    let spent = try connection.modelTokens(since: now - 3_600)
    guard spent + tokens > budgetPerHour else { return }
    let freeAt = try connection.modelTokensFree(needed: spent + tokens - budgetPerHour, since: now - 3_600)
    throw ChatFailure.budgetSpent(
      tokensPerHour: budgetPerHour, needed: tokens,
      retrySeconds: max(1, Int((freeAt.map { $0 + 3_600 - now } ?? 3_600).rounded(.up))))
  }

  func end(_ id: Int, _ call: ModelCallRow) throws {
    try database.write { try $0.endModelCall(id, call) }
  }

  /// A call that was answered from what is kept.
  func addCached(_ request: ChatRequest, model: String, elapsedMs: Double) throws {
    var call = ModelCallRow(at: clock.wallSeconds(), purpose: request.purpose, model: model, outcome: "done")
    call.isCached = true
    call.cost = 0
    call.elapsedMs = elapsedMs
    let row = call
    _ = try database.write { try $0.addModelCall(row) }
  }

  // MARK: Replies kept

  func keptReply(_ digest: SHA256Digest, ageSecondsMax: Double) throws -> JSON? {
    let since = clock.wallSeconds() - ageSecondsMax
    guard let text = try database.read({ try $0.keptReply(digest.bytes, since: since) }) else { return nil }
    return try? JSON(parsing: text)
  }

  func keepReply(_ digest: SHA256Digest, _ reply: JSON, documents: [String]) throws {
    let now = clock.wallSeconds()
    try database.write { connection in
      try connection.keepReply(digest.bytes, at: now, documents: documents.joined(separator: " "), reply: reply.text)
      try connection.dropKeptReplies(keeping: Limits.keptRepliesMax)
    }
  }

  // MARK: Structured calls

  package func keep(request: ChatRequest, form: ReplyForm, reply: JSON, model: String) throws {
    let messages = ChatDialect.instructed(request.messages, form)
    let asked = JSON.array(
      messages.map { ["role": .string($0.role.rawValue), "content": .string($0.text)] })
    let row = StructuredCallRow(
      at: clock.wallSeconds(), purpose: request.purpose, form: form.name, model: model,
      documents: request.documents.joined(separator: " "), request: asked.text, reply: reply.text)
    try database.write { connection in
      try connection.addStructuredCall(row)
      try connection.dropStructuredCalls(keeping: Limits.structuredCallsMax)
    }
  }

  /// The kept pairs, oldest first, in the form that fine-tuning takes: a conversation that ends on the good reply.
  package func trainingPairs() throws -> [JSON] {
    try database.read { try $0.structuredCalls() }.compactMap { row in
      guard let messages = try? JSON(parsing: row.request).array else { return nil }
      return ["messages": .array(messages + [["role": "assistant", "content": .string(row.reply)]])]
    }
  }
}
