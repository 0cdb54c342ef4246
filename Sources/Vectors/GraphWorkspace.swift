// What one thread needs to walk the graph, kept from walk to walk: visited bits, the candidate list, the coded query.
// The kernels' Swift face: all calls into C that read the graph start here. A workspace belongs to one thread at a
// time; it remembers nothing of a walk but the list that the walk left.
internal import CKernels

/// One level of the graph, as the kernels read it.
@safe package struct GraphLevel: Sendable {
  package let links: Slab<UInt32>
  package let firstPlace: Int
  package let stride: Int
  package let rowOf: Slab<UInt32>?
  package let degree: Int

  package init(links: Slab<UInt32>, firstPlace: Int = 0, stride: Int, rowOf: Slab<UInt32>?, degree: Int) {
    precondition(degree <= GraphLevel.degreeMax)
    self.links = links
    self.firstPlace = firstPlace
    self.stride = stride
    self.rowOf = rowOf
    self.degree = degree
  }

  package static let degreeMax = 256
  package static let noLink = UInt32.max

  package func row(_ slot: UInt32) -> UnsafeMutablePointer<UInt32> {
    let row = rowOf.map { unsafe Int(fn_link_load($0.base + Int(slot))) } ?? Int(slot)
    return unsafe links.base + firstPlace + row * stride
  }

  /// Calls with each slot that the row leads to.
  package func forEachLink(of slot: UInt32, _ body: (UInt32) -> Void) {
    let places = unsafe row(slot)
    for place in 0..<degree {
      let link = unsafe fn_link_load(places + place)
      if link != GraphLevel.noLink { body(link) }
    }
  }

  /// Publishes a row; a walk meanwhile sees old links, new ones or some of both.
  package func setLinks(of slot: UInt32, to links: some Collection<UInt32>) {
    precondition(links.count <= degree)
    let places = unsafe row(slot)
    var place = 0
    for link in links {
      unsafe fn_link_store(places + place, link)
      place += 1
    }
    while place < degree {
      unsafe fn_link_store(places + place, GraphLevel.noLink)
      place += 1
    }
  }
}

/// Bits that a writer sets while readers look.
package enum SharedBits {
  package static func set(_ bits: Slab<UInt64>, _ slot: UInt32) { unsafe fn_bit_set(bits.base, slot) }
  package static func clear(_ bits: Slab<UInt64>, _ slot: UInt32) { unsafe fn_bit_clear(bits.base, slot) }
  package static func word(_ bits: Slab<UInt64>, _ index: Int) -> UInt64 {
    unsafe fn_bits_load(bits.base + index)
  }
  package static func contains(_ bits: Slab<UInt64>, _ slot: UInt32) -> Bool {
    word(bits, Int(slot >> 6)) >> UInt64(slot & 63) & 1 != 0
  }
}

/// A slot and its score in a candidate list.
package struct Candidate: Equatable, Sendable {
  package let slot: UInt32
  package let score: Float
}

