// swift-tools-version: 6.2
// The house as SwiftPM sees it: one target a room, dependencies only downwards.
// Tests/HouseTests checks that the import lines say the same.
import PackageDescription

/// The one place where the language is set: every Swift target of the house is built the same way.
let houseSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("ExistentialAny"),
  .treatAllWarnings(as: .error),
]

/// Hot loops stay optimised in debug builds, so that tests run at the speed of the product.
/// No flag depends on the build host: each kernel names its own instruction set.
let kernelSettings: [CSetting] = [
  .unsafeFlags(["-O3", "-fno-math-errno", "-Wall", "-Wextra", "-Werror"])
]

func room(_ name: String, knows dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: houseSettings)
}

func tests(_ name: String, of dependencies: [Target.Dependency], beside data: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: data, swiftSettings: houseSettings)
}

let package = Package(
  name: "footnote",
  products: [.executable(name: "footnote", targets: ["footnote"])],
  targets: [
    // C libraries, each known by exactly one room.
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CXML", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .systemLibrary(
      name: "CPoppler", pkgConfig: "poppler-glib", providers: [.apt(["libpoppler-glib-dev"])]),
    .systemLibrary(
      name: "CPopplerCore", pkgConfig: "poppler", providers: [.apt(["libpoppler-private-dev"])]),
    .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
    .systemLibrary(
      name: "CMicrohttpd", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CStemmer", providers: [.apt(["libstemmer-dev"])]),
    .systemLibrary(name: "CGlib", pkgConfig: "glib-2.0", providers: [.apt(["libglib2.0-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CKernels", cSettings: kernelSettings),
    // System calls that Swift cannot make, for the workers that read files from outside.
    .target(name: "CSandbox", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    // An output device for poppler, which is C++: words, lines and ruling lines of a page in one pass.
    .target(
      name: "CPageText", dependencies: ["CPopplerCore"],
      cxxSettings: [.unsafeFlags(["-std=c++17", "-O2", "-Wall", "-Werror"])]),
    // Text recognition, where it is installed.
    .target(name: "CRecognition", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    // The web page's files, by #embed.
    .target(
      name: "CPageAssets", exclude: ["page"], cSettings: [.unsafeFlags(["-std=c23", "-Wall", "-Werror"])]),

    // The prompts that the product brings, by #embed.
    .target(name: "CPrompts", cSettings: [.unsafeFlags(["-std=c23", "-Wall", "-Werror"])]),

    // Rooms, from the bottom up.
    room("Base", knows: ["CCrypto"]),
    room("Vectors", knows: ["CKernels", "Base"]),
    room("Text", knows: ["CStemmer", "CGlib", "Base"]),
    room("Store", knows: ["CSQLite", "Base"]),
    room("Embedding", knows: ["Vectors", "Text", "Base"]),
    room("Retrieval", knows: ["Vectors", "Text", "Base"]),
    room("Ingest", knows: ["CPageText", "CPoppler", "CRecognition", "CSandbox", "CXML", "CZip", "Text", "Base"]),
    room("Models", knows: ["CCurl", "CPrompts", "Store", "Base"]),
    room("DealPricing", knows: ["Retrieval", "Embedding", "Models", "Store", "Text", "Base"]),
    room("HTTPKit", knows: ["CMicrohttpd", "CZlib", "Base"]),
    room("KnowledgeBase", knows: ["Ingest", "Retrieval", "Embedding", "Store", "Models", "Text", "Base"]),
    room(
      "App",
      knows: [
        "DealPricing", "KnowledgeBase", "HTTPKit", "Models", "Ingest", "Retrieval", "Embedding", "Store", "Vectors",
        "Text", "CPageAssets", "Base",
      ]),
    .executableTarget(name: "footnote", dependencies: ["App", "Base"], swiftSettings: houseSettings),

    // What tests of several rooms share.
    .target(
      name: "ScriptedEndpoint", dependencies: ["Base"], path: "Tests/Support/ScriptedEndpoint",
      swiftSettings: houseSettings),

    .target(name: "RawClient", path: "Tests/Support/RawClient", swiftSettings: houseSettings),

    tests("HouseTests", of: []),
    tests("BaseTests", of: ["Base"]),
    tests("VectorsTests", of: ["Vectors", "CKernels", "Base"]),
    tests("TextTests", of: ["Text", "Base"]),
    tests("StoreTests", of: ["Store", "Base"]),
    tests("EmbeddingTests", of: ["Embedding", "Vectors", "Text", "Base"]),
    tests("RetrievalTests", of: ["Retrieval", "CKernels", "Vectors", "Text", "Base"]),
    tests("IngestTests", of: ["Ingest", "Text", "Base", "CZip", "CPoppler"]),
    tests("ModelsTests", of: ["Models", "ScriptedEndpoint", "Store", "Base"]),
    tests("DealPricingTests", of: ["DealPricing", "Models", "ScriptedEndpoint", "Store", "Base"]),
    tests("HTTPKitTests", of: ["HTTPKit", "RawClient", "Base"]),
    tests(
      "KnowledgeBaseTests",
      of: [
        "KnowledgeBase", "Ingest", "Embedding", "Models", "Retrieval", "ScriptedEndpoint", "Store", "Text", "Base",
      ]),
    tests(
      "AppTests",
      of: [
        "App", "footnote", "KnowledgeBase", "HTTPKit", "Ingest", "Models", "RawClient", "ScriptedEndpoint", "Store",
        "Base",
      ], beside: ["Goldens"]),
  ]
)
