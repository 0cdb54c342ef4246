// `products import` as a user runs it: what comes in, what is refused, filters, a second run, a killed one, a server.
import Base
import Foundation
import Testing

@testable import App

@Suite struct ProductsCommandTests {
  private let folder = Folder()

  private func importing(
    _ file: String, _ arguments: [String] = [], environment: [String: String] = [:]
  ) throws -> (status: Int32, json: JSON, errors: String) {
    let run = try Binary.run(
      ["products", "import", file, "--json"] + arguments, data: folder.data, environment: environment)
    return (run.status, (try? JSON(parsing: run.output)) ?? .null, run.errors)
  }

  private func found(_ query: String, _ filter: String) throws -> [JSON] {
    let run = try Binary.run(
      ["search", query, "--collection", "products", "--where", filter, "--json"], data: folder.data)
    return try JSON(parsing: run.output).results?.array ?? []
  }

  private let csv = """
    id,title,description,category,price,url
    k1,Steel kettle,"Boils, then stops",Kitchen,24.90,https://shop.example/1
    k2,Glass kettle,,Kitchen,free,
    l1,Desk lamp,"Bends ""both"" ways",Light,$40,https://shop.example/2
    """

  @Test func rowsComeInAndBadOnesAreTold() throws {
    let file = try folder.write("shop.csv", csv)
    let first = try importing(file)
    #expect(first.status == 1)
    #expect(first.json.added?.int == 2 && first.json.currency?.string == "USD")
    #expect(first.json.failed?.array?.map { $0.line?.int } == [3])
    #expect(first.errors.contains("line 3: 'free' is no price"))
    let cheap = try found("kettle", "price < 30 and category = 'Kitchen'")
    #expect(cheap.map { $0.filename?.string } == ["Steel kettle"])
    #expect(cheap.first?.metadata?.url?.string == "https://shop.example/1")
    #expect(try found("kettle", "price > 30").allSatisfy { $0.filename?.string == "Desk lamp" })
    let again = try importing(file)
    #expect(again.json.added?.int == 0 && again.json.unchanged?.int == 2)
    try folder.write("shop.csv", csv.replacingOccurrences(of: "24.90", with: "19.90"))
    #expect(try importing(file).json.updated?.int == 1)
    #expect(try found("kettle", "price < 20").count == 1)
  }

