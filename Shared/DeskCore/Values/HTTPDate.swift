/// Reads the dates of HTTP header fields: IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
public enum HTTPDate {
  private static let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// The moment, to the second; nil for anything else, for the two obsolete forms too, and outside the years 1970 to 9999.
  public static func instant(_ text: String) -> Instant? {
    let bytes = Array(text.utf8)
    guard bytes.count == 29, bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
    func part(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    guard days.contains(part(0..<3)), part(3..<5) == ", ", part(7..<8) == " ", part(11..<12) == " ",
      part(16..<17) == " ", part(25..<29) == " GMT",
      let month = months.firstIndex(of: part(8..<11))
    else { return nil }
    let number = month + 1
    return RFC3339.instant(
      "\(part(12..<16))-\(number < 10 ? "0" : "")\(number)-\(part(5..<7))T\(part(17..<25))Z")
  }
}
