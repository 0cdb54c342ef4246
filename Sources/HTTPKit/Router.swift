// Which handler answers which method and path. Built once, then only read.
//
// A pattern is a path whose segments are plain text, `{name}`, or `{name}` with a suffix (`{n}.png`). Plain text wins
// over a suffix, a suffix over a bare name; there are no wildcards and no redirects, so a path has one spelling.
import Base

package struct Route: Sendable {
  package let method: Method
  package let pattern: String
  package let accepts: Accepted
  /// Answered at once on the connection thread: for what never waits, and must answer when all workers are busy.
  package let isImmediate: Bool
  package let handler: @Sendable (Request) throws -> Response
}

package struct Router: Sendable {
  package typealias Handler = @Sendable (Request) throws -> Response

  private final class Node: Sendable {
    let plain: [String: Node]
    let suffixed: [(name: String, suffix: String, node: Node)]
    let named: (name: String, node: Node)?
    let routes: [Method: Route]

    init(_ routes: [(rest: ArraySlice<String>, route: Route)]) {
      var plain: [String: [(rest: ArraySlice<String>, route: Route)]] = [:]
      var suffixed: [String: (name: String, suffix: String, routes: [(rest: ArraySlice<String>, route: Route)])] =
        [:]
      var named: (name: String, routes: [(rest: ArraySlice<String>, route: Route)])?
      var here: [Method: Route] = [:]
      for (rest, route) in routes {
        guard let first = rest.first else {
          precondition(here[route.method] == nil, "\(route.method) \(route.pattern) is there twice")
          here[route.method] = route
          continue
        }
        let next = (rest: rest.dropFirst(), route: route)
        switch Router.segment(first) {
        case .plain: plain[first, default: []].append(next)
        case .named(let name, let suffix):
          if suffix.isEmpty {
            precondition(named == nil || named?.name == name, "two names for one segment in \(route.pattern)")
            named = (name, (named?.routes ?? []) + [next])
          } else {
            suffixed[first] = (name, suffix, (suffixed[first]?.routes ?? []) + [next])
          }
        }
      }
      self.plain = plain.mapValues(Node.init)
      self.suffixed = suffixed.sorted { $0.key < $1.key }.map {
        ($0.value.name, $0.value.suffix, Node($0.value.routes))
      }
      self.named = named.map { ($0.name, Node($0.routes)) }
      self.routes = here
    }
  }

  private enum Segment {
    case plain
    case named(String, suffix: String)
  }

  package private(set) var routes: [Route] = []
  private var root = Node([])

  package init() {}

  package mutating func add(
    _ method: Method, _ pattern: String, accepts: Accepted = .none, immediate: Bool = false,
    handler: @escaping Handler
  ) {
    precondition(pattern.hasPrefix("/"), "a pattern begins with a slash")
    routes.append(
      Route(method: method, pattern: pattern, accepts: accepts, isImmediate: immediate, handler: handler))
    // Rebuilt each time: a few dozen routes, added once.
    root = Node(routes.map { (rest: Router.pieces($0.pattern)[...], route: $0) })
  }

  /// The same routes, each with another handler around its own.
  package func wrapped(_ wrap: (Route) -> Handler) -> Router {
    var router = Router()
    for route in routes {
      router.add(
        route.method, route.pattern, accepts: route.accepts, immediate: route.isImmediate, handler: wrap(route))
    }
    return router
  }

  /// Which methods a path knows, and what its pattern's names stand for.
  struct Match {
    let routes: [Method: Route]
    let parameters: [String: String]

    func route(for method: Method) -> Route? { routes[method] ?? (method == .head ? routes[.get] : nil) }

    var allowed: [String] {
      var methods = Set(routes.keys)
      if methods.contains(.get) { methods.insert(.head) }
      methods.insert(.options)
      return methods.map(\.rawValue).sorted()
    }
  }

  /// nil where no route has this path, whatever the method.
  func match(_ segments: [String]) -> Match? {
    match(segments[...], root, [:])
  }

  private func match(_ segments: ArraySlice<String>, _ node: Node, _ parameters: [String: String]) -> Match? {
    guard let first = segments.first else {
      return node.routes.isEmpty ? nil : Match(routes: node.routes, parameters: parameters)
    }
    let rest = segments.dropFirst()
    if let next = node.plain[first], let found = match(rest, next, parameters) { return found }
    guard !first.isEmpty else { return nil }
    for (name, suffix, next) in node.suffixed where first.hasSuffix(suffix) && first.count > suffix.count {
      let value = String(first.dropLast(suffix.count))
      if let found = match(rest, next, parameters.merging([name: value]) { $1 }) { return found }
    }
    if let (name, next) = node.named { return match(rest, next, parameters.merging([name: first]) { $1 }) }
    return nil
  }

  private static func pieces(_ pattern: String) -> [String] {
    pattern == "/"
      ? [] : pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
  }

  private static func segment(_ text: String) -> Segment {
    guard text.hasPrefix("{"), let close = text.firstIndex(of: "}") else { return .plain }
    return .named(
      String(text[text.index(after: text.startIndex)..<close]),
      suffix: String(text[text.index(after: close)...]))
  }
}
