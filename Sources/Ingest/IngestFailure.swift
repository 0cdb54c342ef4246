// The room's one error: why a document could not be read. Each case has a code of its own, matched by programs; the
// words are for people.
// Must not: carry text of the document, which is untrusted and may be private.
package import Base

package struct IngestFailure: Failure, Equatable {
  package enum Code: String, Sendable, CaseIterable {
    case emptyDocument = "empty_document"
    case noText = "no_text"
    case unsupportedType = "unsupported_type"
    case typeMismatch = "type_mismatch"
    case notText = "not_text"
    case tooLarge = "too_large"
    case tooDeep = "too_deep"
    case pdfEncrypted = "pdf_encrypted"
    case damagedPDF = "damaged_pdf"
    case officeEncrypted = "office_encrypted"
    case legacyOffice = "legacy_office"
    case damagedDOCX = "damaged_docx"
    case damagedArchive = "damaged_archive"
    case damagedXML = "damaged_xml"
    case damagedText = "damaged_text"
    case archiveEncrypted = "archive_encrypted"
    case unsafeName = "unsafe_name"
    case zipBomb = "zip_bomb"
    case dtdForbidden = "dtd_forbidden"
    case parseLimit = "parse_limit"
    case parserCrashed = "parser_crashed"
    case workerUnavailable = "worker_unavailable"
    case renderFailed = "render_failed"
    case noSuchPage = "no_such_page"
  }

  package let reason: Code
  package let message: String
  package let hint: String

  package init(_ reason: Code, _ message: String, hint: String = "") {
    self.reason = reason
    self.message = message
    self.hint = hint
  }

  package var code: String { reason.rawValue }

  package var kind: FailureKind {
    switch reason {
    case .unsupportedType, .typeMismatch, .legacyOffice: .unsupported
    case .tooLarge: .tooLarge
    case .workerUnavailable: .unavailable
    case .noSuchPage: .notFound
    case .emptyDocument, .noText, .notText, .tooDeep, .pdfEncrypted, .damagedPDF, .officeEncrypted, .damagedDOCX,
      .damagedArchive, .damagedXML, .damagedText, .archiveEncrypted, .unsafeName, .zipBomb, .dtdForbidden, .parseLimit,
      .parserCrashed,
      .renderFailed:
      .unprocessable
    }
  }
}
