// Where the text of a slot stands in the keyword index: a sorted look-up a segment, made once a segment and shared by
// all generations that hold it.

struct KeywordPlaces: Sendable {
  private final class Lookup: Sendable {
    let segment: KeywordSegment
    /// Ascending, each with its document beside it.
    let slots: [UInt32]
    let documents: [UInt32]

    init(_ segment: KeywordSegment) {
      self.segment = segment
      let order = segment.slots.indices.sorted { segment.slots[$0] < segment.slots[$1] }
      slots = order.map { segment.slots[$0] }
      documents = order.map { UInt32($0) }
    }

    /// A slot may stand in a segment twice when its older text died in it; the caller asks which one lives.
    func documents(of slot: UInt32) -> ArraySlice<UInt32> {
      var low = 0
      var high = slots.count
      while low < high {
        let middle = (low + high) / 2
        if slots[middle] < slot { low = middle + 1 } else { high = middle }
      }
      var end = low
      while end < slots.count, slots[end] == slot { end += 1 }
      return documents[low..<end]
    }
  }

  private let lookups: [Lookup]

  init(of generation: KeywordGeneration, before: KeywordPlaces?) {
    var known: [ObjectIdentifier: Lookup] = [:]
    for lookup in before?.lookups ?? [] { known[ObjectIdentifier(lookup.segment)] = lookup }
    lookups = generation.parts.map { known[ObjectIdentifier($0.segment)] ?? Lookup($0.segment) }
  }

  /// Of a living text in the generation that this was made of.
  func place(of slot: UInt32, in generation: KeywordGeneration) -> (part: Int, document: Int)? {
    for (part, lookup) in lookups.enumerated() {
      for document in lookup.documents(of: slot) where generation.parts[part].isAlive(Int(document)) {
        return (part, Int(document))
      }
    }
    return nil
  }
}
