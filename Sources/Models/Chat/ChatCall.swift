// One request to one endpoint: sends it, reads the stream, keeps the clock of its text. Text is not bytes: a server
// that sends comments to keep the line open has still said nothing, so patience counts from text to text.
import Base
import Synchronization

struct ChatCall {
  let endpoint: ChatEndpoint
  let request: ChatRequest
  let support: FormSupport
  let client: HTTPClient
  let clock: any Clock
  let firstTextSeconds: Double
  let betweenTextSeconds: Double

  /// Thrown through the transfer, so that its own errors and those of whoever is shown the text stay apart.
  private struct OfTheReceiver: Error { let error: any Error }

  func perform(_ books: inout CallBooks, _ onText: ((String) throws -> Void)?) throws -> ChatReply {
    let errors = EndpointClient(endpoint.endpoint, client: client, clock: clock)
    var http = endpoint.dialect.httpRequest(request, to: endpoint, form: support)
    let patience = TextPatience(clock, firstSeconds: firstTextSeconds, betweenSeconds: betweenTextSeconds)
    let isCancelled = request.isCancelled
    http.isCancelled = { isCancelled?() == true || patience.hasEnded }

    var head: HTTPReplyHead?
    var stream = ChatStream(endpoint.dialect, contentType: nil)
    var refusal: [UInt8] = []
    let textBytesMax = 64 * max(request.outputTokensMax, 16)
    do {
      try client.stream(http) { received in
        head = received
        stream = ChatStream(endpoint.dialect, contentType: received.header("Content-Type"))
      } receive: { bytes in
        guard head?.isSuccess == true else {
          refusal += bytes.prefix(Limits.quotedReplyBytesMax - refusal.count)
          return
        }
        let text = try stream.take(bytes)
        guard stream.text.utf8.count <= textBytesMax else { throw ChatFailure.tooLong(host: errors.host) }
        if !stream.reply.isEmpty { patience.heardText() }
        try show(text, &books, onText)
      }
      guard let head else { throw StreamFault.brokenOff }
      try errors.check(head, body: { refusal }, attempts: books.attempts)
      let (rest, ending) = try stream.finish()
      try show(rest, &books, onText)
      return reply(stream, ending)
    } catch {
      var trouble = self.trouble(error, head, hasShown: books.hasShown, patience, errors)
      let timedOut = (error as? HTTPClientError).map { [.timedOut, .cancelled].contains($0.cause) } ?? false
      trouble.mayHaveSpent = head?.isSuccess == true || head == nil && timedOut
      throw trouble
    }
  }

  private func show(_ text: String, _ books: inout CallBooks, _ onText: ((String) throws -> Void)?) throws {
    guard !text.isEmpty else { return }
    if books.firstTextMs == nil { books.firstTextMs = (clock.monotonicSeconds() - books.started) * 1_000 }
    guard let onText else { return }
    books.hasShown = true
    do { try onText(text) } catch { throw OfTheReceiver(error: error) }
  }

  private func reply(_ stream: ChatStream, _ ending: ChatReply.Ending) -> ChatReply {
    let usage = TokenCount.believed(
      input: stream.inputTokens, output: stream.outputTokens, request: request, reply: stream.reply)
    var reply = ChatReply(text: stream.reply, model: stream.model ?? endpoint.endpoint.model, usage: usage)
    reply.ending = ending
    return reply
  }

  // MARK: What went wrong

  private func trouble(
    _ error: any Error, _ head: HTTPReplyHead?, hasShown: Bool, _ patience: TextPatience, _ errors: EndpointClient
  ) -> ChatTrouble {
    let host = errors.host
    switch error {
    case let own as OfTheReceiver: return ChatTrouble(error: own.error, isOfTheEndpoint: false)
    case let trouble as EndpointClient.Trouble:
      return ChatTrouble(
        error: trouble.failure, isPassing: trouble.isPassing, askedSeconds: trouble.askedSeconds, status: head?.status)
    case let fault as StreamFault:
      switch fault {
      case .brokenOff:
        return ChatTrouble(error: ChatFailure.brokenOff(host: host, hasBegun: hasShown), isPassing: true)
      case .garbled(let why): return ChatTrouble(error: ChatFailure.garbled(host: host, why: why), isPassing: true)
      case .saidError(let said, let isPassing):
        let line = errors.quoted(Array(said.utf8))
        return ChatTrouble(error: ChatFailure.saidError(host: host, said: line), isPassing: isPassing)
      }
    case let failure as HTTPClientError where failure.cause == .cancelled:
      guard request.isCancelled?() != true else {
        return ChatTrouble(error: ChatFailure.cancelled, isOfTheEndpoint: false)
      }
      let silence = ChatFailure.noText(host: host, seconds: patience.secondsMax, hasBegun: hasShown)
      return ChatTrouble(error: silence, isPassing: true)
    case let failure as HTTPClientError where failure.cause == .brokenOff && head?.isSuccess == true:
      return ChatTrouble(error: ChatFailure.brokenOff(host: host, hasBegun: hasShown), isPassing: true)
    case let failure as HTTPClientError:
      return ChatTrouble(
        error: EndpointFailure.notReached(failure, attempts: 1),
        isPassing: RetryPolicy.isWorthAnotherTry(failure.cause))
    default: return ChatTrouble(error: error)
    }
  }
}

/// How long no text has come. Asked by the transfer while it waits.
private final class TextPatience: Sendable {
  private let clock: any Clock
  private let firstSeconds: Double
  private let betweenSeconds: Double
  private let state: Mutex<(at: Double, hasText: Bool)>

  init(_ clock: any Clock, firstSeconds: Double, betweenSeconds: Double) {
    self.clock = clock
    self.firstSeconds = firstSeconds
    self.betweenSeconds = betweenSeconds
    state = Mutex((clock.monotonicSeconds(), false))
  }

  func heardText() { state.withLock { $0 = (clock.monotonicSeconds(), true) } }

  var secondsMax: Double { state.withLock { $0.hasText } ? betweenSeconds : firstSeconds }

  var hasEnded: Bool {
    let (at, hasText) = state.withLock { $0 }
    return clock.monotonicSeconds() - at > (hasText ? betweenSeconds : firstSeconds)
  }
}
