// The library's way to the readers of Ingest.
import Base
import Ingest
import KnowledgeBase

/// In this process: for tests, and for files that are known to be harmless.
struct InProcessExtractor: Extractor {
  func extract(_ bytes: [UInt8], filename: String, declaredType: String?) throws -> Document {
    try Extraction.extract(bytes, filename: filename, declaredType: declaredType)
  }

  func renderPage(pdf: [UInt8], page: Int, highlights: [Rectangle]) throws -> [UInt8] {
    throw PlainFailure(.unavailable, "no_pictures", "pages cannot be shown here")
  }
}
