// The house as data: who may know whom, and the few places that a rule leaves out, each with its reason. It says what
// ARCHITECTURE.md says; the tests beside it hold Package.swift and every import line against it. A change here is a
// change of the architecture and wants a page in docs/decisions/.

/// A room of Sources/ and the modules of the house that it may know. The order is from the top down; a room may only
/// name what stands below it.
struct Room {
  let name: String
  let mayKnow: [String]

  init(_ name: String, mayKnow: [String]) {
    self.name = name
    self.mayKnow = mayKnow
  }
}

enum HouseMap {
  static let rooms = [
    Room("footnote", mayKnow: ["App", "Base"]),
    Room(
      "App",
      mayKnow: [
        "DealPricing", "KnowledgeBase", "HTTPKit", "Models", "Ingest", "Retrieval", "Embedding", "Store",
        "Text",
        "Vectors", "Base", "CPageAssets",
      ]),
    Room("DealPricing", mayKnow: ["Retrieval", "Embedding", "Models", "Store", "Text", "Base"]),
    Room("KnowledgeBase", mayKnow: ["Ingest", "Retrieval", "Embedding", "Store", "Models", "Text", "Base"]),
    Room("HTTPKit", mayKnow: ["Base", "CMicrohttpd", "CZlib"]),
    Room("Models", mayKnow: ["Store", "Base", "CCurl", "CPrompts"]),
    Room(
      "Ingest",
      mayKnow: ["Text", "Base", "CXML", "CPageText", "CPoppler", "CPopplerCore", "CRecognition", "CSandbox", "CZip"]),
    Room("Retrieval", mayKnow: ["Vectors", "Text", "Base"]),
    Room("Embedding", mayKnow: ["Vectors", "Text", "Base"]),
    Room("Store", mayKnow: ["Base", "CSQLite"]),
    Room("Text", mayKnow: ["Base", "CStemmer", "CGlib"]),
    Room("Vectors", mayKnow: ["Base", "CKernels"]),
    Room("Base", mayKnow: ["CCrypto"]),
  ]

  /// Modules written in C, ours and the system's: each is known by exactly one room, the one whose row names it.
  static let cModules: Set = [
    "CCrypto", "CCurl", "CGlib", "CKernels", "CMicrohttpd", "CPageAssets", "CPageText", "CPoppler", "CPopplerCore",
    "CPrompts", "CRecognition", "CSQLite", "CSandbox",
    "CStemmer", "CXML", "CZip", "CZlib",
  ]

  /// Modules from outside that a room may import: the toolchain's own and nothing else.
  static let outsideModules: Set = [
    "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Musl", "Swift", "Synchronization",
  ]

  /// Packages of scripts/packages.txt that no `apt` provider of Package.swift names: the set-up's own tools.
  static let setupPackages: Set = ["pkg-config", "ca-certificates", "python3-pip"]

  /// Where a rule does not hold, and why. An allowance that nothing needs any more fails the test, too.
  static let allowances = [
    Allowance(.seams, "Sources/Base/Seams.swift", "the seam itself"),
    Allowance(.seams, "Sources/Embedding/Batcher.swift", "NSCondition waits until a moment of its own clock"),
    Allowance(
      .seams, "Sources/HTTPKit/Monitor.swift", "pthread_cond_timedwait takes a moment of its own clock"),
  ]
}

struct Allowance {
  let rule: Rule
  let path: String
  let reason: String

  init(_ rule: Rule, _ path: String, _ reason: String) {
    self.rule = rule
    self.path = path
    self.reason = reason
  }
}

/// The rules by name, as an allowance and a violation name them.
enum Rule: String {
  case layering, manifest, opening, length, width, words, crashes, access, proof, patterns, seams, kernels,
    links
  case packages
}

/// One place where the tree breaks a rule.
struct Violation: Hashable, CustomStringConvertible {
  let rule: Rule
  let path: String
  let line: Int
  let complaint: String

  var description: String { "\(path):\(line): \(complaint) [\(rule.rawValue)]" }
}
