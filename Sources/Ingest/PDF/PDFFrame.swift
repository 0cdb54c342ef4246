// A page turned until most of its text runs from left to right: layout thinks in this frame, the document in the
// page's.
// Invariants: `toPage` undoes `toFrame`.
// Must not: change the size of anything.

struct PDFFrame: Equatable {
  /// Quarter turns clockwise by which the text is turned on the page.
  var turns = 0
  /// Of the page as it is shown.
  var width: Float = 0
  var height: Float = 0

  /// Of the frame.
  var frameHeight: Float { turns % 2 == 0 ? height : width }

  func toFrame(_ box: Rectangle) -> Rectangle {
    switch turns {
    case 1: Rectangle(left: box.top, top: width - box.right, right: box.bottom, bottom: width - box.left)
    case 2:
      Rectangle(left: width - box.right, top: height - box.bottom, right: width - box.left, bottom: height - box.top)
    case 3: Rectangle(left: height - box.bottom, top: box.left, right: height - box.top, bottom: box.right)
    default: box
    }
  }

  func toPage(_ box: Rectangle) -> Rectangle {
    switch turns {
    case 1: Rectangle(left: width - box.bottom, top: box.left, right: width - box.top, bottom: box.right)
    case 2:
      Rectangle(left: width - box.right, top: height - box.bottom, right: width - box.left, bottom: height - box.top)
    case 3: Rectangle(left: box.top, top: height - box.right, right: box.bottom, bottom: height - box.left)
    default: box
    }
  }
}
