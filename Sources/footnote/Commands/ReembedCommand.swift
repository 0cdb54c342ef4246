// footnote reembed: the library moved to the embedder that is configured now.
import App
import Base

let reembedCommand = CommandSpec(
  name: "reembed", arguments: "", positionalMin: 0, positionalMax: 0,
  summary: "move the library to the configured embedder; the old vectors serve until all is done",
  details: """
    Without settings that is the built-in model; embedding.url and embedding.model name an endpoint. A run that is ended
    half-way is taken up where it stopped. A running server that owns the library moves with it; start it with the same
    settings next time.
    """,
  options: []
) { invocation in
  let console = invocation.console
  let configuration = try invocation.configuration
  let session = try Session.shared(configuration)
  defer { session.end(waiting: true) }
  let access = session.access
  let outcome = try access.reembed(configuration) { progress in
    let left = progress.secondsLeft.map { ", \(Int($0)) s left" } ?? ""
    console.progress(
      "\(progress.textsDone)/\(progress.textsTotal) texts, \(Int(progress.textsPerSecond)) texts/s\(left)")
  }
  console.progressEnded()
  console.result(outcome) { outcome in
    let model = "\(outcome.to?["name"]?.string ?? "") (\(outcome.to?.dimension?.int ?? 0) numbers)"
    guard outcome.status?.string == "reembedded" else { return "the library's vectors are of \(model) already\n" }
    let resumed = outcome.resumed?.int ?? 0
    return "moved to \(model): \(outcome.texts?.int ?? 0) texts"
      + (resumed > 0 ? ", \(resumed) of them from an earlier run" : "") + "\n"
  }
  if let cut = outcome.texts_cut?.int, cut > 0 {
    console.note("\(cut) texts are longer than the model reads; add their documents again to have them cut anew")
  }
  return 0
}
