// Which elements of a page stand beside its main content: navigation, sidebars, teasers, sharing, comments.
// How: what markup or names call 'beside' goes if it holds little of the page's plain text; of the rest, passages give
// their length and commas to the elements around them, and the element with the highest score, held down by the share
// of its links, is the region. Outside the region, passages of plain text stay; crowds of links go.
// Invariants: a page of links, or one whose region is in doubt, is kept whole but for what markup names; indices are
// those of `HTMLOutline`. Must not: cut on a name alone what holds most of the text.

struct HTMLMainContent {
  /// Elements that are passed over, with all in them.
  private(set) var skipped: Set<Int> = []
  /// Characters in them, links counted, white space not.
  private(set) var skippedCount = 0

  private let outline: HTMLOutline
  private var elements: [HTMLOutline.Element]
  private var scores: [Double] = []

  private init(_ outline: HTMLOutline) {
    self.outline = outline
    elements = outline.elements
  }

  static func find(in outline: HTMLOutline) -> HTMLMainContent {
    var content = HTMLMainContent(outline)
    content.find()
    return content
  }

  private mutating func find() {
    guard !elements.isEmpty else { return }
    let whole = elements[outline.body].plainCount
    dropFurniture(byNames: true)
    let comments = skipped.reduce(0) { $0 + (elements[$1].hints.contains(.comments) ? elements[$1].plainCount : 0) }
    recount()
    if elements[outline.body].plainCount * 3 < whole - comments {
      // The names said too much: only the markup counts.
      skipped = []
      elements = outline.elements
      dropFurniture(byNames: false)
      recount()
    }
    let page = elements[outline.body]
    if page.linkCount <= 3 * page.plainCount {
      score()
      let region = region()
      keepRegion(region)
      dropLinkCrowds(in: region)
    }
    skippedCount = skipped.reduce(0) { $0 + outline.elements[$1].textCount }
  }

  // MARK: what names and markup call beside

  private mutating func dropFurniture(byNames: Bool) {
    let total = elements[outline.body].plainCount
    var index = outline.body + 1
    while index < elements.count {
      if isFurniture(index, ofPlain: total, byNames: byNames) {
        skipped.insert(index)
        index = elements[index].end
      } else {
        index += 1
      }
    }
  }

  private func isFurniture(_ index: Int, ofPlain total: Int, byNames: Bool) -> Bool {
    let element = elements[index]
    let plain = element.plainCount
    if element.traits.contains(.beside) { return plain * 2 < total }
    guard byNames, element.traits.contains(.hintable), !element.traits.contains(.main) else { return false }
    if element.hints.contains(.comments), plain * 10 < total * 7, total - plain > 400 { return true }
    if element.hints.contains(.beside) {
      if element.hints.contains(.content), !element.hints.contains(.besideSurely) { return false }
      return plain * 10 < total * 3
    }
    if element.hints.contains(.besidePerhaps), !element.hints.contains(.content) {
      return plain * 10 < total && (element.textCount == 0 || element.linkShare > 0.4 && element.paragraphCount < 2)
    }
    return false
  }

  /// The numbers again, without what is skipped.
  private mutating func recount() {
    for index in elements.indices {
      elements[index].textCount = elements[index].ownTextCount
      elements[index].linkCount = elements[index].traits.contains(.link) ? elements[index].ownTextCount : 0
    }
    for index in elements.indices.dropFirst().reversed() {
      if skipped.contains(index) {
        elements[index].textCount = 0
        elements[index].linkCount = 0
      }
      elements[elements[index].parent].textCount += elements[index].textCount
      elements[elements[index].parent].linkCount += elements[index].linkCount
    }
  }

  // MARK: the region

