// Spans as OTLP sends them over HTTP, in its two spellings.
// JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: names in lower camel case, ids in
// hexadecimal, 64-bit whole numbers as texts, enumerations as numbers. Protobuf: the same messages, for collectors that
// take no JSON.
import Base

enum OTLP {
  enum Spelling: Sendable {
    case json, protobuf

    var contentType: String { self == .json ? "application/json" : "application/x-protobuf" }
  }

  static let scope = "footnote"

  static func request(_ spans: [Span], service: String, as spelling: Spelling) -> [UInt8] {
    let resource: [Span.Attribute] = [
      ("service.name", .text(service)), ("service.version", .text(Product.version)),
      ("telemetry.sdk.language", .text("swift")),
      // By which Phoenix sorts what it is sent.
      ("openinference.project.name", .text(service)),
    ]
    return spelling == .json ? json(spans, resource).utf8 : protobuf(spans, resource)
  }

  // MARK: JSON

  private static func json(_ spans: [Span], _ resource: [Span.Attribute]) -> JSON {
    [
      "resourceSpans": [
        [
          "resource": ["attributes": attributes(resource)],
          "scopeSpans": [
            [
              "scope": ["name": .string(scope), "version": .string(Product.version)],
              "spans": .array(spans.map(json)),
            ]
          ],
        ]
      ]
    ]
  }

  private static func json(_ span: Span) -> JSON {
    var shape: JSONObject = [
      "traceId": .string(span.trace), "spanId": .string(span.id), "name": .string(span.name),
      "kind": .integer(span.kind.rawValue), "startTimeUnixNano": .string(String(span.startedNanoseconds)),
      "endTimeUnixNano": .string(String(span.endedNanoseconds)), "attributes": attributes(span.attributes),
    ]
    if let parent = span.parent { shape["parentSpanId"] = .string(parent) }
    if let state = span.state { shape["traceState"] = .string(state) }
    if let failure = span.failure { shape["status"] = ["code": 2, "message": .string(failure)] }
    return .object(shape)
  }

  private static func attributes(_ list: [Span.Attribute]) -> JSON {
    .array(list.map { ["key": .string($0.key), "value": json($0.value)] })
  }

  private static func json(_ value: Span.Value) -> JSON {
    switch value {
    case .text(let text): ["stringValue": .string(text)]
    case .whole(let whole): ["intValue": .string(String(whole))]
    case .number(let number): ["doubleValue": .number(number)]
    case .flag(let flag): ["boolValue": .bool(flag)]
    case .texts(let texts): ["arrayValue": ["values": .array(texts.map { json(.text($0)) })]]
    }
  }

  // MARK: Protobuf

  private static func protobuf(_ spans: [Span], _ resource: [Span.Attribute]) -> [UInt8] {
    var named = ProtobufMessage()
    for attribute in resource { named.add(1, protobuf(attribute)) }
    var whole = ProtobufMessage()
    whole.add(1, scope)
    whole.add(2, Product.version)
    var scopeSpans = ProtobufMessage()
    scopeSpans.add(1, whole)
    for span in spans { scopeSpans.add(2, protobuf(span)) }
    var resourceSpans = ProtobufMessage()
    resourceSpans.add(1, named)
    resourceSpans.add(2, scopeSpans)
    var request = ProtobufMessage()
    request.add(1, resourceSpans)
    return request.bytes
  }

  private static func protobuf(_ span: Span) -> ProtobufMessage {
    var message = ProtobufMessage()
    message.add(1, bytes: ProtobufMessage.bytes(hexadecimal: span.trace))
    message.add(2, bytes: ProtobufMessage.bytes(hexadecimal: span.id))
    if let state = span.state { message.add(3, state) }
    if let parent = span.parent { message.add(4, bytes: ProtobufMessage.bytes(hexadecimal: parent)) }
    message.add(5, span.name)
    message.add(6, varint: UInt64(span.kind.rawValue))
    message.add(7, fixed: span.startedNanoseconds)
    message.add(8, fixed: span.endedNanoseconds)
    for attribute in span.attributes { message.add(9, protobuf(attribute)) }
    if let failure = span.failure {
      var status = ProtobufMessage()
      status.add(2, failure)
      status.add(3, varint: 2)
      message.add(15, status)
    }
    return message
  }

  private static func protobuf(_ attribute: Span.Attribute) -> ProtobufMessage {
    var message = ProtobufMessage()
    message.add(1, attribute.key)
    message.add(2, protobuf(attribute.value))
    return message
  }

  private static func protobuf(_ value: Span.Value) -> ProtobufMessage {
    var message = ProtobufMessage()
    switch value {
    case .text(let text): message.add(1, text)
    case .flag(let flag): message.add(2, varint: flag ? 1 : 0)
    case .whole(let whole): message.add(3, varint: UInt64(bitPattern: Int64(whole)))
    case .number(let number): message.add(4, fixed: number.bitPattern)
    case .texts(let texts):
      var list = ProtobufMessage()
      for text in texts { list.add(1, protobuf(.text(text))) }
      message.add(5, list)
    }
    return message
  }
}

/// A message of fields by number: https://protobuf.dev/programming-guides/encoding/
private struct ProtobufMessage {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ field: Int, varint value: UInt64) {
    append(UInt64(field << 3))
    append(value)
  }

  mutating func add(_ field: Int, fixed value: UInt64) {
    append(UInt64(field << 3 | 1))
    for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift))) }
  }

  mutating func add(_ field: Int, bytes content: [UInt8]) {
    append(UInt64(field << 3 | 2))
    append(UInt64(content.count))
    bytes += content
  }

  mutating func add(_ field: Int, _ text: String) { add(field, bytes: Array(text.utf8)) }
  mutating func add(_ field: Int, _ message: ProtobufMessage) { add(field, bytes: message.bytes) }

  private mutating func append(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  static func bytes(hexadecimal text: String) -> [UInt8] {
    let digits = Array(text.utf8)
    return stride(from: 0, to: digits.count - 1, by: 2).map { index in
      UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) ?? 0
    }
  }
}
