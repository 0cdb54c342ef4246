// Where the tests find the model and the reference. Tests that need the model are skipped where `make run` has not
// fetched it yet.
import Embedding
import Foundation
import Testing
import Vectors

enum Model {
  static let directory: String = {
    let environment = ProcessInfo.processInfo.environment
    if let named = environment["FOOTNOTE_MODEL"] { return named }
    let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
    return cache + "/footnote/models/all-MiniLM-L6-v2"
  }()

  static var isHere: Bool { FileManager.default.fileExists(atPath: directory + "/model.safetensors") }

  static func load(_ precision: Precision, threads: Int = 1, kernels: KernelSet? = nil) throws -> MiniLM {
    try MiniLM(modelDirectory: directory, precision: precision, threads: threads, kernels: kernels)
  }
}

extension Trait where Self == ConditionTrait {
  static var needsModel: Self {
    .enabled(if: Model.isHere, "the embedding model is not in \(Model.directory): `make run` fetches it")
  }
}

/// Texts with the token ids and vectors that the reference gives (Tests/Fixtures/embedding/make_fixture.py).
struct Reference {
  struct Row: Decodable {
    let text: String
    let ids: [UInt32]
  }

  let rows: [Row]
  let vectors: [Float]
  static let dimension = 384

  init() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/embedding")
    rows = try JSONDecoder().decode([Row].self, from: Data(contentsOf: folder.appending(path: "texts.json")))
    let bytes = try Data(contentsOf: folder.appending(path: "vectors.f32"))
    vectors = stride(from: 0, to: bytes.count, by: 4).map { offset in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) })
    }
  }

  var texts: [String] { rows.map(\.text) }

  func cosine(_ row: Int, _ vector: ArraySlice<Float>) -> Double {
    zip(vectors[row * Self.dimension..<(row + 1) * Self.dimension], vector)
      .reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}
