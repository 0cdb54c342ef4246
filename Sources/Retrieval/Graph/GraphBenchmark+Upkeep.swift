// `bench ann --upkeep ROUNDS`: what filters, removals and long use do to recall, measured against the exact inner
// products of the vectors as given. The index ends as it began: what is removed is added again.
internal import Base

extension GraphBenchmark {
  /// One JSON object. `ef` candidates a search, on the first 200 queries.
  func upkeep(of index: VectorIndex, vectors: [Float], queries: [[Float]], rounds: Int, ef: Int) throws
    -> String
  {
    let queries = Array(queries.prefix(200))
    let count = vectors.count / dimension
    let exact = queries.map { query in (0..<count).map { product(query, vectors, row: $0) } }
    func figures(_ accept: SlotSet?, _ isThere: (Int) -> Bool) -> String {
      var hits = 0
      var wanted = 0
      let start = processorSeconds()
      let found = queries.map { index.search($0, k: k, ef: ef, accept: accept) }
      let seconds = (processorSeconds() - start) / Double(queries.count)
      for (results, scores) in zip(found, exact) {
        let best = best(scores, isThere)
        hits += results.count { best.contains(Int($0.slot)) }
        wanted += best.count
      }
      return "{\"recall10\":\(Double(hits) / Double(max(wanted, 1))),\"query_cpu_ms\":\(seconds * 1e3)}"
    }

    var fields = ["\"ef\":\(ef)", "\"all\":\(figures(nil) { _ in true })"]
    for share in [0.5, 0.1, 0.01, 0.001] {
      let limit = UInt64(share * Double(UInt64.max))
      let isThere = { (slot: Int) in drawn(slot) < limit }
      var accept = SlotSet(capacity: count)
      for slot in 0..<count where isThere(slot) { accept.insert(UInt32(slot)) }
      fields.append("\"filter_\(share)\":\(figures(accept, isThere))")
    }

    let gone = (0..<count).filter { drawn($0) & 1 == 0 }.map(UInt32.init)
    var start = processorSeconds()
    index.remove(slots: gone, threads: threads)
    fields.append("\"remove_half_cpu_s\":\(processorSeconds() - start)")
    fields.append("\"half\":\(figures(nil) { drawn($0) & 1 == 1 })")
    start = processorSeconds()
    add(gone, of: vectors, to: index)
    fields.append("\"add_half_cpu_s\":\(processorSeconds() - start)")
    fields.append("\"half_again\":\(figures(nil) { _ in true })")

    let before = (resident: residentMegabytes(), file: fileBytes(of: index), slabs: index.statistics.bytes)
    var random = SeededRandom(seed: 1)
    start = processorSeconds()
    for _ in 0..<rounds {
      let slots = (0..<max(count / 1_000, 1)).map { _ in UInt32.random(in: 0..<UInt32(count), using: &random)
      }
      let distinct = Set(slots).sorted()
      index.remove(slots: distinct, threads: threads)
      add(distinct, of: vectors, to: index)
    }
    let after = (resident: residentMegabytes(), file: fileBytes(of: index), slabs: index.statistics.bytes)
    fields.append("\"rounds\":\(rounds),\"rounds_cpu_s\":\(processorSeconds() - start)")
    fields.append("\"rounds_after\":\(figures(nil) { _ in true })")
    fields.append("\"resident_mb\":[\(before.resident),\(after.resident)]")
    fields.append(
      "\"file_bytes\":[\(before.file),\(after.file)],\"slab_bytes\":[\(before.slabs),\(after.slabs)]")
    return "{\(fields.joined(separator: ","))}"
  }

  private func add(_ slots: [UInt32], of vectors: [Float], to index: VectorIndex) {
    var rows: [Float] = []
    rows.reserveCapacity(slots.count * dimension)
    for slot in slots { rows += vectors[Int(slot) * dimension..<(Int(slot) + 1) * dimension] }
    index.add(slots: slots, vectors: rows, threads: threads)
  }

  private func fileBytes(of index: VectorIndex) -> Int {
    var size = 0
    unsafe index.write { size += $0.count }
    return size
  }

  private func best(_ scores: [Float], _ isThere: (Int) -> Bool) -> Set<Int> {
    Set(scores.indices.filter(isThere).sorted { scores[$0] > scores[$1] }.prefix(k))
  }

  private func product(_ query: [Float], _ vectors: [Float], row: Int) -> Float {
    var sums = SIMD8<Float>.zero
    let start = row * dimension
    for at in stride(from: 0, to: dimension - 7, by: 8) {
      var left = SIMD8<Float>.zero
      var right = SIMD8<Float>.zero
      for lane in 0..<8 {
        left[lane] = query[at + lane]
        right[lane] = vectors[start + at + lane]
      }
      sums += left * right
    }
    var sum = sums.sum()
    for at in dimension / 8 * 8..<dimension { sum += query[at] * vectors[start + at] }
    return sum
  }
}

/// Chance that belongs to a slot, the same in every run.
private func drawn(_ slot: Int) -> UInt64 {
  var random = SeededRandom(seed: UInt64(slot))
  return random.next()
}
