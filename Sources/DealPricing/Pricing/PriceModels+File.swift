// Price models on disk: written beside and moved into place, checked by their sum when read.
package import Base
import Foundation

package struct PriceModelFailure: Failure, Equatable {
  package enum Code: String, Sendable {
    case damaged
    case otherVersion = "other_version"
  }

  package let reason: Code
  package let path: String

  package var kind: FailureKind { .corruption }
  package var code: String { "price_model_\(reason.rawValue)" }
  package var message: String {
    switch reason {
    case .damaged: "the price model '\(path)' is damaged"
    case .otherVersion: "the price model '\(path)' is of another version of Footnote"
    }
  }
  package var hint: String { "train it again: footnote deals train" }
}

extension PriceModels {
  private static let magic: [UInt8] = Array("FNPRICES".utf8)
  private static let version: UInt32 = 4
  private static let sumBytes = 32

  package var bytes: [UInt8] {
    var writer = ModelWriter()
    for byte in Self.magic { writer.write(byte) }
    writer.write(Self.version)
    writer.write(fingerprint)
    writer.write(sources)
    writer.write(UInt32(columns.dimension))
    writer.write(columns.attributes) { $0.write($1) }
    writer.write(words.intercept)
    writer.write(words.weights) { $0.write($1) }
    writer.write(words.rarity) { $0.write($1) }
    writer.write(UInt32(agreement.learnedFrom))
    writer.write(agreement.halves, each: Self.write)
    Self.write(&writer, specialist)
    Self.write(forest.ranges, to: &writer)
    writer.write(forest.trees, each: Self.write)
    Self.write(witnesses.ranges, to: &writer)
    writer.write(witnesses.trees, each: Self.write)
    writer.write(ensemble.choice.comparablesWeight)
    writer.write(ensemble.choice.reach)
    writer.write(ensemble.regression.coefficients) { $0.write($1) }
    writer.write(ensemble.width)
    return writer.bytes + SHA256Digest(of: writer.bytes).bytes
  }

  package init(bytes: [UInt8], path: String) throws(PriceModelFailure) {
    let head = Self.magic.count + 4
    guard bytes.count > head + Self.sumBytes, bytes.starts(with: Self.magic) else {
      throw PriceModelFailure(reason: .damaged, path: path)
    }
    let body = bytes.dropLast(Self.sumBytes)
    guard SHA256Digest(of: body).bytes == Array(bytes.suffix(Self.sumBytes)) else {
      throw PriceModelFailure(reason: .damaged, path: path)
    }
    var reader = ModelReader(body.dropFirst(Self.magic.count))
    do {
      guard try reader.number(UInt32.self) == Self.version else {
        throw PriceModelFailure(reason: .otherVersion, path: path)
      }
      self = try Self.read(&reader)
      guard reader.isAtEnd, isSound else { throw PriceModelFailure(reason: .damaged, path: path) }
    } catch let failure as PriceModelFailure {
      throw failure
    } catch {
      throw PriceModelFailure(reason: .damaged, path: path)
    }
  }

