// footnote eval: how well a library finds and answers, as a report, and as a gate for releases.
import App
import Base

let evalCommand = CommandSpec(
  name: "eval", arguments: "FILE.jsonl", positionalMin: 1, positionalMax: 1,
  summary: "retrieval and answer quality on a set of questions",
  details: """
    Each line is {"id","question","answers":[…],"document":"file name or id","unanswerable":bool,"where":"a filter",
    "history":[…]}; all but the question may be absent. 'history' holds what was asked before, as {"question","answer"}
    or as questions alone, which are then asked first. Questions are asked as 'ask' asks them, so a configured model
    writes and judges; --set tries an option. A call that fails costs its figure of that question alone: the report
    counts and names failures and says over how many questions a figure holds. A figure whose ground truth is absent is
    null. With --baseline the exit status is 1 when a figure fell by more than --fall.
    """,
  options: [
    OptionSpec(name: "outcomes", value: "FILE", summary: "write what happened to each question there, as JSONL"),
    OptionSpec(name: "markdown", value: "FILE", summary: "write the report there as Markdown"),
    OptionSpec(name: "html", value: "FILE", summary: "write the report there as a page with bars"),
    OptionSpec(name: "baseline", value: "FILE", summary: "an earlier report (--json) to hold this one against"),
    OptionSpec(name: "fall", value: "SHARE", summary: "by how much a figure may fall (default: 0.02)"),
    OptionSpec(name: "beside-plain", value: nil, summary: "answer the plain way too: the nearest sentence"),
    OptionSpec(name: "no-llm", value: nil, summary: "ask no model, even where one is configured"),
    OptionSpec(name: "candidates", value: nil, summary: "with --outcomes: the units that were weighed"),
  ]
) { invocation in
  let console = invocation.console
  let allowed = try invocation.value("fall").map { text in
    guard let share = Double(text), (0...1).contains(share) else {
      throw UsageError("--fall takes a share from 0 to 1, not '\(text)'")
    }
    return share
  }
  // Read first: a report that took minutes is not lost to a wrong name.
  let baseline = try invocation.value("baseline").map {
    try JSON(parsing: FileAccess.read($0, bytesMax: Limits.uploadBytesMax))
  }
  var run = EvaluationRun(file: invocation.positionals[0], configuration: try invocation.configuration)
  run.outcomesPath = invocation.value("outcomes")
  run.besidePlain = invocation.isSet("beside-plain")
  run.isExtracted = invocation.isSet("no-llm")
  run.keepsCandidates = invocation.isSet("candidates")
  let report = try Measure.evaluate(run) { console.progress("\($0) questions asked") }
  console.progressEnded()
  if let path = invocation.value("markdown") {
    try FileAccess.write(Array(EvaluationPage.markdown(report).utf8), to: path)
  }
  if let path = invocation.value("html") { try FileAccess.write(Array(EvaluationPage.html(report).utf8), to: path) }
  console.result(report) { $0.prettyText + "\n" }
  if let count = report.failures?.count?.int, count > 0 {
    let worst = report.failures?.kinds?.array?.first
    console.note(
      "\(count) times a model gave nothing, which is left out of the figures; most often: \(worst?.what?.string ?? "")")
  }
  guard let baseline else { return 0 }
  let falls = EvaluationBaseline.falls(from: baseline, to: report, allowed: allowed ?? 0.02)
  guard !falls.isEmpty else { return 0 }
  let named = falls.map { "\($0.figure) from \($0.before) to \($0.now)" }.joined(separator: ", ")
  console.error(
    PlainFailure(
      .unprocessable, "figures_fell", "\(falls.count) figures fell: \(named)",
      hint: "look at the questions with --outcomes, or save this report as the new baseline"))
  return 1
}