@safe package final class GraphWorkspace {
  package let codes: CodedVectors
  private let kernels: UnsafePointer<fn_graph_kernels>
  private let query: UnsafeMutablePointer<Int8>
  private let rows: UnsafeMutablePointer<Int8>
  private let fine: UnsafeMutablePointer<Int16>
  private let touched: UnsafeMutablePointer<UInt32>
  private let list: UnsafeMutablePointer<UInt64>
  private var visited: UnsafeMutablePointer<UInt64>?
  private var visitedWords = 0
  private var codeQuery = unsafe fn_code_query()
  private var fineQuery = unsafe fn_fine_query()
  package private(set) var count = 0
  private var distances: UInt64 = 0

  package static let listMax = 1 << 13
  private static let touchedMax = 1 << 14

  package init(codes: CodedVectors, instructions: InstructionSet = .current) {
    self.codes = codes
    unsafe kernels = fn_graph_kernels_for(instructions.isa)
    unsafe query = GraphWorkspace.aligned(codes.codeStride)
    unsafe rows = GraphWorkspace.aligned(codes.codeStride * GraphLevel.degreeMax)
    unsafe fine = GraphWorkspace.aligned(codes.codeStride)
    unsafe touched = GraphWorkspace.aligned(GraphWorkspace.touchedMax)
    unsafe list = GraphWorkspace.aligned(GraphWorkspace.listMax)
  }

  deinit {
    unsafe query.deallocate()
    unsafe rows.deallocate()
    unsafe fine.deallocate()
    unsafe touched.deallocate()
    unsafe list.deallocate()
    unsafe visited?.deallocate()
  }

  private static func aligned<T>(_ count: Int) -> UnsafeMutablePointer<T> {
    unsafe UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<T>.stride, alignment: 64)
      .bindMemory(to: T.self, capacity: count)
  }

  /// Products computed since it was last asked.
  package func takeDistances() -> UInt64 {
    defer { distances = 0 }
    return distances
  }

  /// Slots below it are those that a walk may meet.
  package func prepare(bound: Int) {
    let words = (bound + 63) / 64
    guard words > visitedWords else { return }
    unsafe visited?.deallocate()
    visitedWords = max(words, visitedWords * 2, 64)
    unsafe visited = GraphWorkspace.aligned(visitedWords)
    unsafe visited?.initialize(repeating: 0, count: visitedWords)
  }

  package func setQuery(_ vector: UnsafeBufferPointer<Float>) {
    precondition(vector.count == codes.dimension)
    unsafe codeQuery = fn_code_query_of_vector(vector.baseAddress, codes.dimension, codes.codeStride, query)
    unsafe fineQuery = fn_fine_query_of_vector(vector.baseAddress, codes.dimension, codes.codeStride, fine)
  }

  package func setQuery(slot: UInt32) {
    var slab = unsafe codes.view
    unsafe codeQuery = fn_code_query_of_row(&slab, slot, query)
  }

  // MARK: The candidate list, best first

  package func candidate(_ index: Int) -> Candidate {
    precondition(index < count)
    return unsafe Candidate(slot: fn_entry_slot(list[index]), score: fn_entry_score(list[index]))
  }

  package func isAccepted(_ index: Int) -> Bool {
    precondition(index < count)
    return unsafe list[index] & UInt64(FN_ENTRY_ACCEPTED) != 0
  }

  package func clear() { count = 0 }

  /// Drops from the list what was walked through but not accepted, and one slot besides.
  package func keepAccepted(except slot: UInt32) {
    var kept = 0
    for index in 0..<count {
      let entry = unsafe list[index]
      guard entry & UInt64(FN_ENTRY_ACCEPTED) != 0, fn_entry_slot(entry) != slot else { continue }
      unsafe list[kept] = entry
      kept += 1
    }
    count = kept
  }

  /// Folds slots, scored against the query, into the list of the `keep` best.
  package func fold(_ slots: UnsafeBufferPointer<UInt32>, keep: Int) {
    precondition(keep < GraphWorkspace.listMax && keep > 0)
    guard slots.count > 0 else { return }
    var slab = unsafe codes.view
    var query = unsafe codeQuery
    count = unsafe kernels.pointee.scan(
      &slab, &query, slots.baseAddress, slots.count, list, min(count, keep), keep)
    distances += UInt64(slots.count)
  }

  // MARK: Walks

  package func descend(_ level: GraphLevel, from entry: UInt32, bound: Int) -> UInt32 {
    var view = unsafe cLevel(level, bound: bound)
    var query = unsafe codeQuery
    return unsafe kernels.pointee.descend(&view, &query, entry, &distances)
  }

  /// False when it gave up: the list is then of no use.
  package func walk(
    _ level: GraphLevel, from entry: UInt32, ef: Int, bound: Int, alive: Slab<UInt64>? = nil,
    filter: UnsafeBufferPointer<UInt64>? = nil, filterBound: Int = 0, distancesMax: UInt64 = .max
  ) -> Bool {
    precondition(ef > 0 && ef + 2 < GraphWorkspace.listMax && bound <= visitedWords * 64 && entry < bound)
    var view = unsafe cLevel(level, bound: bound)
    var query = unsafe codeQuery
    var accept = unsafe fn_graph_accept(
      alive: alive?.base, filter: filter?.baseAddress, filter_bound: UInt32(filterBound))
    var scratch = unsafe fn_graph_scratch(
      visited: visited, visited_words: visitedWords, touched: touched, touched_max: GraphWorkspace.touchedMax,
      list: list, list_max: GraphWorkspace.listMax, distances: 0)
    let found = unsafe kernels.pointee.walk(&view, &query, &accept, entry, ef, distancesMax, &scratch)
    unsafe distances += scratch.distances
    count = found == Int.max || found < 0 ? 0 : found
    return count > 0
  }

  /// A bit a slot below the bound: what the level's links lead to from the entry.
  package func reach(_ level: GraphLevel, from entry: UInt32, bound: Int) -> [UInt64] {
    precondition(entry < bound)
    var view = unsafe cLevel(level, bound: bound)
    var reached = [UInt64](repeating: 0, count: (bound + 63) / 64)
    unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: bound) { queue in
      _ = unsafe fn_graph_reach(&view, entry, &reached, queue.baseAddress)
    }
    return reached
  }

  /// Of the slots those that are alive and have a link to one that is not.
  package func hurt(_ level: GraphLevel, among slots: [UInt32], alive: Slab<UInt64>, bound: Int) -> [UInt32] {
    var view = unsafe cLevel(level, bound: bound)
    return unsafe [UInt32](unsafeUninitializedCapacity: slots.count) { hurt, written in
      written = unsafe fn_graph_hurt(&view, alive.base, slots, slots.count, hurt.baseAddress)
    }
  }

  /// Of the list those that no chosen one is nearer to than the query's slot is.
  package func choose(limit: Int) -> [UInt32] {
    precondition(limit <= GraphLevel.degreeMax)
    guard count > 0 else { return [] }
    var slab = unsafe codes.view
    return unsafe [UInt32](unsafeUninitializedCapacity: limit) { chosen, written in
      written = unsafe kernels.pointee.choose(&slab, list, count, limit, rows, chosen.baseAddress, &distances)
    }
  }

  /// Best scores that the index can tell, in the order of the slots.
  package func fineScores(_ slots: [UInt32]) -> [Float] {
    var slab = unsafe codes.view
    var query = unsafe fineQuery
    return unsafe [Float](unsafeUninitializedCapacity: slots.count) { scores, written in
      unsafe kernels.pointee.fine_scores(&slab, &query, slots, slots.count, scores.baseAddress)
      written = slots.count
    }
  }

  private func cLevel(_ level: GraphLevel, bound: Int) -> fn_graph_level {
    unsafe fn_graph_level(
      slab: codes.view, links: UnsafePointer(level.links.base + level.firstPlace), link_stride: level.stride,
      row_of: level.rowOf.map { unsafe UnsafePointer($0.base) }, degree: UInt32(level.degree),
      bound: UInt32(bound))
  }
}
