// The memory of one search, reused from search to search, and the heap of its best documents.
import CKernels
import Synchronization

/// Owns the dense arrays of the kernel. Invariant, kept by the kernel: between searches all scores are zero.
@safe struct KeywordWorkspace: ~Copyable {
  // Each is allocated here, of the size the kernel's header names, and freed in deinit; they never leave the value.
  private let scores: UnsafeMutablePointer<UInt32>
  private let touched: UnsafeMutablePointer<UInt16>
  private let buckets: UnsafeMutablePointer<UInt32>

  init() {
    unsafe scores = .allocate(capacity: Int(FN_KEYWORD_DOCUMENTS))
    unsafe scores.initialize(repeating: 0, count: Int(FN_KEYWORD_DOCUMENTS))
    unsafe touched = .allocate(capacity: Int(FN_KEYWORD_DOCUMENTS) + 1)
    unsafe buckets = .allocate(capacity: Int(FN_KEYWORD_BUCKETS))
  }

  deinit {
    unsafe scores.deallocate()
    unsafe touched.deallocate()
    unsafe buckets.deallocate()
  }

  /// The pointers of terms and filter must stay valid for the call.
  @unsafe func run(
    _ terms: [fn_keyword_term], impacts: [UInt16], filter: fn_keyword_filter, heap: inout KeywordHeap
  ) {
    var workspace = unsafe fn_keyword_workspace(scores: scores, touched: touched, buckets: buckets)
    var filter = unsafe filter
    let k = heap.k
    unsafe heap.keys.withUnsafeMutableBufferPointer { keys in
      var view = unsafe fn_keyword_heap(keys: keys.baseAddress, count: UInt32(heap.count), k: UInt32(k))
      unsafe fn_keyword_search(terms, UInt32(terms.count), impacts, &filter, &workspace, &view)
      heap.count = unsafe Int(view.count)
    }
  }
}

/// The best documents so far, as the kernel keeps them.
struct KeywordHeap {
  let k: Int
  var count = 0
  var keys: [UInt64]

  init(k: Int) {
    self.k = k
    keys = [UInt64](repeating: 0, count: k)
  }

  static func key(slot: UInt32, score: UInt32) -> UInt64 { UInt64(score) << 32 | UInt64(~slot) }

  /// Best first.
  consuming func sorted() -> [ScoredSlot] {
    keys[..<count].sorted(by: >).map {
      ScoredSlot(slot: ~UInt32(truncatingIfNeeded: $0), score: KeywordScale.score(UInt32($0 >> 32)))
    }
  }
}

/// Workspaces at rest: as many as searches ever ran side by side.
final class KeywordWorkspacePool: Sendable {
  private let resting = Mutex<[KeywordWorkspaceBox]>([])

  func withWorkspace(_ body: (borrowing KeywordWorkspace) -> Void) {
    let box = resting.withLock { $0.popLast() } ?? KeywordWorkspaceBox()
    body(box.workspace)
    resting.withLock { $0.append(box) }
  }
}

/// Proof: a box is in the pool or with the one search that took it, never both.
final class KeywordWorkspaceBox: @unchecked Sendable {
  let workspace = KeywordWorkspace()
}