  private static func read(_ reader: inout ModelReader) throws(ModelReader.Cut) -> PriceModels {
    let fingerprint = try reader.text()
    let sources = try reader.text()
    let dimension = Int(try reader.number(UInt32.self))
    let attributes = try reader.list(width: 4) { reader throws(ModelReader.Cut) in try reader.text() }
    let intercept = try reader.float()
    let weights = try floats(&reader)
    let rarity = try floats(&reader)
    guard weights.count == HashedWords.placeCount, rarity.count == weights.count else { throw ModelReader.Cut() }
    let learnedFrom = Int(try reader.number(UInt32.self))
    let halves = try reader.list(width: 16) { reader throws(ModelReader.Cut) in try boosted(&reader) }
    let specialist = try boosted(&reader)
    let forestRanges = try ranges(&reader)
    let forestTrees = try trees(&reader)
    let witnessRanges = try ranges(&reader)
    let witnessTrees = try trees(&reader)
    let choice = PriceChoice(comparablesWeight: try reader.double(), reach: try reader.double())
    let coefficients = try reader.list(width: 8) { reader throws(ModelReader.Cut) in try reader.double() }
    let width = try reader.double()
    return PriceModels(
      columns: ProductColumns(dimension: dimension, attributes: attributes),
      words: WordRegression(intercept: intercept, weights: weights, rarity: rarity),
      agreement: PriceAgreement(halves: halves, learnedFrom: learnedFrom), specialist: specialist,
      forest: RandomForest(ranges: forestRanges, trees: forestTrees),
      witnesses: RandomForest(ranges: witnessRanges, trees: witnessTrees),
      ensemble: PriceEnsemble(
        regression: LinearRegression(coefficients: coefficients), choice: choice, width: width),
      fingerprint: fingerprint, sources: sources)
  }

  /// What a sum cannot promise: that the parts fit each other, so that no estimate walks out of an array.
  private var isSound: Bool {
    let pairColumns = PriceComparison.columnCount(attributes: columns.attributes.count)
    return agreement.halves.count == 2 && agreement.halves.allSatisfy { $0.isSound(columns: pairColumns) }
      && specialist.isSound(columns: columns.count) && !forest.trees.isEmpty
      && forest.ranges.columnCount == columns.dimension
      && !witnesses.trees.isEmpty && witnesses.ranges.columnCount == columns.count && witnesses.ranges.isSound
      && witnesses.trees.allSatisfy { $0.isSound(columns: columns.count) }
      && forest.trees.allSatisfy { $0.isSound(columns: columns.dimension) }
      && forest.ranges.isSound && ensemble.width.isFinite
  }

  private static func floats(_ reader: inout ModelReader) throws(ModelReader.Cut) -> [Float] {
    try reader.list(width: 4) { reader throws(ModelReader.Cut) in try reader.float() }
  }

  private static func write(_ writer: inout ModelWriter, _ boosted: BoostedTrees) {
    write(boosted.ranges, to: &writer)
    writer.write(boosted.base)
    writer.write(boosted.learningRate)
    writer.write(boosted.runs) { writer, run in writer.write(run.trees, each: Self.write) }
  }

  private static func boosted(_ reader: inout ModelReader) throws(ModelReader.Cut) -> BoostedTrees {
    BoostedTrees(
      ranges: try ranges(&reader), base: try reader.float(), learningRate: try reader.float(),
      runs: try reader.list(width: 4) { reader throws(ModelReader.Cut) in
        BoostedTrees.Run(trees: try trees(&reader))
      })
  }

  private static func write(_ ranges: ColumnRanges, to writer: inout ModelWriter) {
    writer.write(ranges.bounds) { writer, bounds in writer.write(bounds) { $0.write($1) } }
  }

  private static func ranges(_ reader: inout ModelReader) throws(ModelReader.Cut) -> ColumnRanges {
    ColumnRanges(bounds: try reader.list(width: 4) { reader throws(ModelReader.Cut) in try floats(&reader) })
  }

  private static func write(_ writer: inout ModelWriter, _ tree: RegressionTree) {
    writer.write(tree.nodes) { writer, node in
      writer.write(node.column)
      writer.write(node.code)
      writer.write(node.left)
      writer.write(node.value)
    }
    writer.write(tree.samples) { $0.write($1) }
  }

  private static func trees(_ reader: inout ModelReader) throws(ModelReader.Cut) -> [RegressionTree] {
    try reader.list(width: 8) { reader throws(ModelReader.Cut) in
      RegressionTree(
        nodes: try reader.list(width: 13) { reader throws(ModelReader.Cut) in
          RegressionTree.Node(
            column: try reader.number(), code: try reader.number(), left: try reader.number(),
            value: try reader.float())
        }, samples: try floats(&reader))
    }
  }
}
