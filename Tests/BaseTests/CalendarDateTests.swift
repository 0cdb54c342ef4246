// Dates read and written: leap years, offsets, and what is no date.
import Base
import Testing

@Suite struct CalendarDateTests {
  @Test(arguments: [
    ("1970-01-01", 0), ("2000-02-29", 951_782_400), ("2026-03-31T12:00:00Z", 1_774_958_400),
    ("2026-03-31T12:00:00+02:00", 1_774_951_200), ("1969-12-31 23:59", -60),
    ("2024-05-17T10:30:15.5Z", 1_715_941_815.5),
  ])
  func reads(_ text: String, _ seconds: Double) {
    #expect(CalendarDate.seconds(text) == seconds)
  }

  @Test(arguments: [
    "", "2026", "2026-13-01", "2023-02-29", "2026-3-1", "2026-03-31T25:00", "2026-03-31x", "１９７０-01-01",
  ])
  func refuses(_ text: String) {
    #expect(CalendarDate.seconds(text) == nil)
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"), (951_782_400, "2000-02-29T00:00:00Z"),
    (4_107_542_399, "2100-02-28T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
  ])
  func writes(_ seconds: Double, _ text: String) {
    #expect(CalendarDate.timestamp(seconds) == text)
  }
}
