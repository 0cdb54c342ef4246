// One prepared statement. Owns its handle; finalised when the last reference goes.
import CSQLite

package enum SQLValue: Sendable, Equatable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])

  package init(_ value: String?) { self = value.map { .text($0) } ?? .null }
  package init(_ value: Int?) { self = value.map { .integer(Int64($0)) } ?? .null }
  package init(_ value: Double?) { self = value.map { .real($0) } ?? .null }
}

extension SQLValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral {
  package init(stringLiteral value: String) { self = .text(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(nilLiteral: ()) { self = .null }
}

/// The current row of a running statement. Valid only inside the closure that it is handed to.
@safe package struct Row: ~Copyable {
  private let handle: OpaquePointer

  fileprivate init(handle: OpaquePointer) { unsafe self.handle = handle }

  package func isNull(_ column: Int) -> Bool { unsafe sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }

  package func integer(_ column: Int) -> Int { Int(unsafe sqlite3_column_int64(handle, Int32(column))) }

  package func optionalInteger(_ column: Int) -> Int? { isNull(column) ? nil : integer(column) }

  package func real(_ column: Int) -> Double { unsafe sqlite3_column_double(handle, Int32(column)) }

  package func optionalReal(_ column: Int) -> Double? { isNull(column) ? nil : real(column) }

  package func text(_ column: Int) -> String { String(decoding: blob(column), as: UTF8.self) }

  package func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }

  /// The bytes of a blob or of a text. sqlite3_column_bytes must follow sqlite3_column_blob:
  /// https://www.sqlite.org/c3ref/column_blob.html
  package func blob(_ column: Int) -> [UInt8] {
    guard let start = unsafe sqlite3_column_blob(handle, Int32(column)) else { return [] }
    let count = Int(unsafe sqlite3_column_bytes(handle, Int32(column)))
    return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  /// A blob of little-endian floats, as vectors are stored.
  package func floats(_ column: Int) -> [Float] {
    guard let start = unsafe sqlite3_column_blob(handle, Int32(column)) else { return [] }
    let count = Int(unsafe sqlite3_column_bytes(handle, Int32(column))) / MemoryLayout<Float>.size
    return unsafe [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      if count > 0, let target = buffer.baseAddress {
        unsafe UnsafeMutableRawPointer(target).copyMemory(from: start, byteCount: count * 4)
      }
      initialized = count
    }
  }
}

@safe final class Statement {
  private let handle: OpaquePointer
  private let database: OpaquePointer

  init(_ sql: String, on database: OpaquePointer) throws {
    var prepared: OpaquePointer?
    // The persistent flag tells SQLite that the statement is kept: https://www.sqlite.org/c3ref/prepare.html
    let result = unsafe sqlite3_prepare_v3(database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard result == SQLITE_OK, let prepared = unsafe prepared else {
      throw StoreError(resultCode: result, detail: "\(unsafe String(cString: sqlite3_errmsg(database))) in: \(sql)")
    }
    unsafe handle = prepared
    unsafe self.database = database
  }

  deinit { unsafe sqlite3_finalize(handle) }

  /// Runs to the end, handing each row over; the statement is ready for use again afterwards, whatever happened.
  func run(_ values: [SQLValue], each: (borrowing Row) throws -> Void) throws {
    defer {
      unsafe sqlite3_reset(handle)
      unsafe sqlite3_clear_bindings(handle)
    }
    precondition(
      Int(unsafe sqlite3_bind_parameter_count(handle)) == values.count,
      "a statement's parameters and values must be as many")
    for (index, value) in values.enumerated() { try bind(value, at: Int32(index + 1)) }
    while true {
      let result = unsafe sqlite3_step(handle)
      switch result {
      case SQLITE_ROW: try each(unsafe Row(handle: handle))
      case SQLITE_DONE: return
      default: throw failure(result)
      }
    }
  }

  private func bind(_ value: SQLValue, at index: Int32) throws {
    let result: Int32 =
      switch value {
      case .null: unsafe sqlite3_bind_null(handle, index)
      case .integer(let whole): unsafe sqlite3_bind_int64(handle, index, whole)
      case .real(let number): unsafe sqlite3_bind_double(handle, index, number)
      case .text(let text): bindText(text, at: index)
      case .blob(let bytes):
        unsafe bytes.withUnsafeBytes { unsafe footnote_bind_blob(handle, index, $0.baseAddress, Int32($0.count)) }
      }
    guard result == SQLITE_OK else { throw failure(result) }
  }

  private func bindText(_ text: String, at index: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { utf8 in
      unsafe utf8.withMemoryRebound(to: CChar.self) {
        unsafe footnote_bind_text(handle, index, $0.baseAddress, Int32($0.count))
      }
    }
  }

  private func failure(_ result: Int32) -> StoreError {
    StoreError(
      resultCode: unsafe sqlite3_extended_errcode(database),
      detail: "\(unsafe String(cString: sqlite3_errmsg(database))), result \(result)")
  }
}
