// Words of a page that is a picture, read by Tesseract where it is installed: an option of the set-up.
// Invariants: boxes are in points of the page as it is shown; a document's recognition ends within its share of the
// time that a document may take.
// Must not: be needed: without Tesseract the page stands in the ledger as unread.
import Base
import CRecognition

struct RecognisedWord {
  var text: String
  var box: Rectangle
  var size: Float
  var line: Int
  var block: Int
}

/// Safe: owns the recogniser, closed once in `deinit`.
@safe final class PageRecogniser {
  private let handle: OpaquePointer
  private let clock: any Clock
  private let deadline: Double

  /// Below this a word is a guess at a line or a speck.
  private static let confidenceMin: Float = 30
  private static let dotsPerInch = 300.0

  /// Nil where Tesseract or its data is not installed.
  init?(clock: any Clock = SystemClock()) {
    guard let opened = unsafe fn_recogniser_open() else { return nil }
    unsafe handle = opened
    self.clock = clock
    deadline = clock.monotonicSeconds() + Double(Limits.recognitionSecondsMax)
  }

  deinit { unsafe fn_recogniser_close(handle) }

  var languages: String { unsafe String(cString: fn_recogniser_languages(handle)) }

  var isOutOfTime: Bool { clock.monotonicSeconds() > deadline }

  /// Nil where the page cannot be drawn or read.
  func words(of page: borrowing PDFPage) -> [RecognisedWord]? {
    guard let picture = PageInk.grey(page, dotsPerInch: Self.dotsPerInch) else { return nil }
    let found = Found(scale: Float(picture.pixelsPerPoint), confidenceMin: Self.confidenceMin)
    let status = unsafe picture.bytes.withUnsafeBufferPointer { grey in
      unsafe fn_recognise(
        handle, grey.baseAddress, Int32(picture.width), Int32(picture.height), Int32(picture.width),
        Int32(72 * picture.pixelsPerPoint),
        { context, text, box, confidence, line, block in
          guard let context = unsafe context, let text = unsafe text, let box = unsafe box else { return }
          let found = unsafe Unmanaged<Found>.fromOpaque(context).takeUnretainedValue()
          unsafe found.add(
            String(cString: text), (box[0], box[1], box[2], box[3]), confidence, line: Int(line), block: Int(block))
        }, Unmanaged.passUnretained(found).toOpaque())
    }
    return status == 0 ? found.words : nil
  }

  private final class Found {
    var words: [RecognisedWord] = []
    private let scale: Float
    private let confidenceMin: Float

    init(scale: Float, confidenceMin: Float) {
      self.scale = scale
      self.confidenceMin = confidenceMin
    }

    func add(_ text: String, _ box: (Int32, Int32, Int32, Int32), _ confidence: Float, line: Int, block: Int) {
      let text = text.filter { !$0.isWhitespace }
      guard confidence >= confidenceMin, !text.isEmpty else { return }
      let place = Rectangle(
        left: Float(box.0) / scale, top: Float(box.1) / scale, right: Float(box.2) / scale,
        bottom: Float(box.3) / scale)
      words.append(
        RecognisedWord(text: text, box: place, size: place.bottom - place.top, line: line, block: block))
    }
  }
}

/// Whether pages that are pictures can be read here.
package enum TextRecognition {
  /// As 'eng+deu'; nil where Tesseract or its data is not installed.
  package static var languages: String? { PageRecogniser()?.languages }
}
