// What became of one record in a search, and what would bring it among the hits.

/// Why a record is not among the hits, and the smallest change to the request that brings it there.
package struct WhyNot: Sendable {
  package enum Stage: Sendable, Equatable {
    /// It is among the hits, at this rank from 1.
    case shown(rank: Int)
    /// The collection does not hold it.
    case unknown
    /// The filter excludes it; the clauses that do so.
    case filtered(clauses: [String])
    /// Neither side can find it: no vector to compare and none of the question's words.
    case unmatched
    /// Found, but others are better; its rank from 1.
    case outranked(rank: Int)
    /// It says again what this better hit said.
    case thinned(by: Int64)
    /// Its source has its share of hits already.
    case capped(max: Int)
  }

  package enum Change: Sendable, CustomStringConvertible {
    case filter(Filter?)
    case limit(Int)
    case mode(SearchMode)
    case lambda(Double)
    case perGroupMax(Int?)

    package var description: String {
      switch self {
      case .filter(nil): "no filter"
      case .filter(let filter?): "the filter \(filter)"
      case .limit(let limit): "\(limit) results"
      case .mode(let mode): "mode \(mode.rawValue)"
      case .lambda(let lambda): "a relevance weight (mmr_lambda) of \(lambda == 1 ? "1" : "\(lambda)")"
      case .perGroupMax(nil): "any number of passages of one document"
      case .perGroupMax(let max?): "up to \(max) passages of one document"
      }
    }
  }

  package var stage: Stage
  package var semantic: Double?
  package var keyword: Double?
  package var semanticRank: Int?
  package var keywordRank: Int?
  /// To be made together; empty where no change of the request helps or none is needed.
  package var changes: [Change]

  /// The request with the changes made.
  package func applied(to request: SearchRequest) -> SearchRequest {
    var changed = request
    for change in changes {
      switch change {
      case .filter(let filter): changed.filter = filter
      case .limit(let limit): changed.limit = limit
      case .mode(let mode): changed.mode = mode
      case .lambda(let lambda): changed.lambda = lambda
      case .perGroupMax(let max): changed.perGroupMax = max
      }
    }
    return changed
  }
}
