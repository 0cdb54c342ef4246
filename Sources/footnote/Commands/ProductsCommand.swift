// footnote products import: a catalogue into the library.
import App
import Base

let productsCommand = CommandSpec(
  name: "products", arguments: "import FILE", positionalMin: 2, positionalMax: 2,
  summary: "import a catalogue of products with their prices: CSV, JSON or JSONL",
  details: """
    A product needs a title and a price; description, category, brand, url, currency and id are taken where they are
    there, numbers in other columns are kept for filters and price models. Columns are found by their usual names, or as
    --column says: --column title=Bezeichnung --column price=Preis. A row that cannot be read is told with its line, and
    the others go in. Run again, what is held already is passed over, and a changed row is a new version of its product.
    One collection holds one currency.
    """,
  options: [
    OptionSpec(name: "collection", value: "NAME", summary: "the collection they go into (default: products)"),
    OptionSpec(name: "column", value: "FIELD=NAME", summary: "the column that a field is read from", repeats: true),
    OptionSpec(name: "format", value: "NAME", summary: "csv, json or jsonl (default: as the file looks)"),
    OptionSpec(name: "currency", value: "CODE", summary: "of prices that do not say theirs (default: USD)"),
  ]
) { invocation in
  guard invocation.positionals[0] == "import" else {
    throw UsageError("'\(invocation.positionals[0])' is nothing that can be done with products; use 'products import'")
  }
  let console = invocation.console
  var request = CatalogueRequest(path: invocation.positionals[1])
  if let collection = invocation.value("collection") { request.collection = collection }
  request.columns = try ProductColumnFlags.columns(invocation.all("column"))
  request.format = try ProductColumnFlags.format(invocation.value("format"))
  request.currency = try ProductColumnFlags.currency(invocation.value("currency"))
  // A long one keeps nobody out meanwhile, and its index is kept for the next command.
  let session = try Session.shared(invocation.configuration)
  defer { session.end(waiting: false) }
  let stop = StopFlag()
  let interruption = Interruption(stop)
  defer { interruption.end() }
  var run = CatalogueImport(request, access: session.access)
  let outcome = try run.run(stop: stop) { progress in
    let left = progress.secondsLeft.map { ", \(Int($0.rounded())) s left" } ?? ""
    let share = progress.bytesTotal > 0 ? progress.bytesRead * 100 / progress.bytesTotal : 100
    console.progress("\(share)%: \(progress.rows) rows, \(Int(progress.rowsPerSecond)) rows/s\(left)")
  }
  console.progressEnded()
  console.result(outcome) { outcome in
    func count(_ name: String) -> Int { outcome[name]?.int ?? 0 }
    return "\(count("added")) products added, \(count("updated")) updated, \(count("unchanged")) unchanged"
      + (outcome.currency?.string.map { ", in \($0)" } ?? "") + "\n"
  }
  for row in outcome.failed?.array ?? [] {
    console.error(
      PlainFailure(
        .unprocessable, "bad_row", "\(request.path), line \(row.line?.int ?? 0): \(row.message?.string ?? "")"))
  }
  let failed = outcome.failed_count?.int ?? 0
  if failed > (outcome.failed?.array?.count ?? 0) { console.note("\(failed) rows failed; the first are told") }
  if stop.isSet {
    console.note("stopped; what was imported stays, and the same command goes on from there")
    return 130
  }
  return failed > 0 ? 1 : 0
}
