// A request's path as logs may keep it. Documents and the like may be called by names that people gave them; of these
// only ids stay, which we made ourselves and which say nothing.

enum LoggedPath {
  /// The path with '{…}' in the place of each parameter that is not an id, a number or one of our own words.
  static func text(_ path: String, route: String?) -> String {
    guard let route else { return path }
    let asked = path.split(separator: "/", omittingEmptySubsequences: false)
    let pattern = route.split(separator: "/", omittingEmptySubsequences: false)
    guard asked.count == pattern.count else { return route }
    return zip(asked, pattern).map { segment, place in
      String(place.contains("{") && !isID(segment) ? place : segment)
    }.joined(separator: "/")
  }

  /// 'd_0123456789abcdef' and its like, or '12.png'.
  private static func isID(_ segment: Substring) -> Bool {
    let stem = segment.hasSuffix(".png") ? segment.dropLast(4) : segment
    if !stem.isEmpty, stem.allSatisfy(\.isNumber) { return true }
    let digits = stem.dropFirst(2)
    return stem.dropFirst().first == "_" && (12...16).contains(digits.count) && digits.allSatisfy(\.isHexDigit)
  }
}
