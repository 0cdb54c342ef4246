// A model that is missing or damaged is told, never believed: what the weights' header says is checked before use.
import Embedding
import Foundation
import Testing

@Suite struct ModelFilesTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "model-\(UUID().uuidString)")

  private func load(weights: Data?, vocabulary: String? = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n") throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try weights?.write(to: folder.appending(path: "model.safetensors"))
    try vocabulary.map { Data($0.utf8) }?.write(to: folder.appending(path: "vocab.txt"))
    _ = try MiniLM(modelDirectory: folder.path, threads: 1)
  }

  private func file(headerLength: UInt64? = nil, _ header: String, bytes: Int = 64) -> Data {
    var data = Data()
    let length = headerLength ?? UInt64(header.utf8.count)
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      data.append(UInt8(truncatingIfNeeded: length >> shift))
    }
    return data + Data(header.utf8) + Data(count: bytes)
  }

  private func code(_ weights: Data?, vocabulary: String? = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n")
    -> String?
  {
    do {
      try load(weights: weights, vocabulary: vocabulary)
      return nil
    } catch let failure as EmbeddingFailure {
      #expect(failure.hint.contains("make run"))
      return failure.code
    } catch {
      return "\(error)"
    }
  }

  @Test func missingFilesSayHowToGetThem() {
    #expect(code(nil) == "model_missing")
    #expect(code(file("{}"), vocabulary: nil) == "model_missing")
  }

  @Test func damagedWeightsAreRefused() {
    let name = "embeddings.word_embeddings.weight"
    let damaged: [Data] = [
      Data(), Data(count: 8), Data(count: 4096),
      file(headerLength: .max, "{}"), file(headerLength: 1 << 40, "{}"), file(headerLength: 1 << 19, "{}"),
      file("not json"), file("[]"), file("{}"),
      file(#"{"\#(name)":{"dtype":"F32","shape":[6,384],"data_offsets":[0,9216]}}"#),
      file(#"{"\#(name)":{"dtype":"F32","shape":[6,384],"data_offsets":[-9216,0]}}"#),
      file(#"{"\#(name)":{"dtype":"F32","shape":[6,384],"data_offsets":[9216,0]}}"#),
      file(#"{"\#(name)":{"dtype":"F32","shape":[6,384],"data_offsets":[0,9223372036854775807]}}"#),
      file(#"{"\#(name)":{"dtype":"F16","shape":[6,384],"data_offsets":[0,4608]}}"#, bytes: 9216),
      file(#"{"\#(name)":{"dtype":"F32","shape":[384,6],"data_offsets":[0,9216]}}"#, bytes: 9216),
      file(#"{"\#(name)":{"dtype":"F32","shape":[6,384],"data_offsets":[]}}"#),
    ]
    for (index, weights) in damaged.enumerated() {
      #expect(code(weights) == "model_damaged", "case \(index)")
    }
  }
}
