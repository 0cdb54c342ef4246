// The two protocols that models are asked in: OpenAI's chat completions, which nearly everybody speaks, and Anthropic's
// messages. Here is what goes out; what comes back is read by ChatStream.
// https://platform.openai.com/docs/api-reference/chat https://docs.anthropic.com/en/api/messages
package import Base

package enum ChatDialect: String, Sendable, CaseIterable {
  case openai
  case anthropic
  /// OpenAI's, with the key in a header of its own and a version in the address.
  case azure
}

/// How an endpoint is told what form a reply must have, the best way first.
package enum FormSupport: String, Sendable, CaseIterable {
  case schema
  case tool
  case instruction

  var next: FormSupport? {
    switch self {
    case .schema: .tool
    case .tool: .instruction
    case .instruction: nil
    }
  }
}

extension ChatDialect {
  private static let anthropicVersion = "2023-06-01"

  /// The endpoint as this dialect addresses it: https://learn.microsoft.com/azure/ai-services/openai/reference
  package func endpoint(
    url: String, model: String, key: Secret?, headers: [(name: String, value: Secret)], apiVersion: String?,
    timeouts: HTTPTimeouts
  ) -> Endpoint {
    switch self {
    case .openai: return Endpoint(url: url, model: model, key: key, headers: headers, timeouts: timeouts)
    case .anthropic:
      let own = [(name: "x-api-key", value: key), ("anthropic-version", Secret(ChatDialect.anthropicVersion))]
      return Endpoint(url: url, model: model, headers: ChatDialect.adding(own, to: headers), timeouts: timeouts)
    case .azure:
      var address = String(url.prefix { $0 != "?" })
      var query = String(url.dropFirst(address.count))
      while address.hasSuffix("/") { address.removeLast() }
      if !address.contains("/openai/") { address += "/openai/deployments/\(model)" }
      if query.isEmpty, let apiVersion { query = "?api-version=\(apiVersion)" }
      return Endpoint(
        url: address + query, model: model, headers: ChatDialect.adding([("api-key", key)], to: headers),
        timeouts: timeouts)
    }
  }

  /// Headers that were given stand before those of the dialect.
  private static func adding(
    _ own: [(name: String, value: Secret?)], to headers: [(name: String, value: Secret)]
  ) -> [(name: String, value: Secret)] {
    headers
      + own.compactMap { name, value in
        let isGiven = headers.contains { $0.name.lowercased() == name.lowercased() }
        return isGiven ? nil : value.map { (name, $0) }
      }
  }

  func httpRequest(_ request: ChatRequest, to endpoint: ChatEndpoint, form support: FormSupport) -> HTTPRequest {
    var body =
      self == .anthropic
      ? anthropicBody(request, endpoint.endpoint.model, support) : openAIBody(request, endpoint.endpoint.model, support)
    // What the configuration adds stands above all; null takes a field out.
    for (key, value) in endpoint.extra { body[key] = value.isNull ? nil : value }
    var made = endpoint.endpoint.post(.object(body), to: self == .anthropic ? "/messages" : "/chat/completions")
    made.headers.removeAll { $0.name == "Accept" }
    made.headers.append(("Accept", "text/event-stream, application/json"))
    made.replyBytesMax = Limits.chatReplyBytesMax
    return made
  }

  private func openAIBody(_ request: ChatRequest, _ model: String, _ support: FormSupport) -> JSONObject {
    var body: JSONObject = [
      "model": .string(model),
      "messages": .array(
        messages(request, support).map { ["role": .string($0.role.rawValue), "content": .string($0.text)] }),
      "temperature": .number(request.temperature), "max_tokens": .integer(request.outputTokensMax), "stream": true,
      "stream_options": ["include_usage": true],
    ]
    guard let form = request.form else { return body }
    switch support {
    case .schema:
      body["response_format"] = [
        "type": "json_schema",
        "json_schema": ["name": .string(form.name), "schema": form.schema, "strict": true],
      ]
    case .tool:
      body["tools"] = [
        [
          "type": "function",
          "function": [
            "name": .string(form.name), "description": .string(form.about), "parameters": form.schema, "strict": true,
          ],
        ]
      ]
      body["tool_choice"] = ["type": "function", "function": ["name": .string(form.name)]]
    case .instruction: break
    }
    return body
  }

  private func anthropicBody(_ request: ChatRequest, _ model: String, _ support: FormSupport) -> JSONObject {
    let messages = messages(request, support)
    let system = messages.filter { $0.role == .system }.map(\.text).joined(separator: "\n\n")
    var body: JSONObject = [
      "model": .string(model), "max_tokens": .integer(request.outputTokensMax),
      "messages": .array(
        messages.filter { $0.role != .system }.map {
          ["role": .string($0.role.rawValue), "content": .string($0.text)]
        }), "temperature": .number(request.temperature), "stream": true,
    ]
    if !system.isEmpty { body["system"] = .string(system) }
    if let form = request.form, support != .instruction {
      body["tools"] = [
        ["name": .string(form.name), "description": .string(form.about), "input_schema": form.schema]
      ]
      body["tool_choice"] = ["type": "tool", "name": .string(form.name)]
    }
    return body
  }

  private func messages(_ request: ChatRequest, _ support: FormSupport) -> [ChatMessage] {
    guard let form = request.form, support == .instruction else { return request.messages }
    return ChatDialect.instructed(request.messages, form)
  }

  /// The messages with the schema in words, for endpoints that know of none, and for training.
  package static func instructed(_ messages: [ChatMessage], _ form: ReplyForm) -> [ChatMessage] {
    let about = form.about.isEmpty ? "" : " (\(form.about))"
    let instruction = """
      Reply with one JSON value\(about) that fits this JSON schema, and with nothing else: no fence, no explanation.
      \(form.schema.text)
      """
    guard let first = messages.first, first.role == .system else {
      return [ChatMessage(.system, instruction)] + messages
    }
    return [ChatMessage(.system, "\(first.text)\n\n\(instruction)")] + messages.dropFirst()
  }
}
