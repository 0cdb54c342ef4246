// The flags of `products import`, read.
import Base
package import DealPricing

package enum ProductColumnFlags {
  /// `--column FIELD=NAME`, several times.
  package static func columns(_ pairs: [String]) throws -> CatalogueColumns {
    var mapping: [CatalogueColumns.Field: String] = [:]
    for pair in pairs {
      let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let field = CatalogueColumns.Field(rawValue: parts[0] == "id" ? "key" : parts[0]) else {
        throw PlainFailure(
          .usage, "bad_column", "--column takes FIELD=NAME, not '\(pair)'",
          hint: "the fields are title, description, category, price, url, brand, currency and id")
      }
      mapping[field] = parts[1]
    }
    return CatalogueColumns(mapping: mapping)
  }

  package static func format(_ name: String?) throws -> CatalogueFormat? {
    guard let name else { return nil }
    guard let format = CatalogueFormat(rawValue: name) else {
      throw PlainFailure(.usage, "bad_format", "'\(name)' is no format of catalogues", hint: "use csv, json or jsonl")
    }
    return format
  }

  package static func currency(_ code: String?) throws -> String? {
    guard let code = code?.uppercased() else { return nil }
    guard code.utf8.count == 3, code.utf8.allSatisfy({ (65...90).contains($0) }) else {
      throw PlainFailure(.usage, "bad_currency", "'\(code)' is no currency's code", hint: "use a code such as USD")
    }
    return code
  }
}
