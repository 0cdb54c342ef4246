// Why somebody is not let in, and what would let him in.
import Base
import HTTPKit

enum AccessError: Failure, Equatable {
  case keyMissing
  case keyUnknown
  case scopeMissing(Scope)
  case ownerOnly
  case privateHost
  case foreignCollection(String)
  case forged
  case tooManyRequests(seconds: Int)
  case noSuchKey(String)
  case badKeyRequest(String)

  var kind: FailureKind {
    switch self {
    case .tooManyRequests: .busy
    case .noSuchKey: .notFound
    case .badKeyRequest: .usage
    default: .denied
    }
  }

  var code: String {
    switch self {
    case .keyMissing: "key_missing"
    case .keyUnknown: "key_unknown"
    case .scopeMissing: "scope_missing"
    case .ownerOnly, .privateHost: "owner_only"
    case .foreignCollection: "collection_denied"
    case .forged: "forged_request"
    case .tooManyRequests: "too_many_requests"
    case .noSuchKey: "key_not_found"
    case .badKeyRequest: "bad_key_request"
    }
  }

  var message: String {
    switch self {
    case .keyMissing: "this server wants an API key"
    case .keyUnknown: "the API key is not known, or no longer valid"
    case .scopeMissing(let scope): "the API key may not do that: it needs the scope '\(scope.rawValue)'"
    case .ownerOnly: "only the command line of the library's owner may ask for this"
    case .privateHost: "a command holds this library, and answers its owner's commands only"
    case .foreignCollection(let name): "the API key may not write to '\(name)'"
    case .forged: "the request does not come from this server's own page"
    case .tooManyRequests: "the API key has made as many requests as it may"
    case .noSuchKey(let id): "there is no key '\(id)'"
    case .badKeyRequest(let why): why
    }
  }

  var hint: String {
    switch self {
    case .keyMissing: "send it as 'Authorization: Bearer KEY'; 'footnote keys create' makes one"
    case .keyUnknown: "'footnote keys list' shows those that are valid"
    case .scopeMissing: "make another with 'footnote keys create --scope'"
    case .ownerOnly: "run 'footnote' on the machine itself"
    case .privateHost: "'footnote serve' serves everybody on this machine"
    case .foreignCollection: "name one of its own collections"
    case .forged: "open the page and try there"
    case .tooManyRequests(let seconds): "try again in \(seconds) s"
    case .noSuchKey: "'footnote keys list' shows their ids"
    case .badKeyRequest: ""
    }
  }

  /// 401 says that a key would help, 403 that this one does not.
  var response: Response {
    var response = Response.failure(self)
    switch self {
    case .keyMissing, .keyUnknown:
      response.status = 401
      response.headers["WWW-Authenticate"] = "Bearer realm=\"footnote\""
    case .tooManyRequests(let seconds): response.headers["Retry-After"] = String(seconds)
    default: break
    }
    return response
  }
}
