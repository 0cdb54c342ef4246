// Catalogues as they come: in any pieces, with any quoting, with rows that are wrong; and prices as shops write them.
import Base
import Testing

@testable import DealPricing

@Suite struct CatalogueTests {
  private func records(_ text: String, _ format: CatalogueFormat, piece: Int, bytesMax: Int = 1_000) -> [RawRecord] {
    var splitter = RecordSplitter(format, bytesMax: bytesMax)
    let bytes = Array(text.utf8)
    var found: [RawRecord] = []
    for start in stride(from: 0, to: bytes.count, by: piece) {
      found += splitter.take(bytes[start..<min(bytes.count, start + piece)])
    }
    return found + splitter.finish()
  }

  private func read(_ text: String, _ format: CatalogueFormat, columns: CatalogueColumns = .init())
    -> (products: [CatalogueProduct], bad: [BadRow])
  {
    var reader = CatalogueReader(format: format, columns: columns, currency: nil)
    var products: [CatalogueProduct] = []
    var bad: [BadRow] = []
    for raw in records(text, format, piece: 7) {
      do throws(BadRow) { if let product = try reader.read(raw) { products.append(product) } } catch {
        bad.append(error)
      }
    }
    return (products, bad)
  }

  @Test(arguments: [1, 2, 3, 5, 64])
  func piecesChangeNothing(piece: Int) {
    let csv = "\u{FEFF}title,price\r\n\"a, \"\"b\"\"\nc\",1\r\n\r\n55\" TV,2\r\nlast,3"
    let found = records(csv, .csv, piece: piece)
    #expect(found.map(\.line) == [1, 2, 5, 6])
    #expect(found.map { String(decoding: $0.bytes, as: UTF8.self) }[1] == "\"a, \"\"b\"\"\nc\",1\r")
    let json = " [ {\"a\":\"]},\\\"{\",\n\"b\":[1,{}]} ,\n{\"a\":2}]\n"
    #expect(records(json, .json, piece: piece).map(\.line) == [1, 3])
    #expect(records("{\"a\":1}\n\n{\"a\":2}", .jsonl, piece: piece).map(\.line) == [1, 3])
  }

  @Test func aLongRecordIsCutAndTheNextIsFound() {
    let found = records("a\n" + String(repeating: "x", count: 5_000) + "\nb\n", .jsonl, piece: 100)
    #expect(found.map(\.isTooLong) == [false, true, false])
    #expect(found[1].bytes.count == 1_000 && found[2].line == 3)
  }

  @Test func anArrayWithoutItsEndIsTold() {
    #expect(read("[{\"title\":\"a\",\"price\":1},", .json).bad.map(\.reason) == ["it is no JSON object"])
    #expect(read("[{\"title\":\"a\",\"price\":1}", .json).products.count == 1)
  }

  @Test func quotedFieldsAndSignsForInches() {
    let (products, bad) = read("title;price;weight\n\"a; \"\"b\"\"\nc\";1,50;2\n55\" TV;2;\n\"\";3;1\n", .csv)
    #expect(products.map(\.product.title) == ["a; \"b\" c", "55\" TV"])
    #expect(products.map(\.product.price) == [1.5, 2])
    #expect(products[0].product.attributes == ["weight": 2])
    #expect(bad == [BadRow(line: 5, reason: "it has no title")])
  }

  @Test func measuresOfAProductAreItsSize() {
    func attributes(_ text: String) -> [String: Double] {
      CatalogueColumns().attributes(in: ["dimensions": .string(text)])
    }
    #expect(attributes("12 x 9.5 x 0.5 inches") == ["dimensions_size": 57])
    #expect(attributes("20cm × 30cm") == ["dimensions_size": 600])
    for text in ["", "2xUSB", "x", "XL", "3 x 0 x 2", "1 x 2 x 3 x 4", "10 x 20 pack of 3"] {
      #expect(attributes(text).isEmpty, "\(text)")
    }
  }

  @Test func badRowsAreToldAndTheOthersGoOn() {
    let (products, bad) = read(
      """
      {"title":"a","price":1}
      {"title":"b","price":"free"}
      {"title":"c"}
      {"title":"d","price":-4}
      {"title":
      {"title":"e","price":"€5","currency":"euro"}
      {"title":"f","price":"₹1,29,999.50","list_price":5}
      """, .jsonl)
    #expect(products.map(\.product.title) == ["a", "f"])
    #expect(products[1].currency == "INR" && products[1].product.price == 129_999.5)
    #expect(products[1].product.attributes.isEmpty)
    #expect(bad.map(\.line) == [2, 3, 4, 5, 6])
    #expect(bad[0].reason == "'free' is no price")
  }

  @Test func columnsAreFoundByNameOrByTheUsersWord() {
    let csv = "Name,Preis,price,SKU\nLamp,12.50,99,L1\n"
    let columns = CatalogueColumns(mapping: [.price: "Preis"])
    let (products, _) = read(csv, .csv, columns: columns)
    #expect(products.map(\.product.price) == [12.5])
    #expect(products.map(\.key) == ["L1"])
    let absent = CatalogueColumns(mapping: [.title: "Bezeichnung"])
    #expect(read(csv, .csv, columns: absent).bad.map(\.reason) == ["it has no column 'Bezeichnung'"])
    #expect(read("a,a\n1,2\n", .csv).bad.map(\.line).first == 1)
  }

  @Test(arguments: [
    ("1,299.99", 1_299.99), ("1.299,00 €", 1_299), ("$5", 5), ("USD 7.5", 7.5), ("1.299 €", 1_299), ("12.345", 12.345),
    ("1,299", 1_299), ("1 299,5", 1_299.5), ("Rs. 799", 799), ("0.999", 0.999), ("12,5", 12.5),
  ])
  func aPriceAsShopsWriteIt(text: String, amount: Double) {
    #expect(PriceField(text)?.amount == amount)
  }

  @Test(arguments: ["", "free", "5-10", "$", "1,2,3", "from $5", "3 x 5", "1e5", "NaN", "5 USD EUR"])
  func whatIsNoPriceIsRefused(text: String) {
    #expect(PriceField(text) == nil)
  }

  @Test func theFormatIsToldByNameAndOpening() {
    #expect(CatalogueFormat(filename: "a.csv", opening: Array("title".utf8)) == .csv)
    #expect(CatalogueFormat(filename: "a.json", opening: Array("{\"a\"".utf8)) == .jsonl)
    #expect(CatalogueFormat(filename: "a.txt", opening: Array(" [".utf8)) == .json)
    #expect(CatalogueFormat(filename: "a.jsonl", opening: []) == .jsonl)
  }
}
