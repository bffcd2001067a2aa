/// Parses the dates of HTTP headers (RFC 9110, section 5.6.7).
public enum HTTPDate {
  private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// The instant of `Sun, 06 Nov 1994 08:49:37 GMT` or of one of the two obsolete forms, `Sunday, 06-Nov-94 08:49:37 GMT` and
  /// `Sun Nov  6 08:49:37 1994`; nil for anything else, for a weekday that does not match the date, and outside the years 1970 to 9999.
  /// - Parameter now: determines the century of a two-digit year: at most 50 years ahead.
  public static func instant(_ text: String, now: Instant) -> Instant? {
    let parts = text.utf8.count <= 40 ? text.split(separator: " ", omittingEmptySubsequences: false) : []
    switch parts.count {
    case 6 where parts[0].hasSuffix(",") && parts[5] == "GMT":
      guard let date = number(parts[1], digits: 2), let year = number(parts[3], digits: 4) else { return nil }
      return instant(parts[0].dropLast(), year, parts[2], date, parts[4])
    case 4 where parts[0].hasSuffix(",") && parts[3] == "GMT":
      let day = parts[1].split(separator: "-", omittingEmptySubsequences: false)
      guard day.count == 3, let date = number(day[0], digits: 2), let short = number(day[2], digits: 2) else {
        return nil
      }
      let latest = CivilDay(of: now).components.year + 50
      let year = latest - (latest - short) % 100
      return instant(parts[0].dropLast(), year, day[1], date, parts[2])
    case 5, 6:
      // A single-digit day is preceded by a second space.
      guard parts.count == 5 ? parts[2].utf8.count == 2 : parts[2].isEmpty,
        let date = parts.count == 5 ? number(parts[2], digits: 2) : number(parts[3], digits: 1),
        let year = number(parts[parts.count - 1], digits: 4)
      else { return nil }
      return instant(parts[0], year, parts[1], date, parts[parts.count - 2])
    default: return nil
    }
  }

  private static func instant(
    _ weekday: Substring, _ year: Int, _ monthName: Substring, _ date: Int, _ time: Substring
  ) -> Instant? {
    let clock = time.split(separator: ":", omittingEmptySubsequences: false).map { number($0, digits: 2) }
    guard CivilDay.years.contains(year), let month = months.firstIndex(where: { $0 == monthName }),
      let day = CivilDay(year: year, month: month + 1, day: date),
      weekday == weekdays[day.weekday] || weekday == weekdays[day.weekday].prefix(3), clock.count == 3,
      let hour = clock[0], let minute = clock[1], let second = clock[2], hour < 24, minute < 60, second <= 60
    else { return nil }
    return Instant(seconds: Int64(day.sinceEpoch * 86_400 + hour * 3600 + minute * 60 + second))
  }

  private static func number(_ text: Substring, digits: Int) -> Int? {
    text.utf8.count == digits && text.utf8.allSatisfy { $0 &- UInt8(ascii: "0") < 10 } ? Int(text) : nil
  }
}
