// footnote embed, bench, doctor: figures, and what is wrong with this install.
import App
import Base

let embedCommand = CommandSpec(
  name: "embed", arguments: "", positionalMin: 0, positionalMax: 0,
  summary: "vectors of the lines of a file, as raw little-endian float32",
  options: [
    OptionSpec(name: "input", value: "F.jsonl", summary: "lines of {\"text\"}"),
    OptionSpec(name: "out", value: "V.f32", summary: "where the vectors go"),
    OptionSpec(name: "ids", value: "I.jsonl", summary: "write the token ids there instead, an array a line"),
    OptionSpec(name: "precision", value: "P", summary: "f32 or int8 (default)", choices: ["f32", "int8"]),
    OptionSpec(name: "threads", value: "T", summary: "threads (default: all cores)"),
  ]
) { invocation in
  guard let input = invocation.value("input") else { throw UsageError("'embed' needs --input") }
  if let ids = invocation.value("ids") {
    let report = try Measure.tokenIDs(
      input: input, output: ids, modelDirectory: invocation.configuration.modelDirectory)
    invocation.console.result(report) { $0.text + "\n" }
    return 0
  }
  guard let output = invocation.value("out") else { throw UsageError("'embed' needs --out or --ids") }
  let threads = try invocation.integer("threads", default: Measure.cores, in: 1...256)
  let report = try Measure.embed(
    input: input, output: output, precision: invocation.value("precision"), threads: threads,
    modelDirectory: invocation.configuration.modelDirectory)
  if let count = report.texts_cut?.int, count > 0 {
    invocation.console.note(
      "warning: \(count) of \(report.texts?.int ?? 0) texts are longer than the "
        + "\(report.window_tokens?.int ?? 0) tokens that are read; what lies past them is in no vector")
  }
  invocation.console.result(report) { $0.text + "\n" }
  return 0
}

let benchCommand = CommandSpec(
  name: "bench", arguments: "TASK", positionalMin: 1, positionalMax: 1,
  summary:
    "figures of one engine as JSON: embed, ann, keyword, pdf, ingest, search, prices, quality, on inputs given by file",
  options: [
    OptionSpec(name: "threads", value: "T", summary: "threads (default: 1)"),
    OptionSpec(name: "tmp", value: "DIR", summary: "where files made on the way go"),
    OptionSpec(name: "vectors", value: "V.f32", summary: "ann: rows of float32"),
    OptionSpec(name: "queries", value: "FILE", summary: "ann: rows of float32; keyword: lines of {\"id\",\"text\"}"),
    OptionSpec(name: "query-vectors", value: "V.f32", summary: "search: rows of float32, one a query"),
    OptionSpec(name: "truth", value: "T.i32", summary: "ann: the exact neighbours' rows"),
    OptionSpec(name: "dim", value: "D", summary: "ann, search: numbers in a row (default: 384)"),
    OptionSpec(name: "k", value: "K", summary: "results a query (default: 10)"),
    OptionSpec(name: "m", value: "M", summary: "ann: links a node (default: 16)"),
    OptionSpec(name: "ef-construction", value: "E", summary: "ann: candidates while building (default: 200)"),
    OptionSpec(name: "ef", value: "E,…", summary: "ann: candidates while searching"),
    OptionSpec(name: "passages", value: "P.jsonl", summary: "keyword: lines of {\"id\",\"text\"}"),
    OptionSpec(name: "products", value: "P.jsonl", summary: "prices: lines of {\"id\",\"title\",\"price\",…}"),
    OptionSpec(name: "out", value: "FILE", summary: "keyword: the results, as JSONL; prices: vectors and sides"),
    OptionSpec(name: "chart", value: "FILE.svg", summary: "prices: estimates against prices as a picture"),
    OptionSpec(name: "precision", value: "P", summary: "embed: f32 or int8", choices: ["f32", "int8"]),
    OptionSpec(
      name: "chunks", value: "FORM", summary: "ingest: plain (500 words, as the peers) or own (default)",
      choices: ["plain", "own"]),
    OptionSpec(name: "library", value: "DIR", summary: "ingest: only the second stage, on the library there"),
    OptionSpec(
      name: "stop-words", value: "LIST", summary: "keyword: none, short, long (default) or peers",
      choices: ["none", "short", "long", "peers"]),
    OptionSpec(name: "index", value: "FILE", summary: "ann: keep the index there from run to run"),
    OptionSpec(name: "upkeep", value: "N", summary: "ann: measure N rounds of adding and removing too"),
  ],
  words: ["embed", "ann", "keyword", "pdf", "ingest", "search", "prices", "quality"]
) { invocation in
  let console = invocation.console
  console.say(
    try Measure.bench(
      task: invocation.positionals[0], values: invocation.values.compactMapValues(\.last),
      modelDirectory: invocation.configuration.modelDirectory))
  return 0
}

let doctorCommand = CommandSpec(
  name: "doctor", arguments: "", positionalMin: 0, positionalMax: 0, summary: "what is wrong with this install",
  options: []
) { invocation in
  let report = Doctor.examine(try invocation.configuration)
  invocation.console.result(report) { shape in
    (shape.checks?.array ?? []).map { check in
      "\(check.ok?.bool == true ? "ok" : "WRONG")\t\(check.name?.string ?? "")\t\(check.detail?.string ?? "")\n"
    }.joined()
  }
  return report.ok?.bool == true ? 0 : 1
}
