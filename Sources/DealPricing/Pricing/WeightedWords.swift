// A text as rare words see it: how often it holds each word, weighed by the word's rarity, of unit length, so that a
// long description counts no more than a short title. Invariant: ascending places, each once.
import Foundation

struct WeightedWords: Sendable {
  private(set) var terms: [(place: UInt32, value: Float)] = []

  init(_ text: HashedWords, rarity: [Float]) {
    var square: Float = 0
    for entry in text.entries where rarity[Int(entry.place)] > 0 {
      let value = (1 + logf(entry.count)) * rarity[Int(entry.place)]
      terms.append((entry.place, value))
      square += value * value
    }
    guard square > 0 else { return }
    let scale = 1 / square.squareRoot()
    for index in terms.indices { terms[index].value *= scale }
  }

  /// How far two texts hold the same rare words: the cosine, 0...1.
  func likeness(to other: WeightedWords) -> Double {
    var product: Float = 0
    var place = 0
    for term in terms {
      while place < other.terms.count, other.terms[place].place < term.place { place += 1 }
      guard place < other.terms.count else { break }
      if other.terms[place].place == term.place { product += term.value * other.terms[place].value }
    }
    return Double(product)
  }
}
