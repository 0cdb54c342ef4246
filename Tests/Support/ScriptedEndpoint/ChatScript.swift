// Chat replies as the two protocols stream them, made from pieces of text.
package import Base

package enum ChatScript {
  /// OpenAI's chunks for a text, its usage last.
  package static func chunks(
    _ pieces: [String], model: String = "scripted", finish: String? = "stop", usage: JSON? = nil, isDone: Bool = true
  ) -> [String] {
    func chunk(_ delta: JSON, _ reason: String? = nil) -> String {
      let choice: JSON = ["index": 0, "delta": delta, "finish_reason": JSON(reason)]
      return JSON.object(
        ["id": "c", "object": "chat.completion.chunk", "model": .string(model), "choices": [choice]]
      ).text
    }
    var events = [chunk(["role": "assistant", "content": ""])]
    events += pieces.map { chunk(["content": .string($0)]) }
    if let finish { events.append(chunk([:], finish)) }
    if let usage { events.append(JSON.object(["model": .string(model), "choices": [], "usage": usage]).text) }
    return events + (isDone ? ["[DONE]"] : [])
  }

  package static func usage(_ input: Int, _ output: Int) -> JSON {
    ["prompt_tokens": .integer(input), "completion_tokens": .integer(output), "total_tokens": .integer(input + output)]
  }

  package static func reply(_ pieces: [String], usage: JSON? = nil) -> [ScriptedEndpoint.Step] {
    .eventStream(chunks(pieces, usage: usage))
  }

  /// A tool's arguments in place of text.
  package static func toolCall(_ pieces: [String]) -> [ScriptedEndpoint.Step] {
    let calls = pieces.map { piece in
      JSON.object([
        "choices": [
          ["index": 0, "delta": ["tool_calls": [["index": 0, "function": ["arguments": .string(piece)]]]]]
        ]
      ]).text
    }
    let end = JSON.object(["choices": [["index": 0, "delta": [:], "finish_reason": "tool_calls"]]]).text
    return .eventStream(calls + [end, "[DONE]"])
  }

  /// One document, for servers that do not stream.
  package static func whole(_ text: String) -> [ScriptedEndpoint.Step] {
    .json([
      "model": "scripted", "choices": [["message": ["content": .string(text)], "finish_reason": "stop"]],
      "usage": usage(9, 3),
    ])
  }

  /// Anthropic's events.
  package static func message(_ pieces: [String], stop: String = "end_turn") -> [ScriptedEndpoint.Step] {
    var events: [(String, JSON)] = [
      (
        "message_start",
        [
          "type": "message_start",
          "message": [
            "model": "claude-scripted",
            "usage": ["input_tokens": 20, "cache_read_input_tokens": 5, "output_tokens": 1],
          ],
        ]
      ), ("ping", ["type": "ping"]),
    ]
    events += pieces.map {
      (
        "content_block_delta",
        ["type": "content_block_delta", "delta": ["type": "text_delta", "text": .string($0)]]
      )
    }
    events += [
      (
        "message_delta",
        ["type": "message_delta", "delta": ["stop_reason": .string(stop)], "usage": ["output_tokens": 4]]
      ), ("message_stop", ["type": "message_stop"]),
    ]
    let text = events.map { "event: \($0.0)\ndata: \($0.1.text)\n\n" }.joined()
    return .reply(200, type: "text/event-stream", body: Array(text.utf8))
  }
}
