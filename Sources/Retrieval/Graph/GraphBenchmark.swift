// `bench ann`: builds an index from plain files and measures it, as JSON. Speaks two forms: `--data DIR` is the
// external-engine protocol of the peers' harness, `--vectors … --queries …` takes any files (row-major little-endian
// float32 and int32 without a header). It reads those files and writes nowhere but in `--tmp`.
package import Base

#if canImport(Glibc)
  import Glibc
#endif

package struct GraphBenchmark {
  private var vectorsPath = ""
  private var queriesPath = ""
  private var truthPath: String?
  private(set) var dimension = 384
  private(set) var k = 10
  private var m = 16
  private var efConstruction = 200
  private var efs = [10, 20, 40, 64, 100, 200, 400]
  private(set) var threads = 1
  private var queriesMax = Int.max
  private var temporary: String?
  private var upkeepRounds: Int?
  /// Where the index is kept from one run to the next, so that searches are measured without another build.
  private var indexPath: String?
  private let repetitions = 3
  private let clock: any Clock

  /// Arguments as after `bench ann` on the command line.
  package init(arguments: [String], clock: any Clock = SystemClock()) throws {
    self.clock = clock
    var rest = arguments[...]
    while let flag = rest.popFirst() {
      guard let value = rest.popFirst() else { throw usage("\(flag) needs a value") }
      switch flag {
      case "--data":
        vectorsPath = value + "/vectors.f32"
        queriesPath = value + "/queries.f32"
        truthPath = value + "/gt.i32"
        queriesMax = 1_000
      case "--vectors": vectorsPath = value
      case "--queries": queriesPath = value
      case "--truth": truthPath = value
      case "--tmp": temporary = value
      case "--index": indexPath = value
      case "--upkeep": upkeepRounds = try number(value, of: flag, 0...1_000_000)
      case "--dim": dimension = try number(value, of: flag, 1...4_096)
      case "--k": k = try number(value, of: flag, 1...Limits.candidatesMax)
      case "--m": m = try number(value, of: flag, 2...128)
      case "--ef-construction": efConstruction = try number(value, of: flag, 1...Limits.candidatesMax)
      case "--threads": threads = try number(value, of: flag, 1...256)
      case "--ef":
        efs = try value.split(separator: ",").map {
          try number(String($0), of: flag, 1...Limits.candidatesMax)
        }
      default: throw usage("unknown option \(flag)")
      }
    }
    guard !vectorsPath.isEmpty, !queriesPath.isEmpty else {
      throw usage("bench ann needs --data, or --vectors and --queries")
    }
  }

  package func run() throws -> String {
    let vectors = try readNumbers(vectorsPath, as: Float.self)
    let allQueries = try readNumbers(queriesPath, as: Float.self)
    let count = vectors.count / dimension
    let queriesGiven = allQueries.count / dimension
    guard count > 0, queriesGiven > 0 else { throw usage("no vectors of \(dimension) numbers") }
    let queries = (0..<min(queriesGiven, queriesMax)).map { row in
      Array(allQueries[row * dimension..<(row + 1) * dimension])
    }
    let truth = try truthPath.map { try readNumbers($0, as: Int32.self) }
    let truthColumns = (truth?.count ?? 0) / queriesGiven

    let residentBefore = residentMegabytes()
    let processorBefore = processorSeconds()
    let start = clock.monotonicSeconds()
    let index = try kept() ?? built(from: vectors, count: count)
    let buildSeconds = clock.monotonicSeconds() - start
    let buildProcessorSeconds = processorSeconds() - processorBefore
    let resident = residentMegabytes() - residentBefore
    // The vectors count on both sides of the difference only while they are here.
    withExtendedLifetime(vectors) {}
    let fileBytes = try keep(index)

    var curve: [String] = []
    for ef in efs {
      let found = queries.map { index.search($0, k: k, ef: ef) }
      var seconds: [Double] = []
      var processor: [Double] = []
      for _ in 0..<repetitions {
        let start = clock.monotonicSeconds()
        let processorStart = processorSeconds()
        for query in queries { _ = index.search(query, k: k, ef: ef) }
        seconds.append(clock.monotonicSeconds() - start)
        processor.append(processorSeconds() - processorStart)
      }
      seconds.sort()
      processor.sort()
      let calls = queries.prefix(300).map { query in
        let start = clock.monotonicSeconds()
        _ = index.search(query, k: k, ef: ef)
        return (clock.monotonicSeconds() - start) * 1e3
      }.sorted()
      let rate = seconds.map { Double(queries.count) / $0 }
      var fields = [
        "\"ef\":\(ef)", "\"qps\":\(rate[repetitions / 2])", "\"qps_min\":\(rate[repetitions - 1])",
        "\"qps_max\":\(rate[0])", "\"cpu_qps\":\(Double(queries.count) / processor[repetitions / 2])",
        "\"cpu_qps_max\":\(Double(queries.count) / processor[0])",
        "\"call_ms\":{\"p50\":\(calls[calls.count / 2]),\"p99\":\(calls[calls.count * 99 / 100])}",
      ]
      if let truth {
        fields.append("\"recall10\":\(recall(found, truth, columns: truthColumns))")
      }
      if let temporary {
        let path = "\(temporary)/footnote_ann_\(getpid())_\(ef).i32"
        try write(found, to: path)
        fields.append("\"ids_file\":\"\(path)\"")
      }
      curve.append("{\(fields.joined(separator: ","))}")
    }
    let statistics = index.statistics
    let upkeep = try upkeepRounds.map {
      try self.upkeep(of: index, vectors: vectors, queries: queries, rounds: $0, ef: 100)
    }
    return """
      {"engine":"footnote","n":\(count),"dim":\(dimension),"threads":\(threads),"M":\(m),"efc":\(efConstruction),\
      "build_s":\(buildSeconds),"build_cpu_s":\(buildProcessorSeconds),"build_per_s":\(Double(count) / buildSeconds),\
      "index_mb":\(resident),"file_mb":\(Double(fileBytes) / 1e6),"slab_mb":\(Double(statistics.bytes) / 1e6),\
      "levels":\(statistics.levels),"distances":\(statistics.distanceComputations),\
      "curve":[\(curve.joined(separator: ","))]\
      \(upkeep.map { ",\"upkeep\":\($0)" } ?? "")}
      """
  }

  private var options: GraphOptions {
    GraphOptions(dimension: dimension, m: m, efConstruction: efConstruction)
  }

  private func built(from vectors: [Float], count: Int) -> VectorIndex {
    let index = VectorIndex(options: options, reserve: count)
    unsafe vectors.withUnsafeBufferPointer { all in
      unsafe index.add(
        slots: (0..<count).map(UInt32.init),
        vectors: UnsafeBufferPointer(rebasing: all[0..<count * dimension]),
        threads: threads)
    }
    return index
  }

  private func kept() throws -> VectorIndex? {
    guard let indexPath, unsafe access(indexPath, R_OK) == 0 else { return nil }
    let bytes = try readNumbers(indexPath, as: UInt8.self)
    return unsafe try bytes.withUnsafeBytes { unsafe try VectorIndex(reading: $0, options: options) }
  }

  /// How many bytes the index takes in a file; writes them only where asked to.
  private func keep(_ index: VectorIndex) throws -> Int {
    let file = unsafe indexPath.flatMap { unsafe fopen($0, "wb") }
    defer { if let file = unsafe file { unsafe fclose(file) } }
    var size = 0
    unsafe index.write { piece in
      if let file = unsafe file { unsafe fwrite(piece.baseAddress, 1, piece.count, file) }
      size += piece.count
    }
    return size
  }

  private func recall(_ found: [[ScoredSlot]], _ truth: [Int32], columns: Int) -> Double {
    var hits = 0
    for (row, results) in found.enumerated() {
      let wanted = Set(truth[row * columns..<row * columns + min(k, columns)])
      hits += results.count { wanted.contains(Int32($0.slot)) }
    }
    return Double(hits) / Double(found.count * min(k, columns))
  }

  private func write(_ found: [[ScoredSlot]], to path: String) throws {
    guard let file = unsafe fopen(path, "wb") else { throw usage("cannot write \(path)") }
    defer { unsafe fclose(file) }
    for results in found {
      let ids = (0..<k).map { $0 < results.count ? Int32(results[$0].slot) : -1 }
      guard unsafe fwrite(ids, 4, k, file) == k else { throw usage("cannot write \(path)") }
    }
  }

  private func readNumbers<Number: BitwiseCopyable>(_ path: String, as type: Number.Type) throws -> [Number] {
    guard let file = unsafe fopen(path, "rb") else { throw usage("cannot read \(path)") }
    defer { unsafe fclose(file) }
    unsafe fseek(file, 0, SEEK_END)
    let count = unsafe ftell(file) / MemoryLayout<Number>.stride
    unsafe rewind(file)
    return unsafe [Number](unsafeUninitializedCapacity: count) { numbers, read in
      read = unsafe fread(numbers.baseAddress, MemoryLayout<Number>.stride, count, file)
    }
  }
}

private func usage(_ message: String) -> PlainFailure { PlainFailure(.usage, "bad_arguments", message) }

private func number(_ text: String, of flag: String, _ range: ClosedRange<Int>) throws -> Int {
  guard let value = Int(text), range.contains(value) else {
    throw usage("\(flag) takes a number from \(range.lowerBound) to \(range.upperBound)")
  }
  return value
}

func processorSeconds() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func residentMegabytes() -> Double {
  guard let file = unsafe fopen("/proc/self/statm", "r") else { return 0 }
  defer { unsafe fclose(file) }
  var text = [CChar](repeating: 0, count: 128)
  guard unsafe fgets(&text, 128, file) != nil else { return 0 }
  let fields = String(decoding: text.map(UInt8.init(bitPattern:)), as: UTF8.self).split(separator: " ")
  return fields.count > 1 ? (Double(fields[1]) ?? 0) * 4096 / 1e6 : 0
}
