// Bytes to the Document form, in this process. The pool runs the same function in a worker of its own, which is where
// bytes from outside belong.
// Must not: touch files or the network; everything a reader needs is in the bytes.
import Base

/// What whoever adds documents may choose about the reading of them.
package struct ReadingOptions: Sendable, Equatable {
  /// Whether what reviewers remarked is read with the text: comments of Word files, of sheets and on pages of PDFs.
  package var comments = true

  package init(comments: Bool = true) { self.comments = comments }
}

package enum Extraction {
  package static func extract(
    _ bytes: [UInt8], filename: String, declaredType: String?, options: ReadingOptions = ReadingOptions()
  ) throws -> Document {
    try extract(bytes, filename: filename, declaredType: declaredType, options: options, depth: 0)
  }

  /// `depth` counts the messages that the bytes lie in.
  static func extract(
    _ bytes: [UInt8], filename: String, declaredType: String?, options: ReadingOptions, depth: Int
  ) throws -> Document {
    guard bytes.count <= Limits.uploadBytesMax else {
      throw IngestFailure(
        .tooLarge, "the file is larger than \(Limits.uploadBytesMax >> 20) MiB", hint: "split it into parts")
    }
    let type = try ContentType.identify(bytes, filename: filename, declaredType: declaredType)
    var document = try read(bytes, as: type.format, options, depth: depth)
    if let warning = type.warning { document.warnings.append(warning) }
    return document
  }

  private static func read(
    _ bytes: [UInt8], as format: DocumentFormat, _ options: ReadingOptions, depth: Int
  ) throws -> Document {
    switch format {
    case .text: try PlainTextReader.read(bytes)
    case .markdown: try MarkdownReader.read(bytes)
    case .docx: try WordReader.read(bytes, options)
    case .pdf: try PDFReader.read(bytes, options)
    case .html: try HTMLReader.read(bytes)
    case .csv, .tsv: try TabularReader.read(bytes, format: format)
    case .json, .jsonl: try JSONReader.read(bytes, format: format)
    case .xlsx: try WorkbookReader.read(bytes, options)
    case .pptx: try SlideReader.read(bytes)
    case .odt: try OpenDocumentReader.read(bytes)
    case .epub: try BookReader.read(bytes)
    case .rtf: try RichTextReader.read(bytes)
    case .eml: try MessageReader.read(bytes, options, depth: depth)
    case .zip: try ArchiveReader.read(bytes)
    case .record: throw IngestFailure(.unsupportedType, "a record is no file")
    }
  }
}
