// Records, vectors and folders for the tests of this room; everything from one seed.
import Base

@testable import Retrieval

#if canImport(Glibc)
  import Glibc
#endif

func unitVector(_ dimension: Int, _ random: inout SeededRandom) -> [Float] {
  normalised((0..<dimension).map { _ in Float.random(in: -1...1, using: &random) })
}

func normalised(_ vector: [Float]) -> [Float] {
  let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
  return vector.map { $0 / length }
}

let sampleWords = [
  "leave", "travel", "invoice", "password", "harassment", "pension", "office", "salary", "holiday",
  "contract",
  "notice", "supplier", "delivery", "refund", "warranty", "audit", "kitchen", "parking", "training",
  "insurance",
]

func sampleRecord(_ id: Int64, dimension: Int, _ random: inout SeededRandom) -> Record {
  let words = (0..<Int.random(in: 3...12, using: &random)).map { _ in
    sampleWords.randomElement(using: &random) ?? ""
  }
  var fields: [String: FieldValue] = [
    "dept": .text(["HR", "IT", "Sales"].randomElement(using: &random) ?? ""),
    "price": .number(Double(Int.random(in: 0..<100, using: &random))),
  ]
  if Bool.random(using: &random) { fields["until"] = .date(Double.random(in: 0..<2e9, using: &random)) }
  if Bool.random(using: &random) {
    fields["tags"] = .list((0..<Int.random(in: 0...3, using: &random)).map { "t\($0)" })
  }
  return Record(
    id: id, text: words.joined(separator: " "), vector: unitVector(dimension, &random), fields: fields,
    group: id / 4)
}

func sampleIndex(_ count: Int, dimension: Int = 16, seed: UInt64 = 1) throws -> (RetrievalIndex, [Record]) {
  var random = SeededRandom(seed: seed)
  let records = (0..<count).map { sampleRecord(Int64($0), dimension: dimension, &random) }
  let index = RetrievalIndex(dimension: dimension)
  try index.apply(add: records, remove: [])
  return (index, records)
}

/// A folder of its own, gone when the owner is.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/footnote-retrieval-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else {
      throw RetrievalFailure.snapshotUnwritable(path: "/tmp", cause: "no folder")
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    // Only flat folders are made here.
    guard let folder = unsafe opendir(path) else { return }
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name != ".", name != ".." { unsafe unlink(path + "/" + name) }
    }
    unsafe closedir(folder)
    unsafe rmdir(path)
  }
}

func readFile(_ path: String) -> [UInt8] {
  guard let file = unsafe fopen(path, "rb") else { return [] }
  defer { unsafe fclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = unsafe fread(&chunk, 1, chunk.count, file)
    if count == 0 { return bytes }
    bytes.append(contentsOf: chunk[..<count])
  }
}

func writeFile(_ path: String, _ bytes: some Collection<UInt8>) {
  guard let file = unsafe fopen(path, "wb") else { return }
  let contiguous = Array(bytes)
  unsafe fwrite(contiguous, 1, contiguous.count, file)
  unsafe fclose(file)
}

func indexed(_ records: [Record], dimension: Int) throws -> RetrievalIndex {
  let index = RetrievalIndex(dimension: dimension)
  try index.apply(add: records, remove: [])
  return index
}
