// A product's text as its models and its comparables read it, made once a product: words where brand and category stand
// apart from the title, and the title's words with digits, which are models, sizes and capacities.
import Text

struct ProductReading: Sendable {
  let words: HashedWords
  /// Ascending, each once.
  let numbers: [String]

  private static let descriptionCharactersMax = 800

  init(_ product: PricedProduct) {
    let tokenizer = WordTokenizer()
    func words(_ text: String) -> [String] { tokenizer.words(in: text).map(\.folded) }
    let title = tokenizer.words(in: product.title)
    self.words = HashedWords(
      title.map(\.folded) + words(product.brand).map { "brand:\($0)" } + ["category:\(product.category)"]
        + words(String(product.description.prefix(Self.descriptionCharactersMax))))
    let plain = title.filter { $0.kind != .whole && $0.folded.utf8.contains { (48...57).contains($0) } }
    numbers = Set(plain.map(\.folded)).sorted()
  }

  /// The share of the words with digits that both titles hold; 1 where neither holds any.
  func sharedNumbers(with other: ProductReading) -> Double {
    guard !numbers.isEmpty || !other.numbers.isEmpty else { return 1 }
    let shared = numbers.count { other.numbers.contains($0) }
    return Double(shared) / Double(numbers.count + other.numbers.count - shared)
  }
}
