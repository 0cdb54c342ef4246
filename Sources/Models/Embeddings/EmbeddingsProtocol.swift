// `/v1/embeddings` as values: what is asked, and what of the answer is believed. A reply is taken whole or not at all:
// one vector a text, each of the same dimension, finite, not zero, put in order by its index and made unit length.
package import Base

package enum EmbeddingsProtocol {
  package static let service = "/embeddings"

  package static func request(_ texts: [String], model: String, dimensions: Int?) -> JSON {
    var body: JSONObject = ["model": .string(model), "input": JSON(texts), "encoding_format": "float"]
    if let dimensions { body["dimensions"] = .integer(dimensions) }
    return .object(body)
  }

  /// What is wrong with a reply, in words.
  package struct Refusal: Error, Equatable {
    package let why: String
  }

  /// Row-major; `dimension` nil: whatever the first vector has.
  package static func vectors(
    in reply: JSON, count: Int, dimension: Int?
  ) throws(Refusal) -> (vectors: [Float], dimension: Int) {
    guard let rows = reply.data?.array else { throw Refusal(why: "there is no 'data' in its reply") }
    guard rows.count == count else { throw Refusal(why: "\(rows.count) vectors for \(count) texts") }
    var ordered = [JSON?](repeating: nil, count: count)
    for (place, row) in rows.enumerated() {
      // Some servers leave the index out and keep the order.
      let index = row.index.map { $0.int ?? -1 } ?? place
      guard ordered.indices.contains(index), ordered[index] == nil else {
        throw Refusal(why: "the index \(row.index?.text ?? "") stands twice or counts past the texts")
      }
      ordered[index] = row.embedding ?? .null
    }
    var dimension = dimension
    var vectors: [Float] = []
    for (index, numbers) in ordered.enumerated() {
      guard let numbers = numbers?.array, !numbers.isEmpty else {
        throw Refusal(why: "vector \(index) is no list of numbers")
      }
      let expected = dimension ?? numbers.count
      guard numbers.count == expected else {
        throw Refusal(why: "vector \(index) has \(numbers.count) numbers instead of \(expected)")
      }
      guard expected <= Limits.dimensionsMax else {
        throw Refusal(why: "its vectors have \(expected) numbers; at most \(Limits.dimensionsMax) can be kept")
      }
      dimension = expected
      vectors += try unit(numbers, index)
    }
    return (vectors, dimension ?? 0)
  }

  private static func unit(_ numbers: [JSON], _ index: Int) throws(Refusal) -> [Float] {
    var values: [Double] = []
    values.reserveCapacity(numbers.count)
    for number in numbers {
      guard let value = number.double, value.isFinite else {
        throw Refusal(why: "vector \(index) holds something that is no finite number")
      }
      values.append(value)
    }
    // Scaled by the largest first: squares of very large or small numbers would leave the range.
    let largest = values.reduce(0) { max($0, abs($1)) }
    guard largest > 0 else { throw Refusal(why: "vector \(index) is zero") }
    let length = largest * values.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
    guard length.isFinite else { throw Refusal(why: "vector \(index) is too long to be made unit length") }
    return values.map { Float($0 / length) }
  }
}
