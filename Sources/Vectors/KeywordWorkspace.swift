// The Swift face of the keyword kernel: the memory of one search, the terms it adds up, the heap of its best
// documents.
// Invariants: a workspace belongs to one search at a time and remembers nothing of it (between searches all scores
// are zero); what the kernel would read out of bounds is refused here, so that callers need no unsafe code.
import CKernels

/// One term of a question, as one segment holds it.
package struct KeywordTerm: Sendable {
  /// Its postings, a range of the segment's.
  package var range: Range<Int>
  package var weight: UInt32
  /// Of a second term with the same postings, if there is one.
  package var secondWeight: UInt32?
  /// No contribution is above it.
  package var bound: UInt32

  package init(range: Range<Int>, weight: UInt32, secondWeight: UInt32?, bound: UInt32) {
    self.range = range
    self.weight = weight
    self.secondWeight = secondWeight
    self.bound = bound
  }
}

/// One segment of the keyword index, as the kernel reads it. A posting is `document << 16 | impact index`.
package struct KeywordPostings {
  package static let documentsMax = Int(FN_KEYWORD_DOCUMENTS)
  package static let impactCount = Int(FN_KEYWORD_IMPACTS)

  package var postings: [UInt32]
  package var impacts: [UInt16]
  /// The slot of each document.
  package var slots: [UInt32]
  /// Which documents count, one bit each; nil for all.
  package var alive: [UInt64]?

  package init(postings: [UInt32], impacts: [UInt16], slots: [UInt32], alive: [UInt64]?) {
    precondition(impacts.count == Self.impactCount && slots.count <= Self.documentsMax)
    precondition(alive.map { $0.count * 64 >= slots.count } ?? true)
    self.postings = postings
    self.impacts = impacts
    self.slots = slots
    self.alive = alive
  }
}

/// The best k so far over all searches with the same heap, as the kernel keeps them: equal scores, the lower slot
/// wins.
package struct KeywordHeap {
  private let k: Int
  private var count = 0
  private var keys: [UInt64]

  package init(k: Int) {
    self.k = k
    keys = [UInt64](repeating: 0, count: k)
  }

  /// Best first.
  package consuming func sorted() -> [(slot: UInt32, score: UInt32)] {
    keys[..<count].sorted(by: >).map { (~UInt32(truncatingIfNeeded: $0), UInt32($0 >> 32)) }
  }

  fileprivate mutating func withView(_ body: (inout fn_keyword_heap) -> Void) {
    unsafe keys.withUnsafeMutableBufferPointer { keys in
      var view = unsafe fn_keyword_heap(keys: keys.baseAddress, count: UInt32(count), k: UInt32(k))
      unsafe body(&view)
      count = unsafe Int(view.count)
    }
  }
}

@safe package struct KeywordWorkspace: ~Copyable {
  // Allocated here, of the sizes that the kernel's header names, and freed in deinit; they never leave the value.
  private let scores: UnsafeMutablePointer<UInt32>
  private let touched: UnsafeMutablePointer<UInt16>

  package init() {
    unsafe scores = .allocate(capacity: Int(FN_KEYWORD_DOCUMENTS))
    unsafe scores.initialize(repeating: 0, count: Int(FN_KEYWORD_DOCUMENTS))
    // One more: the kernel writes behind the last one before it knows whether the document is new.
    unsafe touched = .allocate(capacity: Int(FN_KEYWORD_DOCUMENTS) + 1)
  }

  deinit {
    unsafe scores.deallocate()
    unsafe touched.deallocate()
  }

  /// Adds the best documents of the segment to the heap, exactly. Terms come by falling bound; `accept` holds one bit
  /// a slot, nil for all.
  package func search(
    _ segment: KeywordPostings, terms: [KeywordTerm], accept: [UInt64]?, best: inout KeywordHeap
  ) {
    // The kernel trusts postings to name documents of the segment; they come from its inversion alone.
    unsafe segment.postings.withUnsafeBufferPointer { postings in
      guard let base = postings.baseAddress else { return }
      let cTerms = unsafe terms.map { term in
        precondition(term.range.lowerBound >= 0 && term.range.upperBound <= postings.count)
        return unsafe fn_keyword_term(
          postings: base + term.range.lowerBound, count: UInt32(term.range.count), weight: term.weight,
          second_weight: term.secondWeight ?? 0, floor: term.secondWeight == nil ? 1 : 2, bound: term.bound)
      }
      // A set of nothing is no missing set.
      unsafe Self.withFilter(segment, accept == [] ? [0] : accept) { filter in
        var filter = unsafe filter
        var workspace = unsafe fn_keyword_workspace(scores: scores, touched: touched)
        unsafe best.withView { heap in
          unsafe fn_keyword_search(cTerms, UInt32(cTerms.count), segment.impacts, &filter, &workspace, &heap)
        }
      }
    }
  }

  private static func withFilter(
    _ segment: KeywordPostings, _ accept: [UInt64]?, _ body: (fn_keyword_filter) -> Void
  ) {
    unsafe segment.slots.withUnsafeBufferPointer { slots in
      unsafe (segment.alive ?? []).withUnsafeBufferPointer { alive in
        unsafe (accept ?? []).withUnsafeBufferPointer { accepted in
          unsafe body(
            fn_keyword_filter(
              slots: slots.baseAddress, alive: segment.alive == nil ? nil : alive.baseAddress,
              accept: accept == nil ? nil : accepted.baseAddress, accept_words: accepted.count))
        }
      }
    }
  }
}
