import Testing

@testable import PolicyReading

@Suite("Policy syntax of times, dates and ranges")
struct PolicyFormsTests {
  @Test(
    arguments: [
      ("30s", 30), ("15m", 900), ("2h", 7_200), ("1d", 86_400), ("1h30m", 5_400), ("1d2h3m4s", 93_784), ("0s", 0),
    ] as [(String, Int64)])
  func durationsAreRead(_ text: String, _ seconds: Int64) {
    #expect(PolicyTime.duration(text) == .seconds(seconds))
    #expect(PolicyTime.duration(PolicyTime.text(.seconds(seconds))) == .seconds(seconds))
  }

  @Test(arguments: ["", "s", "5", "5 m", "m5", "1.5h", "30m1h", "1h1h", "５m", "1w", "-1s", "+1s", "1h "])
  func invalidDurationsAreRejected(_ text: String) {
    #expect(PolicyTime.duration(text) == nil)
  }

  @Test func hoursAreReadAsMinutesOfTheDay() {
    #expect(PolicyTime.hours("09:00-17:30") == 540..<1_050)
    #expect(PolicyTime.hours("00:00-24:00") == 0..<1_440)
    for text in [
      "9:00-17:00", "09:00-09:00", "09:60-10:00", "09:00-24:01", "09:00", "09:00-10:00-11:00", "ab:cd-ef:gh",
    ] {
      #expect(PolicyTime.hours(text) == nil)
    }
  }

  @Test func datesAreCountedFromTheEpoch() {
    #expect(PolicyTime.day("2020-01-01") == 18_262)
    #expect(PolicyTime.day("2026-02-17") == 20_501)
    #expect(PolicyTime.day("2028-02-29") == 21_243)
    #expect(PolicyTime.day("2040-12-31") == 25_932)
    for text in [
      "2026-02-29", "2026-13-01", "2026-00-01", "2026-04-31", "2019-12-31", "2041-01-01", "2026-1-1", "26-01-01", "",
    ] {
      #expect(PolicyTime.day(text) == nil)
    }
  }

  @Test func nameRangesAreExpanded() {
    #expect(PolicyRange.names(of: "a-008..a-011", limit: 9) == ["a-008", "a-009", "a-010", "a-011"])
    #expect(PolicyRange.names(of: "ann", limit: 9) == ["ann"])
    for text in ["a-1..b-2", "a-1..a-10", "a-9..a-1", "a..b", "a-1..a-2..a-3", "a-01..a-12"] {
      #expect(PolicyRange.names(of: text, limit: 9) == nil)
    }
  }
}
