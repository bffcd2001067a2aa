import DeskCore
import TestKit
import Testing

@Suite("RFC3339")
struct RFC3339Tests {
  @Test(
    "parses timestamps to the microsecond",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:00:00Z", 951_825_600_000_000),
      ("2026-11-22T16:30:00.5+08:00", 1_795_336_200_500_000), ("2026-11-22t08:30:00.123456789z", 1_795_336_200_123_456),
      ("2016-12-31T23:59:60Z", 1_483_228_800_000_000), ("9999-12-31T23:59:59Z", 253_402_300_799_000_000),
    ] as [(String, Int64)])
  func reads(text: String, microseconds: Int64) {
    #expect(RFC3339.instant(text) == Instant(microseconds: microseconds))
  }

  @Test(
    "rejects anything else",
    arguments: [
      "", "2026", "2026-11-22", "2026-11-22T10:00Z", "2026-11-22T10:00:00", "2026-11-22T24:00:00Z",
      "2026-11-22T10:60:00Z", "2026-11-22T10:00:61Z", "2026-02-29T10:00:00Z", "2026-04-31T10:00:00Z",
      "2026-00-01T10:00:00Z", "2026-11-22T10:00:00.Z", "2026-11-22T10:00:00+0800", "2026-11-22T10:00:00+24:00",
      "2026-02-30T10:00:00Z", "2026-11-22T10:00:00Z garbage", "0000-01-01T00:00:00Z", "294248-01-01T00:00:00Z",
      "300000-01-01T00:00:00Z", "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z",
      "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+01:00", "26-11-22T10:00:00Z", "2026-11-22T10:00:00Z ",
      "２026-11-22T10:00:00Z",
    ])
  func refuses(text: String) {
    #expect(RFC3339.instant(text) == nil)
  }

  @Test("formatted timestamps parse back", arguments: 0..<200)
  func readsBack(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed) + 1)
    let instant = Instant(microseconds: Int64.random(in: 0...253_402_300_799_999_999, using: &random))
    #expect(RFC3339.instant(RFC3339.text(instant)) == instant)
  }

  @Test("an instant outside the years is written as the nearest one inside, and never traps")
  func writesAnything() {
    #expect(RFC3339.text(Instant(microseconds: .min)) == "1970-01-01T00:00:00.000000Z")
    #expect(RFC3339.text(Instant(microseconds: .max)) == "9999-12-31T23:59:59.999999Z")
  }
}
