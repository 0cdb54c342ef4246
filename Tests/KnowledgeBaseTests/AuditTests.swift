// Indexes that have drifted from the store are put right, and told of.
import Base
import Retrieval
import Testing

@testable import KnowledgeBase

@Suite struct AuditTests {
  @Test func whatAnIndexLacksOrHoldsTooManyIsPutRight() throws {
    let test = try TestLibrary()
    let library = test.library
    for number in 0..<5 { try test.add("Lamp \(number) hangs over desk \(number).", named: "lamp\(number).txt") }
    // Those that were replaced or removed are held by neither.
    try test.add("Lamp 0 hangs in the hall.", named: "lamp0.txt")
    try test.add("To be removed.", named: "gone.txt")
    _ = try library.remove("gone.txt")
    #expect(try library.auditIndexes().repaired == 0)
    let index = try #require(library.serving.indexes.values.first)
    let held = index.ids
    #expect(held.count == 5)
    try index.apply(add: [], remove: [held[0], held[3]])
    try index.apply(add: [Record(id: 999, text: "A ghost in the hall.", vector: [])], remove: [])
    let audit = try library.auditIndexes()
    #expect(audit.missing == 2 && audit.surplus == 1 && audit.records == 5)
    #expect(Set(index.ids) == Set(held))
    #expect(try library.auditIndexes().repaired == 0)
  }
}