  @Test func oneCollectionHoldsOneCurrency() throws {
    let dollars = try folder.write("a.jsonl", #"{"title":"Lamp","price":"$5"}"#)
    let rupees = try folder.write("b.json", #"[{"title":"Saree","price":"₹799"},{"title":"Lamp two","price":7}]"#)
    #expect(try importing(dollars).status == 0)
    let mixed = try importing(rupees)
    #expect(mixed.status == 1 && mixed.json.added?.int == 1)
    #expect(mixed.errors.contains("in INR, those of the collection 'products' are in USD"))
    #expect(try importing(rupees, ["--collection", "india", "--currency", "INR"]).json.added?.int == 2)
  }

  @Test func aKilledImportGoesOn() throws {
    let rows = (0..<1_300).map { #"{"id":"p\#($0)","title":"Lamp number \#($0)","price":\#($0 + 1)}"# }
    let file = try folder.write("many.jsonl", rows.joined(separator: "\n"))
    let killed = try importing(file, environment: ["FOOTNOTE_CRASH_AT": "commit:2"])
    #expect(killed.status != 0 && killed.json == .null)
    let rest = try importing(file)
    #expect(rest.json.unchanged?.int == 512 && rest.json.added?.int == 788)
    // The next command does not make the index anew.
    let kept = try FileManager.default.contentsOfDirectory(atPath: folder.data + "/snapshots")
    #expect(kept.contains { $0.hasSuffix(".index") }, "\(kept)")
    #expect(try importing(file).json.unchanged?.int == 1_300)
  }

  @Test func theTimeLeftIsToldByTheShareThatIsRead() {
    var progress = CatalogueProgress()
    #expect(progress.secondsLeft == nil)
    progress.rows = 500
    progress.bytesRead = 25
    progress.bytesTotal = 100
    progress.elapsedSeconds = 10
    #expect(progress.secondsLeft == 30 && progress.rowsPerSecond == 50)
    progress.bytesRead = 100
    #expect(progress.secondsLeft == 0)
  }

  @Test func aServersLibraryTakesThem() throws {
    let file = try folder.write("shop.csv", csv)
    let server = try RunningServer(data: folder.data)
    #expect(try importing(file).json.added?.int == 2)
    #expect(try found("lamp", "price = 40").count == 1)
    #expect(server.stop() == 0)
    #expect(try importing(file).json.unchanged?.int == 2)
  }

  @Test func wrongUsageIsTold() throws {
    #expect(try importing("/nowhere.csv").errors.contains("does not exist"))
    #expect(try importing("x.csv", ["--format", "xml"]).errors.contains("use csv, json or jsonl"))
    #expect(try importing("x.csv", ["--column", "colour=a"]).errors.contains("the fields are title"))
  }

  private static let sample = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../corpus/products.jsonl").path

  private func deals(_ arguments: [String]) throws -> (status: Int32, json: JSON, errors: String) {
    let run = try Binary.run(["deals"] + arguments + ["--json"], data: folder.data)
    return (run.status, (try? JSON(parsing: run.output)) ?? .null, run.errors)
  }

  @Test func pricesAreLearnedAndAsked() throws {
    let lines = try String(contentsOfFile: Self.sample, encoding: .utf8).split(separator: "\n")
    let some = lines.enumerated().filter { $0.offset.isMultiple(of: 4) }.map { String($0.element) }
    #expect(try deals(["train"]).errors.contains("there are no products"))
    #expect(try importing(folder.write("some.jsonl", some.joined(separator: "\n"))).json.added?.int == 160)
    let asked = ["price", "Norvell 55 inch OLED 4K Television", "--category", "Electronics"]
    let untrained = try deals(asked).json
    #expect(untrained.estimate?.double != nil)
    #expect((untrained.warnings?.array ?? []).contains { $0.string?.contains("no price models") == true })
    #expect(untrained.missing?.array?.count == 2)
    #expect(try deals(["backtest"]).errors.contains("train them"))

    let trained = try deals(["train"]).json
    #expect((trained.trained?.int ?? 0) > 100 && trained.fingerprint?.string?.isEmpty == false)
    let worth = try deals(asked).json
    let interval = worth.interval?.array?.compactMap(\.double) ?? []
    let estimate = try #require(worth.estimate?.double)
    #expect(interval.count == 2 && interval[0] <= estimate && estimate <= interval[1] && interval[0] >= 0)
    #expect(worth.missing?.array?.isEmpty == true && worth.currency?.string == "USD")
    #expect(worth.comparables?.array?.count == 5)
    let strange = try deals(["price", "Norvell 55 inch OLED 4K Television", "--category", "Never seen"]).json
    #expect(strange.estimate?.double ?? 0 > 0 && strange.missing?.array?.isEmpty == true, "\(strange)")
    #expect(worth.comparables?.array?.allSatisfy { $0.document_id?.string?.hasPrefix("d_") == true } == true)

    let chart = folder.path + "/chart.svg"
    let tested = try deals(["backtest", "--chart", chart, "--threshold", "20"]).json
    #expect(tested.alerts?.offers?.int == 2 * (tested.test?.products?.int ?? -1))
    #expect(try String(contentsOfFile: chart, encoding: .utf8).hasPrefix("<svg "))
    let points = try deals(["map", "--points", "40"]).json.points?.array ?? []
    #expect(points.count == 40 && points.allSatisfy { $0.x?.double != nil && $0.category?.string != nil })

    try dealsAreValuedByThem()

    let names = try FileManager.default.contentsOfDirectory(atPath: folder.data)
    let model = try #require(names.first { $0.hasPrefix("prices-") })
    try folder.write("data/\(model)", "no model")
    let damaged = try deals(asked)
    #expect(damaged.status == 1 && damaged.errors.contains("train it again"))
  }

  /// The demonstration, without model or network: every deal has its estimate, its evidence and its reason, and told is
  /// what the rules of an alert tell.
  private func dealsAreValuedByThem() throws {
    let feed = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../corpus/deals/sample-feed.xml").path
    let report = try deals(["run", "--feed", feed]).json
    let found = report.deals?.array ?? []
    // The guitar game in pounds is refused: the catalogue is in dollars.
    #expect(found.count == report.found?.int && found.count >= 4 && found.allSatisfy { $0.currency?.string == "USD" })
    #expect(found.allSatisfy { $0.estimate?.double != nil && $0.reason?.string?.isEmpty == false })
    let discounts = found.compactMap { $0.discount?.double }
    #expect(discounts == discounts.sorted(by: >))
    let tellable = found.filter { deal in
      (deal.discount?.double ?? 0) > 50
        && (deal.interval?.array?.first?.double ?? 0) > (deal.deal?.price?.double ?? .infinity)
    }
    #expect(found.filter { $0.alerted?.bool == true }.count == min(1, tellable.count))
    #expect(report.alerted?.int == min(1, tellable.count) && report.sent?.int == report.alerted?.int)
    let shown = try deals(["show", try #require(found.first?.id?.string)]).json
    #expect(shown.comparables?.array?.count == 5 && shown.missing?.array?.isEmpty == true)
    #expect(shown.parts?.specialist?.double != nil && shown.evidence?.title?.string?.isEmpty == false)
    #expect(try deals(["run", "--feed", feed]).json.found?.int == 0)
  }

  @Test func whoLooksForDocumentsFindsNoProducts() throws {
    let note = try folder.write("note.txt", "The kettle in the kitchen is descaled every month.")
    #expect(try Binary.run(["add", note], data: folder.data).status == 0)
    #expect(try importing(folder.write("shop.csv", csv)).json.added?.int == 2)
    func json(_ arguments: [String]) throws -> JSON {
      try JSON(parsing: Binary.run(arguments + ["--json"], data: folder.data).output)
    }
    #expect(try json(["search", "kettle"]).results?.array?.map { $0.filename?.string } == ["note.txt"])
    #expect(try found("kettle", "price > 0").count == 2)
    #expect(try json(["list"]).documents?.array?.count == 1)
    let figures = try json(["stats"])
    #expect(figures.unique_documents?.int == 1)
    let products = figures.collections?.array?.first { $0.name?.string == "products" }
    #expect(products?.records?.int == 2 && products?.documents?.int == 0)
    // Products that were put among documents stay where whoever put them there looks.
    #expect(try importing(folder.write("shop.csv", csv), ["--collection", "default"]).json.added?.int == 2)
    #expect(try json(["search", "steel kettle"]).results?.array?.count ?? 0 >= 2)
  }

  @Test func theSampleCatalogueIsWhole() throws {
    let lines = try String(contentsOfFile: Self.sample, encoding: .utf8).split(separator: "\n")
    let products = try lines.map { try JSON(parsing: String($0)) }
    #expect(products.count >= 500)
    #expect(Set(products.compactMap { $0.category?.string }).count == 8)
    #expect(Set(products.compactMap { $0.id?.string }).count == products.count)
    #expect(products.allSatisfy { ($0.price?.double ?? 0) > 0 })
  }
}
