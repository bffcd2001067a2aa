import DeskCore
import Testing

@Suite("HTTPDate")
struct HTTPDateTests {
  @Test("an IMF-fixdate is read")
  func reads() {
    #expect(HTTPDate.instant("Sun, 09 Sep 2001 01:46:40 GMT") == Instant(seconds: 1_000_000_000))
    #expect(HTTPDate.instant("Tue, 29 Feb 2028 23:59:59 GMT") == RFC3339.instant("2028-02-29T23:59:59Z"))
  }

  @Test(
    "anything else is refused, whatever its bytes",
    arguments: [
      "", "120", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 30 Feb 2026 08:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
      "Su\u{611}, 9 Sep 2001 01:46:40 GMT", "Sun, 06 N\u{f6} 1994 08:49:37 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT",
    ])
  func refuses(text: String) {
    #expect(HTTPDate.instant(text) == nil)
  }
}
