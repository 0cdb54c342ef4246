// footnote search, why-not, ask, chat: questions to the library.
import App
import Base

private let searchModes = ["hybrid", "ranks", "semantic", "keyword"]

private let questionOptions = [
  OptionSpec(name: "results", value: "N", summary: "how many results or sources", short: "k"),
  OptionSpec(
    name: "mode", value: "MODE", summary: "hybrid (default), ranks, semantic or keyword", choices: searchModes),
  OptionSpec(name: "where", value: "EXPR", summary: "a filter, as in: format = 'pdf' and page <= 3"),
  OptionSpec(name: "collection", value: "NAME", summary: "only this collection", repeats: true),
  OptionSpec(
    name: "mmr-lambda", value: "L", summary: "relevance against novelty: 1 shows repetitions, too; default 0.7"),
  OptionSpec(name: "as-of", value: "DATE", summary: "as the library was on that day"),
]

private func parameters(
  _ invocation: Invocation, question: String? = nil, defaultLimit: Int
) throws -> SearchParameters {
  var parameters = SearchParameters(query: question ?? invocation.positionals[0])
  parameters.limit = try invocation.integer("results", default: defaultLimit, in: 1...Limits.resultsMax)
  if let mode = invocation.value("mode") {
    guard searchModes.contains(mode) else {
      throw UsageError("--mode is hybrid, ranks, semantic or keyword, not '\(mode)'")
    }
    parameters.mode = mode
  }
  parameters.filter = invocation.value("where")
  parameters.collections = invocation.all("collection")
  parameters.asOf = invocation.value("as-of")
  parameters.lambda = try invocation.number("mmr-lambda", in: 0...1)
  parameters.isExtracted = invocation.isSet("no-llm")
  return parameters
}

let searchCommand = CommandSpec(
  name: "search", arguments: "QUERY", positionalMin: 1, positionalMax: 1, summary: "the passages that fit best",
  options: questionOptions + [OptionSpec(name: "explain", value: nil, summary: "say where each score comes from")]
) { invocation in
  var parameters = try parameters(invocation, defaultLimit: 10)
  parameters.explains = invocation.isSet("explain")
  let console = invocation.console
  let access = try Session.access(invocation.configuration)
  console.result(try access.search(parameters)) { shape in
    for warning in shape.warnings?.array ?? [] { console.note("note: \(Console.printable(warning.string ?? ""))") }
    let results = shape.results?.array ?? []
    guard !results.isEmpty else { return "nothing found\n" }
    return results.enumerated().map { index, result in
      let page = result.page?.int.map { ", page \($0)" } ?? ""
      let heading = result.heading?.string ?? ""
      var text = "\(index + 1). \(console.bold(Console.printable(result.filename?.string ?? "")))\(page)"
      if !heading.isEmpty { text += " · \(Console.printable(heading))" }
      text += console.dim("  \(result.relevance?.double ?? 0)") + "\n"
      text += indented(Console.printable(result["text"]?.string ?? ""), limit: 400)
      if let explanation = result.explanation, !explanation.isNull { text += "   \(explanation.text)\n" }
      return text
    }.joined(separator: "\n")
  }
  return 0
}

let whyNotCommand = CommandSpec(
  name: "why-not", arguments: "QUERY DOC", positionalMin: 2, positionalMax: 2,
  summary: "at which stage of a search a document fell out, and what would admit it", options: questionOptions
) { invocation in
  let parameters = try parameters(invocation, defaultLimit: 10)
  let access = try Session.access(invocation.configuration)
  invocation.console.result(try access.whyNot(parameters, document: invocation.positionals[1])) { shape in
    var text = "\(shape.stage?.string ?? "")\n"
    for change in shape.changes?.array ?? [] { text += "would admit it: \(change.string ?? "")\n" }
    return text
  }
  return 0
}

let askCommand = CommandSpec(
  name: "ask", arguments: "QUESTION", positionalMin: 1, positionalMax: 1,
  summary: "an answer with its sources, in their own words",
  options: questionOptions + [
    OptionSpec(name: "no-llm", value: nil, summary: "extract the answer even where a model is configured")
  ]
) { invocation in
  let parameters = try parameters(invocation, defaultLimit: 3)
  let console = invocation.console
  let access = try Session.access(invocation.configuration)
  console.result(try access.ask(parameters)) { inWords($0, console) }
  return 0
}

let chatCommand = CommandSpec(
  name: "chat", arguments: "", positionalMin: 0, positionalMax: 0,
  summary: "questions and answers in turn; a follow-up leans on what was asked before",
  details: "One question a line; an empty line or the end of input ends it. With --json one answer object a line.",
  options: questionOptions
) { invocation in
  let console = invocation.console
  let session = try Session.shared(invocation.configuration)
  defer { session.end(waiting: true) }
  let access = session.access
  let conversation = "chat-\(hexadecimal(SystemRandom().bytes(8)))"
  console.prompt("› ")
  while let line = readLine(), line.contains(where: { !$0.isWhitespace }) {
    var parameters = try parameters(invocation, question: line, defaultLimit: 3)
    parameters.conversation = conversation
    do {
      let answer = try access.ask(parameters)
      console.say(console.isJSON ? answer.text : inWords(answer, console).trimmedEnd)
    } catch let failure as any Failure where failure.kind == .usage {
      // A question that cannot be asked ends nothing.
      console.error(failure)
    }
    console.prompt("› ")
  }
  return 0
}

/// An answer for people: its words, what it cites, and what to know beside it.
private func inWords(_ shape: JSON, _ console: Console) -> String {
  var text = ""
  if let rewritten = shape.rewritten_question?.string {
    text += console.dim("understood as: \(Console.printable(rewritten))") + "\n"
  }
  text += Console.printable(shape.answer?.string ?? "") + "\n"
  let citations = shape.citations?.array ?? []
  for source in shape.sources?.array ?? [] {
    let own = citations.filter { $0.source?.int == source.id?.int }
    if own.isEmpty { continue }
    // Of the words that are quoted, not of the passage around them.
    let pages = Set(own.compactMap { $0["page"]?.int }).sorted().map(String.init)
    let page = pages.isEmpty ? "" : ", page\(pages.count > 1 ? "s" : "") \(pages.joined(separator: ", "))"
    let heading = source.heading?.string ?? ""
    text +=
      console.dim(
        "[\(source.id?.int ?? 0)] \(Console.printable(source.filename?.string ?? ""))\(page)"
          + (heading.isEmpty ? "" : " · \(Console.printable(heading))")) + "\n"
  }
  for warning in shape.warnings?.array ?? [] {
    text += console.dim("note: \(Console.printable(warning.string ?? ""))") + "\n"
  }
  return text
}

private func indented(_ text: String, limit: Int) -> String {
  var shown = text.split { $0.isWhitespace }.joined(separator: " ")
  if shown.count > limit { shown = shown.prefix(limit) + "…" }
  return "   \(shown)\n"
}
