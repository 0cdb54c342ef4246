// Bytes to the Document form, in this process. The pool runs the same function in a worker of its own, which is where
// bytes from outside belong.
// Must not: touch files or the network; everything a reader needs is in the bytes.
import Base

package enum Extraction {
  package static func extract(_ bytes: [UInt8], filename: String, declaredType: String?) throws -> Document {
    guard bytes.count <= Limits.uploadBytesMax else {
      throw IngestFailure(
        .tooLarge, "the file is larger than \(Limits.uploadBytesMax >> 20) MiB", hint: "split it into parts")
    }
    let format = try ContentType.identify(bytes, filename: filename, declaredType: declaredType)
    switch format {
    case .text: return try PlainTextReader.read(bytes)
    case .markdown: return try MarkdownReader.read(bytes)
    case .docx: return try WordReader.read(bytes)
    case .pdf: return try PDFReader.read(bytes)
    case .html: return try HTMLReader.read(bytes)
    case .csv, .tsv: return try TabularReader.read(bytes, format: format)
    case .json, .jsonl: return try JSONReader.read(bytes, format: format)
    case .zip: return try ArchiveReader.read(bytes)
    case .xlsx, .pptx, .odt, .epub, .rtf, .eml:
      throw IngestFailure(
        .unsupportedType, "\(format.shown) files cannot be read",
        hint: "PDF, DOCX, HTML, Markdown, text, CSV and JSON can")
    }
  }
}
