import DeskCore
import TestKit
import Testing

@Suite("Instant at its limits")
struct InstantEndsTests {
  private static let edges: [Int64] = [.min, .min + 1, -1, 0, 1, 1_795_336_200_000_000, .max - 1, .max]

  @Test("arithmetic saturates at the limits and never traps")
  func arithmeticSaturates() {
    #expect(Instant.latest + .seconds(1) == .latest)
    #expect(Instant.latest - .seconds(-1) == .latest)
    #expect(Instant.earliest - .seconds(1) == .earliest)
    #expect(Instant.earliest + .seconds(-1) == .earliest)
    #expect(Instant(seconds: .max) == .latest && Instant(seconds: .min) == .earliest)
    #expect(Instant.latest - Instant.earliest == .microseconds(Int64.max))
    #expect(Instant.earliest - Instant.latest == .microseconds(Int64.min))
    #expect(Duration.seconds(Int64.max).wholeMicroseconds == .max)
    #expect(Duration.seconds(Int64.min).wholeMicroseconds == .min)
    #expect(Instant(seconds: 1) + .seconds(Int64.max) == .latest)
    for left in InstantEndsTests.edges {
      for right in InstantEndsTests.edges {
        let (instant, other) = (Instant(microseconds: left), Instant(microseconds: right))
        let (sum, overflow) = left.addingReportingOverflow(right)
        #expect((instant + .microseconds(right)).microseconds == (overflow ? (right < 0 ? .min : .max) : sum))
        #expect((instant - other > .zero) == (left > right))
        _ = instant.milliseconds
        _ = CivilDay(of: instant).description
        _ = ZoneOffsets.utc.localDay(of: instant)
        _ = RFC3339.text(instant)
      }
    }
  }

  @Test("calendars accept the earliest and latest instant")
  func calendarsHandleExtremeInstants() {
    let zone = ZoneOffsets(
      name: "x", initialOffsetSeconds: 50_400,
      transitions: [.init(at: Instant(seconds: 1_800_000_000), offsetSeconds: -43_200)])
    let office = BusinessCalendar(zone: zone, week: Array(repeating: [540..<1020], count: 7), exceptions: [:])
    for edge in InstantEndsTests.edges {
      let instant = Instant(microseconds: edge)
      _ = zone.localDay(of: instant)
      _ = zone.instant(day: zone.localDay(of: instant), minute: 1440)
      _ = office.openTime(from: instant, to: instant)
      _ = BusinessCalendar.always.instant(after: .seconds(Int64.max), from: instant)
      _ = office.instant(after: .seconds(3600), from: instant)
    }
  }
}

@Suite("CivilDay")
struct CivilDayTests {
  @Test("days and dates convert in both directions")
  func roundTrips() throws {
    // From 1600 to 2400: all kinds of years and centuries, before and after the epoch.
    var expected = CivilDay(year: 1600, month: 1, day: 1)?.sinceEpoch ?? 0
    for year in 1600...2400 {
      for month in 1...12 {
        for day in 1...31 {
          guard let civil = CivilDay(year: year, month: month, day: day) else {
            #expect(day > 28)
            continue
          }
          #expect(civil.sinceEpoch == expected)
          let parts = civil.components
          #expect(parts == (year, month, day))
          expected += 1
        }
      }
    }
    #expect(CivilDay(sinceEpoch: 0).description == "1970-01-01" && CivilDay(sinceEpoch: 0).weekday == 4)
    #expect(CivilDay(sinceEpoch: -1).description == "1969-12-31" && CivilDay(sinceEpoch: -5).weekday == 6)
    #expect(CivilDay(of: Instant(microseconds: -1)).description == "1969-12-31")
  }

  @Test(
    "rejects anything but a date of four, two and two digits",
    arguments: [
      "", "2026", "20260301", "2026-3-1", "2026-02-30", "2026-02-29", "2026-13-01", "2026-00-10", "2026-01-00",
      "1969-12-31",
      "2026-03-01 ", " 2026-03-01", "+026-03-01", "2026-+3-01", "２026-03-01", "2026-03-1", "10000-01-01", "0000-01-01",
      "2026‐03‐01", "2026-03-01T00:00:00Z",
    ])
  func refuses(text: String) { #expect(CivilDay(text) == nil) }

  @Test("parses dates")
  func reads() {
    #expect(CivilDay("1970-01-01")?.sinceEpoch == 0)
    #expect(CivilDay("2028-02-29")?.sinceEpoch == 21_243)
    #expect(CivilDay("9999-12-31")?.description == "9999-12-31")
  }
}

@Suite("HTTPDate")
struct HTTPDateTests {
  private let now = Instant(seconds: 1_795_336_200)

  @Test(
    "parses the three forms of a date",
    arguments: [
      ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
      ("Sun Nov  6 08:49:37 1994", 784_111_777), ("Wed Nov 16 08:49:37 1994", 784_975_777),
      ("Thu, 29 Feb 2024 00:00:00 GMT", 1_709_164_800),
      // A two-digit year is at most 50 years ahead.
      ("Wednesday, 01-Jan-76 00:00:00 GMT", 3_345_062_400), ("Saturday, 01-Jan-77 00:00:00 GMT", 220_924_800),
    ] as [(String, Int64)])
  func reads(text: String, seconds: Int64) {
    #expect(HTTPDate.instant(text, now: now) == Instant(seconds: seconds))
  }

  @Test(
    "rejects anything else",
    arguments: [
      "", "soon", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Mon, 06 Nov 1994 08:49:37 GMT",
      "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
      "Sun, 06 Nov 294248 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
      "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT", "      ", ", , , , , GMT",
      "Fri, 01 Jan 0000 00:00:00 GMT", "Sun Nov  6 08:49:37 94", "1994-11-06T08:49:37Z",
    ])
  func refuses(text: String) { #expect(HTTPDate.instant(text, now: now) == nil) }

  @Test("no text crashes the process", arguments: 0..<20)
  func randomTextDoesNotTrap(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed) + 1)
    let words = ["Sun", ",", " ", "06", "Nov", "-", "1994", "94", "08:49:37", ":", "GMT", "é", "\u{0}", "9999999999"]
    for _ in 0..<1000 {
      let text = (0..<Int.random(in: 0...12, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
      _ = HTTPDate.instant(text.joined(), now: .latest)
    }
  }
}
