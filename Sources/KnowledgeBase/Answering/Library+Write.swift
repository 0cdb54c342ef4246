// What models do for an answer: make a follow-up whole, word it in other ways, write. Each of them may fail without the
// question failing: rules, the plain search and the documents' own words stand in, and a warning says so.
// Must not: take a failure of ours, or of whoever listens, for one of the model's.
import Base
import Models

extension Library {
  func prompts() throws -> PromptShelf { try settings.prompts ?? PromptShelf() }

  /// The question made whole: by the model where that is asked for, else, and where it gives nothing usable, by rules.
  func wholeQuestion(_ question: AnswerQuestion, _ failures: inout [MeansFailure]) throws -> FollowUp.Whole {
    let text = question.search.text
    if question.means.rewritesByModel, let model = question.means.model, !question.history.isEmpty {
      let prompt = try prompts().prompt("rewrite")
      do {
        if let whole = try FollowUp.whole(text, after: question.history, by: model, told: prompt) { return whole }
        failures.append(
          MeansFailure(
            step: .rewrite,
            warning: "the model gave no usable rewording of the question; it was made whole by rules"))
      } catch {
        failures.append(
          MeansFailure(
            step: .rewrite,
            warning: "the model could not make the question whole: \(PlainFailure.describing(error))"))
      }
    }
    return FollowUp.whole(text, after: question.history)
  }

  func otherForms(of text: String, _ means: AnswerMeans, _ failures: inout [MeansFailure]) throws -> [String] {
    guard let model = means.model, means.expansion != .none else { return [] }
    let prompts = try prompts()
    do { return try means.expansion.forms(of: text, by: model, told: prompts) } catch {
      failures.append(
        MeansFailure(
          step: .expand,
          warning: "the model could not word the question in other ways: \(PlainFailure.describing(error))"))
      return []
    }
  }

  /// Has the model write. Returns what it was told; nil where it failed before anything was said and the answer is to
  /// be extracted in its place.
  func write(
    _ question: AnswerQuestion, _ search: SearchQuestion, _ passages: [Passage], into answer: inout Answer,
    through gate: inout AnswerGate, _ onEvent: (AnswerEvent) throws -> Void
  ) throws -> AnswerPrompt? {
    guard let model = question.means.model else { return nil }
    let prompt = AnswerPrompt(try prompts().prompt("answer"))
    let writer = WrittenAnswerer(model: model, prompt: prompt)
    let request = try writer.request(
      search.text, passages: passages, history: question.history, scope: search.collections.joined(separator: ","))
    // The model is done with the closure when it has replied; the gate is taken back then.
    let held = HeldGate(gate)
    var reply: ChatReply?
    do {
      reply = try withoutActuallyEscaping(onEvent) { onEvent in
        try model.reply(to: request) { delta in
          try held.listening {
            for sentence in try held.gate.take(delta) { try onEvent(.text(sentence.text)) }
          }
        }
      }
    } catch {
      // What was shown stays what it is, so a failure half-way is told as one.
      guard held.listenersError == nil, question.means.extractsWhenModelFails, held.gate.citations.isEmpty else {
        throw error
      }
      answer.meansFailures.append(
        MeansFailure(
          step: .write,
          warning: "\(model.name) could not be asked, so the answer is extracted: \(PlainFailure.describing(error))"))
      return nil
    }
    guard let reply else { return nil }
    gate = held.gate
    for sentence in try gate.finish() { try onEvent(.text(sentence.text)) }
    answer.usage = reply.usage
    answer.isCached = reply.isCached
    answer.cost = reply.cost ?? 0
    if reply.ending == .cutOff { answer.warnings.append("the model's reply was cut off") }
    if gate.citations.isEmpty, !gate.sawRefusal, question.means.extractsWhenModelFails {
      answer.meansFailures.append(
        MeansFailure(
          step: .write,
          warning: "nothing that \(reply.model) wrote is carried by the sources, so the answer is extracted"))
      return nil
    }
    answer.model = reply.model
    return prompt
  }
}

/// The gate, while a model's text runs into it.
private final class HeldGate {
  var gate: AnswerGate
  /// What went wrong on this side of the model.
  private(set) var listenersError: (any Error)?

  init(_ gate: AnswerGate) { self.gate = gate }

  func listening(_ body: () throws -> Void) throws {
    do { try body() } catch {
      listenersError = error
      throw error
    }
  }
}
