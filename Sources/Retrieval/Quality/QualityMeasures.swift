// The measures of one question's ranking, each 0...1, and their means. Documents are ranked by their best passage.
// nDCG has linear gain and the ideal over all judged documents; MRR is cut at rank 100.

#if canImport(Glibc)
  import Glibc
#endif

struct QualityMeasures {
  private(set) var sums: [(name: String, sum: Double, count: Int)] = []

  var means: [(name: String, mean: Double)] { sums.map { ($0.name, $0.sum / Double($0.count)) } }

  private mutating func add(_ name: String, _ value: Double) {
    if let index = sums.firstIndex(where: { $0.name == name }) {
      sums[index].sum += value
      sums[index].count += 1
    } else {
      sums.append((name, value, 1))
    }
  }

  /// `ranked` are places of passages, best first.
  mutating func add(_ question: QualitySet.Question, _ ranked: [Int], in set: QualitySet) {
    addDocuments(question, ranked, set)
    func isHit(_ truth: Set<Int>, _ k: Int) -> Double { ranked.prefix(k).contains { truth.contains($0) } ? 1 : 0 }
    if let holding = question.holding {
      for k in [1, 5, 10] { add("passage@\(k)", isHit(holding, k)) }
    }
    if let onPage = question.onPage {
      add("page@1", isHit(onPage, 1))
      add("page@5", isHit(onPage, 5))
      var pages: [String] = []
      var found = 0.0
      for place in ranked {
        let page = "\(set.passages[place].document)\n\(set.passages[place].page)"
        if pages.contains(page) { continue }
        if pages.count == 5 { break }
        pages.append(page)
        if onPage.contains(place) { found = 1 }
      }
      add("pages@5", found)
    }
    if !question.keywords.isEmpty {
      let ranks = question.keywords.map { holding in ranked.prefix(10).firstIndex { holding.contains($0) } }
      let count = Double(question.keywords.count)
      add("keywordMRR@10", ranks.reduce(0) { $0 + ($1.map { 1 / Double($0 + 1) } ?? 0) } / count)
      add("coverage@10", Double(ranks.count { $0 != nil }) / count)
    }
  }

  private mutating func addDocuments(_ question: QualitySet.Question, _ ranked: [Int], _ set: QualitySet) {
    guard !question.grades.isEmpty else { return }
    var documents: [String] = []
    var seen: Set<String> = []
    for place in ranked where seen.insert(set.passages[place].document).inserted {
      documents.append(set.passages[place].document)
    }
    func gain(_ grades: some Sequence<Int>) -> Double {
      grades.prefix(10).enumerated().reduce(0) { $0 + Double($1.element) / log2(Double($1.offset + 2)) }
    }
    let ideal = gain(question.grades.values.sorted(by: >))
    add("nDCG@10", ideal > 0 ? gain(documents.map { question.grades[$0] ?? 0 }) / ideal : 0)
    for k in [10, 100] {
      let found = documents.prefix(k).count { question.grades[$0] != nil }
      add("recall@\(k)", Double(found) / Double(question.grades.count))
    }
    let first = documents.prefix(100).firstIndex { question.grades[$0] != nil }
    add("MRR", first.map { 1 / Double($0 + 1) } ?? 0)
    if question.grades.count == 1 {
      add("doc@1", first == 0 ? 1 : 0)
      add("doc@10", (first ?? 100) < 10 ? 1 : 0)
    }
  }
}
