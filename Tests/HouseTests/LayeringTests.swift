// The tree's import lines and Package.swift against the house map.
import Testing

@Suite struct LayeringTests {
  @Test func theMapPointsDown() {
    report(mapViolations(HouseMap.rooms, cModules: HouseMap.cModules))
  }

  @Test func importsPointDown() throws {
    let sources = try Tree.sources.get().filter(Tree.isProduct)
    // Were the walk to find nothing, every rule would hold.
    try #require(sources.count > 20)
    let found = sources.flatMap {
      layeringViolations($0, map: HouseMap.rooms, outside: HouseMap.outsideModules)
    }
    report(found)
  }

  @Test func packageManifestSaysTheSame() throws {
    let targets = declaredTargets(manifest: try Tree.text("Package.swift"))
    try #require(targets.contains { $0.name == "Base" && $0.kind == "room" })
    let sources = try Tree.sources.get()
    report(manifestViolations(targets, sources: sources, map: HouseMap.rooms))

    let folders = Set(
      Tree.paths.filter { $0.hasPrefix("Sources/") }.compactMap { $0.split(separator: "/").dropFirst().first }
    )
    let declared = Set(targets.filter { $0.kind != "tests" }.map(\.name))
    #expect(folders.map(String.init).filter { !declared.contains($0) } == [])
  }

  @Test func packageListIsWhatTheManifestNeeds() throws {
    let targets = declaredTargets(manifest: try Tree.text("Package.swift"))
    let list = try Tree.text("scripts/packages.txt")
    report(packageViolations(list: list, targets: targets, setupPackages: HouseMap.setupPackages))
  }
}
