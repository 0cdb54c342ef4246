// A library for tests: a folder of its own, a small embedder that needs no model, a clock that stands still until told,
// and chance that is none.
import Base
import Embedding
import Foundation
import Ingest
import Store
import Synchronization

@testable import KnowledgeBase

final class TestLibrary {
  let folder = TestFolder()
  let clock = ManualClock()
  private let random = CountingRandom()
  private(set) var library: Library

  /// The small embedder's similarities are lower than a model's, and so is what an answer must reach.
  init(embedder: any Embedder = WordsEmbedder(), confidenceMin: Double = 0.05) throws {
    library = try TestLibrary.open(folder.path, embedder, clock, random, confidenceMin)
  }

  private static func open(
    _ path: String, _ embedder: any Embedder, _ clock: ManualClock, _ random: CountingRandom,
    _ confidenceMin: Double = 0.05
  ) throws -> Library {
    var settings = LibrarySettings()
    settings.answerConfidenceMin = confidenceMin
    return try Library(
      directory: DataDirectory(path: path), embedder: embedder, answering: WordsEmbedder(),
      extractor: PlainExtractor(), settings: settings,
      clock: clock, random: random)
  }

  /// Closes and opens again, as a restart does; `saving` as an orderly one.
  func restart(saving: Bool, embedder: any Embedder = WordsEmbedder()) throws {
    if saving { _ = library.saveIndexes() }
    let path = folder.path
    let (clock, random) = (self.clock, self.random)
    // The lock goes with the library.
    library = try {
      library = try TestLibrary.open(path + "-elsewhere", WordsEmbedder(), clock, random)
      return try TestLibrary.open(path, embedder, clock, random)
    }()
  }

  @discardableResult
  func add(
    _ text: String, named name: String, path: String? = nil, collection: String = Library.defaultCollection,
    metadata: JSON = [:]
  ) throws -> AddOutcome {
    try library.add(
      Incoming(bytes: Array(text.utf8), filename: name, path: path, collection: collection, metadata: metadata))
  }

  func filenames(_ query: String, _ change: (inout SearchQuestion) -> Void = { _ in }) throws -> [String] {
    var question = SearchQuestion(query)
    change(&question)
    var seen: [String] = []
    for passage in try library.search(question).passages where !seen.contains(passage.filename) {
      seen.append(passage.filename)
    }
    return seen
  }
}

/// Reads everything as plain text; a text that begins with "FAIL" is one that cannot be read, one that begins with
/// "PACK" an archive with a line 'name=content' a member, "DOLL" an archive that holds itself, and "PAGE" one whose
/// further lines are a page each; a page "SCAN" is a picture that could not be read.
struct PlainExtractor: Extractor {
  func extract(_ bytes: [UInt8], filename: String, declaredType: String?) throws -> Document {
    if bytes.starts(with: "DOLL".utf8) {
      var document = Document(text: "", format: .zip)
      document.members = [ArchiveMember(name: "doll", bytes: bytes)]
      return document
    }
    if bytes.starts(with: "PACK".utf8) {
      var document = Document(text: "", format: .zip)
      document.members = String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst().map { line in
        let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
        let failure = parts.count == 1 ? IngestFailure(.archiveEncrypted, "locked") : nil
        return ArchiveMember(name: parts[0], bytes: Array((parts.last ?? "").utf8), failure: failure)
      }
      return document
    }
    if bytes.starts(with: "PAGE".utf8) {
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst()
      var document = Document(text: lines.joined(separator: "\n"), format: .pdf)
      var start = 0
      for (index, line) in lines.enumerated() {
        let end = start + line.unicodeScalars.count
        document.pages.append(
          PageSpan(number: index + 1, label: nil, start: start, end: end, width: 595, height: 842))
        document.blocks.append(Block(kind: .paragraph, start: start, end: end, page: index + 1))
        document.coverage.append(
          PartCoverage(part: "page \(index + 1)", kind: line == "SCAN" ? .imageOnly : .text))
        start = end + 1
      }
      return document
    }
    if bytes.starts(with: "FAIL".utf8) { throw PlainFailure(.unprocessable, "damaged", "the file is damaged") }
    return try Extraction.extract(bytes, filename: "\(filename).txt", declaredType: nil)
  }

  func renderPage(pdf: [UInt8], page: Int, highlights: [Rectangle]) throws -> [UInt8] { [] }
}

/// Texts that share words are near each other: each word has a direction drawn from its letters.
struct WordsEmbedder: Embedder {
  var identity = EmbedderIdentity(name: "words", fingerprint: "1", dimension: 32)
  let windowTokens = 256

  func tokenCount(_ text: String) -> Int { text.split { $0.isWhitespace }.count }

  func embed(_ texts: [String]) throws -> EmbeddingBatch {
    var vectors: [Float] = []
    for text in texts {
      var sum = [Float](repeating: 0, count: identity.dimension)
      for word in text.lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
        var random = SeededRandom(seed: word.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
        for index in sum.indices { sum[index] += Float.random(in: -1...1, using: &random) }
      }
      let length = max(sum.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-6)
      vectors += sum.map { $0 / length }
    }
    return EmbeddingBatch(
      dimension: identity.dimension, vectors: vectors, tokensCut: [Int](repeating: 0, count: texts.count))
  }
}

/// Counts who asked for vectors, and the tokens of the longest text.
final class HastyEmbedder: Embedder {
  private let words = WordsEmbedder()
  private let counts = Mutex((urgent: 0, patient: 0, longest: 0))

  var seen: (urgent: Int, patient: Int, longest: Int) { counts.withLock { $0 } }

  var identity: EmbedderIdentity { words.identity }
  var windowTokens: Int { words.windowTokens }
  func tokenCount(_ text: String) -> Int { words.tokenCount(text) }

  func embed(_ texts: [String]) throws -> EmbeddingBatch { try embed(texts, isUrgent: false) }

  func embed(_ texts: [String], isUrgent: Bool) throws -> EmbeddingBatch {
    counts.withLock {
      if isUrgent { $0.urgent += 1 } else { $0.patient += 1 }
      $0.longest = max($0.longest, texts.map(words.tokenCount).max() ?? 0)
    }
    return try words.embed(texts)
  }
}

final class ManualClock: Clock {
  private let seconds = Mutex(1_700_000_000.0)

  func advance(_ by: Double) { seconds.withLock { $0 += by } }
  func wallSeconds() -> Double { seconds.withLock { $0 } }
  func monotonicSeconds() -> Double { seconds.withLock { $0 } }
}

final class CountingRandom: RandomSource {
  private let next = Mutex<UInt64>(0)

  func bytes(_ count: Int) -> [UInt8] {
    next.withLock { next in
      next += 1
      return (0..<count).map { UInt8(truncatingIfNeeded: next >> UInt64($0 % 8 * 8)) }
    }
  }
}

final class TestFolder: Sendable {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "footnote-kb-\(UUID().uuidString)"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
    try? FileManager.default.removeItem(atPath: path + "-elsewhere")
  }

  /// The files below the folder that hold the text.
  func filesHolding(_ text: String) -> [String] {
    let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
    return names.filter { name in
      (FileManager.default.contents(atPath: "\(path)/\(name)") ?? Data()).range(of: Data(text.utf8)) != nil
    }
  }
}
