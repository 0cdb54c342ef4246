// Takes a body in as it comes, within the limit of its route: into memory, into a form, or into nothing.
// After the first failure the rest is thrown away; the failure is told when the body ends, for a response may not
// overtake it.
import Base

struct BodyReader {
  private enum Kind {
    case nothing
    case bytes([UInt8])
    case form(MultipartParser, FormBuilder)
  }

  private var kind: Kind
  private let bytesMax: Int
  private(set) var received = 0
  private(set) var failure: (any Failure)?

  init(
    accepting accepted: Accepted, headers: Headers, spoolDirectory: String, random: any RandomSource
  ) throws(HTTPFailure) {
    let type = headers["Content-Type"] ?? ""
    switch accepted {
    case .none:
      kind = .nothing
      bytesMax = Limits.drainedBytesMax
    case .bytes(let limit):
      kind = .bytes([])
      bytesMax = limit
    case .json(let limit):
      // A form of another site cannot send this type without asking first: part of the guard against CSRF.
      let main = ParameterisedValue(type)?.main ?? type
      guard main.isEmpty || main == "application/json" || main.hasSuffix("+json") else {
        throw .unsupportedBody(expected: "application/json")
      }
      kind = .bytes([])
      bytesMax = limit
    case .multipart(let limit):
      kind = .form(
        try MultipartParser(contentType: type), FormBuilder(directory: spoolDirectory, random: random))
      bytesMax = limit
    }
  }

  /// Reads and forgets, so that a refusal can be told on a connection that goes on.
  init() {
    kind = .nothing
    bytesMax = Limits.drainedBytesMax
  }

  func check(announced bytes: Int) throws(HTTPFailure) {
    if bytes > bytesMax { throw .bodyTooLarge(bytesMax: bytesMax) }
  }

  /// True where the sender has gone so far past the limit that only closing helps.
  var isHopeless: Bool { received > bytesMax + (8 << 20) }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    received += bytes.count
    if failure != nil { return }
    if received > bytesMax {
      refuse(HTTPFailure.bodyTooLarge(bytesMax: bytesMax))
      return
    }
    switch kind {
    case .nothing: break
    case .bytes(var all):
      kind = .nothing  // so that the array is not copied
      unsafe all.append(contentsOf: bytes)
      kind = .bytes(all)
    case .form(var parser, var builder):
      kind = .nothing
      do throws(HTTPFailure) {
        unsafe try parser.feed(bytes, to: &builder)
        kind = .form(parser, builder)
      } catch { refuse(error) }
    }
  }

  private mutating func refuse(_ reason: any Failure) {
    failure = reason
    kind = .nothing
  }

  func finish() throws -> Body {
    if let failure { throw failure }
    switch kind {
    case .nothing: return .none
    case .bytes(let all): return .bytes(all)
    case .form(let parser, let builder):
      // A form route that was sent no body at all has an empty form, not half of one.
      if received > 0 { try parser.finish() }
      return .form(builder.form)
    }
  }
}

struct FormBuilder: MultipartSink {
  private enum Part {
    case field(name: String, [UInt8])
    case file(name: String, filename: String, contentType: String, SpoolFile, size: Int)
  }

  private let directory: String
  private let random: any RandomSource
  private var part: Part?
  private(set) var form = Form()

  init(directory: String, random: any RandomSource) {
    self.directory = directory
    self.random = random
  }

  mutating func partBegins(name: String, filename: String?, contentType: String) throws(HTTPFailure) {
    if let filename {
      part = .file(
        name: name, filename: baseName(filename), contentType: contentType,
        try SpoolFile(in: directory, random: random), size: 0)
    } else {
      part = .field(name: name, [])
    }
  }

  mutating func partContinues(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure) {
    let current = part
    part = nil
    switch current {
    case .field(let name, var value):
      guard value.count + bytes.count <= Limits.fieldBytesMax else {
        throw .multipart("a field is longer than \(Limits.fieldBytesMax) bytes")
      }
      unsafe value.append(contentsOf: bytes)
      part = .field(name: name, value)
    case .file(let name, let filename, let contentType, let spool, let size):
      unsafe try spool.append(bytes)
      part = .file(
        name: name, filename: filename, contentType: contentType, spool, size: size + bytes.count)
    case nil: preconditionFailure("content outside of a part")
    }
  }

  mutating func partEnds() throws(HTTPFailure) {
    switch part {
    case .field(let name, let value):
      guard let text = String(validating: value, as: UTF8.self) else {
        throw .multipart("a field is not UTF-8")
      }
      form.fields.append((name, text))
    case .file(let name, let filename, let contentType, let spool, let size):
      form.files.append(
        UploadedFile(name: name, filename: filename, contentType: contentType, size: size, spool: spool))
    case nil: preconditionFailure("the end of a part that never began")
    }
    part = nil
  }
}

/// Some browsers send a whole path, with either slash.
private func baseName(_ filename: String) -> String {
  String(filename.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }.last ?? "")
}
