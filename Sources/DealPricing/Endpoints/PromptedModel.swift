// A chat model with the prompt of one purpose of the deal finder, and with whoever may call it off.
package import Models

package struct PromptedModel: Sendable {
  let model: any ChatModel
  private let prompt: Prompt
  private let isCancelled: (@Sendable () -> Bool)?

  package init(_ model: any ChatModel, prompt: Prompt, isCancelled: (@Sendable () -> Bool)? = nil) {
    self.model = model
    self.prompt = prompt
    self.isCancelled = isCancelled
  }

  package func messages(_ inputs: [String: String]) throws -> [ChatMessage] { try prompt.messages(inputs) }

  func request(_ messages: [ChatMessage]) -> ChatRequest {
    var request = ChatRequest(purpose: "deals", messages)
    request.isCancelled = isCancelled
    return request
  }
}
