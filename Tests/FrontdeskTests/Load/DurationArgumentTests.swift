import Testing

@testable import Frontdesk

@Suite("Lengths of time on the command line")
struct DurationArgumentTests {
  @Test(
    "Units are understood, a number alone is seconds",
    arguments: [("250ms", 250), ("30s", 30_000), ("5m", 300_000), ("2h", 7_200_000), ("1.5", 1500), ("0", 0)])
  func units(_ text: String, _ milliseconds: Int) {
    #expect(DurationArgument(argument: text)?.duration == .milliseconds(milliseconds))
  }

  @Test("What is no length of time is refused", arguments: ["", "s", "-1s", "fast", "nan", "1e99h", "5 parsecs"])
  func wrong(_ text: String) {
    #expect(DurationArgument(argument: text) == nil)
  }
}
