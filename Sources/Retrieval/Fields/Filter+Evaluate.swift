// A filter over field columns: each test becomes a few ranges of sorted keys and sets the bits of their slots. The cost
// is that of the matches, not of the records, save for the words of the bit sets.

extension Filter {
  /// Every slot below `capacity` whose record passes; slots of dead records may be among them.
  func slots(in parts: [FieldPart], capacity: Int) -> SlotSet {
    root.slots(in: parts, capacity: capacity)
  }
}

extension Filter.Node {
  fileprivate func slots(in fieldParts: [FieldPart], capacity: Int) -> SlotSet {
    switch self {
    case .and(let parts):
      var all = SlotSet(allOf: capacity)
      for part in parts { all.formIntersection(part.slots(in: fieldParts, capacity: capacity)) }
      return all
    case .or(let parts):
      var any = SlotSet(capacity: capacity)
      for part in parts { any.formUnion(part.slots(in: fieldParts, capacity: capacity)) }
      return any
    case .not(let part):
      var none = part.slots(in: fieldParts, capacity: capacity)
      none.formComplement()
      return none
    case .compare(let field, _, _), .oneOf(let field, _), .prefix(let field, _), .exists(let field):
      var found = SlotSet(capacity: capacity)
      for part in fieldParts {
        guard let columns = part.segment.fields[field] else { continue }
        guard let dead = part.dead else {
          insertMatches(of: columns, into: &found)
          continue
        }
        var alive = SlotSet(capacity: capacity)
        insertMatches(of: columns, into: &alive)
        alive.formSubtraction(dead)
        found.formUnion(alive)
      }
      return found
    }
  }

  /// Of a leaf, over one segment.
  private func insertMatches(of columns: FieldColumns, into found: inout SlotSet) {
    switch self {
    case .compare(_, let comparison, let literal): columns.insert(comparison, literal, into: &found)
    case .oneOf(_, let literals):
      for literal in literals { columns.insert(.equal, literal, into: &found) }
    case .prefix(_, let start):
      let first = columns.texts.bound(start)
      var last = first
      while last < columns.texts.keys.count, columns.texts.keys[last].utf8.starts(with: start.utf8) {
        last += 1
      }
      found.insert(contentsOf: columns.texts.slots(at: first..<last))
    case .exists: found.insert(contentsOf: columns.present)
    case .and, .or, .not: preconditionFailure("a leaf was expected")
    }
  }
}

extension FieldColumns {
  fileprivate func insert(
    _ comparison: Filter.Comparison, _ literal: Filter.Literal, into found: inout SlotSet
  ) {
    // A bare number orders numbers only: as text, 9 would come after 10.
    if comparison == .equal || literal.number == nil {
      found.insert(contentsOf: texts.slots(at: texts.range(comparison, literal.text)))
    }
    if let number = literal.number {
      found.insert(contentsOf: numbers.slots(at: numbers.range(comparison, number)))
    }
    if let date = literal.date {
      found.insert(contentsOf: dates.slots(at: dates.range(comparison, within: date)))
    }
  }
}

extension SortedColumn {
  /// Keys that stand in the comparison to a value.
  fileprivate func range(_ comparison: Filter.Comparison, _ key: Key) -> Range<Int> {
    switch comparison {
    case .equal: bound(key)..<bound(key, past: true)
    case .less: 0..<bound(key)
    case .lessOrEqual: 0..<bound(key, past: true)
    case .greater: bound(key, past: true)..<keys.count
    case .greaterOrEqual: bound(key)..<keys.count
    }
  }
}

extension SortedColumn<Double> {
  /// A day is before, in or after a stretch of time; its end does not belong to it, unless it is a point.
  fileprivate func range(_ comparison: Filter.Comparison, within date: Filter.DateRange) -> Range<Int> {
    let after = date.start == date.end ? bound(date.end, past: true) : bound(date.end)
    return switch comparison {
    case .equal: bound(date.start)..<after
    case .less: 0..<bound(date.start)
    case .lessOrEqual: 0..<after
    case .greater: after..<keys.count
    case .greaterOrEqual: bound(date.start)..<keys.count
    }
  }
}
