// Where a model is asked: address, model, key, headers, patience. A value; nothing is sent here.
package import Base

package struct Endpoint: Sendable {
  /// Without a slash at its end; a query, as Azure's api-version, comes after the path of each request.
  private let base: String
  private let query: String
  package let model: String
  package let key: Secret?
  package let headers: [(name: String, value: Secret)]
  package private(set) var timeouts: HTTPTimeouts

  /// `url` as people write it: with or without a slash at its end; an address without any path means its /v1.
  package init(
    url: String, model: String, key: Secret? = nil, headers: [(name: String, value: Secret)] = [],
    timeouts: HTTPTimeouts = HTTPTimeouts()
  ) {
    let beforeFragment = url.prefix { $0 != "#" }
    var path = String(beforeFragment.prefix { $0 != "?" })
    query = String(beforeFragment.dropFirst(path.count))
    while path.hasSuffix("/") { path.removeLast() }
    let afterScheme = path.split(separator: "://", maxSplits: 1).last ?? ""
    base = afterScheme.contains("/") ? path : path + "/v1"
    self.model = model
    // A key read from a file often brings its line's end along.
    self.key = key.map { Secret(String($0.reveal().filter { !$0.isWhitespace })) }.flatMap { $0.isEmpty ? nil : $0 }
    self.headers = headers
    self.timeouts = timeouts
  }

  package func with(_ timeouts: HTTPTimeouts) -> Endpoint {
    var changed = self
    changed.timeouts = timeouts
    return changed
  }

  /// The same with the patience of someone who waits.
  package var impatient: Endpoint {
    var timeouts = timeouts
    timeouts.connectSeconds = min(timeouts.connectSeconds, 3)
    timeouts.firstByteSeconds = min(timeouts.firstByteSeconds, 5)
    timeouts.betweenBytesSeconds = min(timeouts.betweenBytesSeconds, 5)
    timeouts.wholeSeconds = min(timeouts.wholeSeconds ?? 10, 10)
    return with(timeouts)
  }

  /// The address of one of its services, such as `/embeddings`; one that the base already names is not added again.
  package func url(_ service: String) -> String { (base.hasSuffix(service) ? base : base + service) + query }

  /// Shown to people: without the query, which may hold a key.
  package var address: String { base }

  package func post(_ body: JSON, to service: String) -> HTTPRequest {
    var request = HTTPRequest("POST", url(service))
    request.headers = [("Accept", "application/json")]
    // A header that is given replaces the key, as for services that want it under another name.
    if let key, !headers.contains(where: { $0.name.lowercased() == "authorization" }) {
      request.headers.append(("Authorization", "Bearer \(key.reveal())"))
    }
    request.headers += headers.map { ($0.name, $0.value.reveal()) }
    // Whoever follows a request through the house may follow it on.
    request.headers += Timeline.current?.outgoingHeaders ?? []
    request.isCancelled = Caller.leaving
    request.body = .bytes(body.utf8, contentType: "application/json")
    request.timeouts = timeouts
    return request
  }

  /// What must not stand in an error or a log.
  package var secrets: [Secret] { (key.map { [$0] } ?? []) + headers.map(\.value) }
}
