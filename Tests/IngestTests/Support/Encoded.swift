// Text in an encoding before Unicode, by the system's iconv.
import CPoppler

func encoded(_ text: String, as name: String) -> [UInt8]? {
  var written: gsize = 0
  let bytes = Array(text.utf8)
  let made = unsafe bytes.withUnsafeBytes { raw in
    unsafe g_convert(raw.bindMemory(to: CChar.self).baseAddress, gssize(raw.count), name, "UTF-8", nil, &written, nil)
  }
  guard let made = unsafe made else { return nil }
  defer { unsafe g_free(made) }
  return unsafe Array(UnsafeRawBufferPointer(start: made, count: Int(written)))
}