  private mutating func score() {
    scores = Array(repeating: 0, count: elements.count)
    var index = outline.body
    while index < elements.count {
      let element = elements[index]
      if skipped.contains(index) {
        index = element.end
        continue
      }
      let isPassage =
        element.traits.contains(.passage)
        || (element.traits.contains(.openPassage) && !element.traits.contains(.hasBlocks))
      if isPassage, element.textCount >= 25 {
        let worth = (1 + Double(element.commaCount) + min(Double(element.textCount) / 100, 3)) * (1 - element.linkShare)
        var ancestor = element.parent
        for level in 0..<5 where ancestor >= outline.body {
          scores[ancestor] += worth / (level == 0 ? 1 : level == 1 ? 2 : Double(level) * 3)
          if ancestor == outline.body { break }
          ancestor = elements[ancestor].parent
        }
      }
      index += 1
    }
  }

  private func standing(_ index: Int) -> Double {
    guard scores[index] > 0 else { return 0 }
    let element = elements[index]
    var weight = 0.0
    if element.hints.contains(.content) { weight += 25 }
    if element.traits.contains(.main) { weight += 25 }
    if element.hints.contains(.beside) { weight -= 25 }
    return (scores[index] + weight) * (1 - element.linkShare)
  }

  private func region() -> Int {
    var best = outline.body
    for index in outline.body..<elements.count where scores[index] > 0 && elements[index].traits.contains(.region) {
      if standing(index) > standing(best) { best = index }
    }
    // Out to what the markup calls the main part, if that is not much more; else one step where it costs nothing.
    let found = elements[best].plainCount
    var ancestor = elements[best].parent
    while best != outline.body, ancestor > outline.body {
      let plain = elements[ancestor].plainCount
      if elements[ancestor].traits.contains(.main) {
        if plain * 5 <= 11 * max(found, 400) { best = ancestor }
      } else if ancestor == elements[best].parent, plain > found, plain * 2 <= found * 3,
        standing(ancestor) >= 0.75 * standing(best)
      {
        best = ancestor
      }
      ancestor = elements[ancestor].parent
    }
    return best
  }

  /// Of what stands beside the region on the way up to the body, headings and passages of plain text stay.
  private mutating func keepRegion(_ region: Int) {
    let isSure = elements[region].plainCount * 2 >= elements[outline.body].plainCount
    var inside = region
    while inside > outline.body {
      let parent = elements[inside].parent
      guard parent >= outline.body, parent != inside else { return }
      var child = parent + 1
      while child < elements[parent].end {
        if child != inside, !skipped.contains(child), !stays(child, regionIsSure: isSure) { skipped.insert(child) }
        child = elements[child].end
      }
      inside = parent
    }
  }

  private func stays(_ index: Int, regionIsSure: Bool) -> Bool {
    let element = elements[index]
    let plain = element.plainCount
    let share = element.textCount == 0 ? 1 : element.linkShare
    if !regionIsSure, plain >= 80, share < 0.4 { return true }
    if plain < 400, share < 0.5, holds(1, of: outline.firstHeadings, in: index..<element.end) { return true }
    if element.traits.contains(.passage), plain >= 60, share < 0.3 { return true }
    return share < 0.25 && plain >= 140 && element.commaCount > 0
      && element.hints.isDisjoint(with: [.beside, .besidePerhaps])
  }

  /// Inside the region: containers that hold little but links, as 'more on this' does. Lists stay: they may be the
  /// matter.
  private mutating func dropLinkCrowds(in region: Int) {
    var index = region + 1
    while index < elements[region].end {
      let element = elements[index]
      if skipped.contains(index) {
        index = element.end
        continue
      }
      if element.traits.contains(.container), element.plainCount < 60, element.linkShare > 0.75,
        element.textCount * 10 < elements[region].textCount * 3, !element.hints.contains(.contents),
        holds(3, of: outline.anchors, in: index..<element.end)
      {
        skipped.insert(index)
        index = element.end
      } else {
        index += 1
      }
    }
  }

  /// Whether at least so many of `sorted` lie in the range.
  private func holds(_ count: Int, of sorted: [Int], in range: Range<Int>) -> Bool {
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < range.lowerBound { low = middle + 1 } else { high = middle }
    }
    return low + count <= sorted.count && sorted[low + count - 1] < range.upperBound
  }
}
