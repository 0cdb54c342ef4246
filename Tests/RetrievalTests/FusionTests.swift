// Both ways of fusing, what each part of the sum is for, and what thinning and the cap leave out. Each test names a
// ranking that turns around when its part is taken away.
import Testing

@testable import Retrieval

struct FusionTests {
  private func ids(_ index: RetrievalIndex, _ request: SearchRequest, _ fusion: Fusion = .standard) -> [Int64] {
    SearchPass(index.snapshot, request, fusion: fusion).hits().map(\.id)
  }

  /// Worked out by hand: first by meaning and second by words, and so on, with the offset of sixty.
  @Test func reciprocalRanks() throws {
    let index = try indexed(
      [
        Record(id: 1, text: "pension pension", vector: [1, 0]),
        Record(id: 2, text: "pension and more words", vector: normalised([1, 0.5])),
        Record(id: 3, text: "nothing", vector: normalised([1, 0.2])),
      ], dimension: 2)
    let hits = index.search(
      SearchRequest(text: "pension", vector: normalised([1, 0.4]), mode: .ranks, lambda: 1))
    // By meaning 2, 3, 1; by words 1, 2.
    #expect(hits.map(\.id) == [2, 1, 3])
    let expected = [(1.0 + 61 / 62.0) / 2, (61 / 63.0 + 1) / 2, 61 / 62.0 / 2]
    for (hit, score) in zip(hits, expected) { #expect(abs(hit.score - score) < 1e-9) }
    #expect(hits[0].semanticRank == 1 && hits[0].keywordRank == 2 && hits[2].keywordRank == nil)
  }

  /// Where one side is sure and the other is not, ranks cannot tell and scores can.
  @Test func scoresTellWhatRanksCannot() throws {
    let index = try indexed(
      [
        Record(id: 1, text: "garden chairs", vector: normalised([1, 0.99]), group: 1),
        Record(id: 2, text: "invoice 4471 overdue", vector: normalised([1, 1.01]), group: 2),
        Record(id: 3, text: "unrelated", vector: normalised([1, 1]), group: 3),
      ], dimension: 2)
    let request = SearchRequest(text: "overdue invoice 4471", vector: normalised([1, 0.9]), lambda: 1)
    #expect(ids(index, request).first == 2)
    var byMeaning = request
    byMeaning.mode = .semantic
    #expect(ids(index, byMeaning).first == 1)
  }

  /// The question names the source, so its vector leans towards the name; the passage that is all name must not win.
  @Test func aNameChoosesTheSourceNotThePassage() throws {
    let index = try indexed(
      [
        Record(id: 1, text: "acme", vector: normalised([1, 0.1, 0]), group: 1),
        Record(id: 2, text: "acme", vector: normalised([1, 0.8, 0]), group: 1),
        Record(id: 3, text: "acme", vector: normalised([1, -0.1, 0]), group: 1),
        Record(id: 4, text: "globex", vector: normalised([0.2, 0, 1]), group: 2),
      ], dimension: 3)
    let request = SearchRequest(text: "acme", vector: normalised([1, 0.35, 0]), lambda: 1)
    var plain = Fusion.standard
    plain.feedbackWeight = 0
    plain.firstFeedbackWeight = 0
    #expect(ids(index, request, plain) == [2, 1, 3, 4])
    plain.commonDirectionLoss = 0
    #expect(ids(index, request, plain) == [1, 2, 3, 4])
  }

  @Test func wordsInOneStretchCountMoreThanScatteredOnes() throws {
    let filler = (0..<40).map { "filler\($0)" }.joined(separator: " ")
    let texts = ["notice \(filler) period \(filler) lease", "lease \(filler) \(filler) notice of any period lease"]
    let index = try indexed(
      texts.enumerated().map {
        Record(id: Int64($0.offset), text: $0.element, vector: [1, 0], group: Int64($0.offset))
      },
      dimension: 2)
    #expect(ids(index, SearchRequest(text: "lease notice period", vector: [1, 0], lambda: 1)).first == 1)
    var matcher = KeywordMatcher(KeywordQuery("lease notice period"), in: index.snapshot.keywords)
    var earned: [Float] = []
    #expect(matcher.match(0, earned: &earned).span < 0.5)
    #expect(abs(matcher.match(1, earned: &earned).span - 1) < 1e-9)
  }

  /// What is like the passage first found is preferred, all else equal.
  @Test func theFirstFoundLeads() throws {
    let index = try indexed(
      [
        Record(id: 1, text: "exact words asked", vector: normalised([1, 1, 0]), group: 1),
        Record(id: 2, text: "other", vector: normalised([1, 0.6, 0]), group: 2),
        Record(id: 3, text: "other", vector: normalised([1, -0.59, 0]), group: 3),
      ], dimension: 3)
    let request = SearchRequest(text: "exact words asked", vector: [1, 0, 0], lambda: 1)
    #expect(ids(index, request) == [1, 2, 3])
    var plain = Fusion.standard
    plain.feedbackWeight = 0
    plain.firstFeedbackWeight = 0
    #expect(ids(index, request, plain) == [1, 3, 2])
  }

  @Test func repetitionsAreThinned() throws {
    let twins = (0..<6).map {
      Record(id: $0, text: "parental leave", vector: normalised([1, 0.001 * Float($0)]), group: $0)
    }
    let index = try indexed(twins + [Record(id: 6, text: "leave", vector: [0, 1], group: 6)], dimension: 2)
    var request = SearchRequest(text: "parental leave", vector: [1, 0], limit: 3)
    #expect(ids(index, request).count == 2 && ids(index, request).last == 6)
    request.lambda = 1
    #expect(ids(index, request).count == 3 && !ids(index, request).contains(6))
  }

  /// Two sources say the same almost equally well: neither takes all places. One that is clearly better may.
  @Test func aSourceDoesNotCrowdOutItsEquals() throws {
    func records(_ group: Int64, _ lean: Float, _ text: String) -> [Record] {
      (0..<6).map {
        Record(
          id: group * 10 + $0, text: text, vector: normalised([1, lean, 0.1 * Float($0 + 1)]), group: group)
      }
    }
    let equal = try indexed(
      records(1, 0, "parental leave") + records(2, 0.35, "parental leave"), dimension: 3)
    var request = SearchRequest(text: "parental leave", vector: [1, 0, 0], limit: 6, lambda: 1)
    #expect(ids(equal, request).count { $0 < 20 } > 3)
    request.perGroupMax = 3
    #expect(ids(equal, request).count { $0 < 20 } == 3)
    let better = try indexed(
      records(1, 0, "parental leave") + records(2, 3, "kitchen rota"), dimension: 3)
    #expect(ids(better, request).count { $0 < 20 } == 6)
    // Nobody else is there: the share binds nothing.
    let alone = try indexed(records(1, 0, "parental leave"), dimension: 3)
    #expect(ids(alone, request).count == 6)
  }
}
