/// Parses and formats RFC 3339 timestamps, such as `2026-11-22T08:30:00.125+08:00`: the only parser and formatter in the project.
public enum RFC3339 {
  /// The last instant that is read and written as a timestamp: the end of the year 9999.
  public static let latest = Instant(microseconds: 253_402_300_799_999_999)

  /// The remedy in errors about an unreadable timestamp.
  public static let remedy =
    "Send an RFC 3339 timestamp with its offset, such as 2026-11-22T08:30:00Z or 2026-11-22T16:30:00+08:00."

  /// The instant, to the microsecond; nil for anything but a full date and time with its offset, between the years 1970 and 9999.
  /// A leap second counts as the second after it.
  public static func instant(_ text: String) -> Instant? {
    var reader = Reader(bytes: Array(text.utf8))
    guard let year = reader.number(4), CivilDay.years.contains(year), reader.take("-"),
      let month = reader.number(2), reader.take("-"), let dayOfMonth = reader.number(2),
      let day = CivilDay(year: year, month: month, day: dayOfMonth), reader.takeAny("Tt "),
      let hour = reader.number(2), hour < 24, reader.take(":"),
      let minute = reader.number(2), minute < 60, reader.take(":"),
      let second = reader.number(2), second <= 60,
      let fraction = reader.fraction(),
      let offset = reader.offset(), reader.isAtEnd
    else { return nil }
    let seconds = day.sinceEpoch * 86_400 + hour * 3600 + minute * 60 + second - offset * 60
    let instant = Instant(microseconds: Int64(seconds) * 1_000_000 + Int64(fraction))
    // An offset or a leap second can lead outside the years.
    return instant.microseconds >= 0 && instant <= latest ? instant : nil
  }

  /// The instant in UTC, to the microsecond: `2026-11-22T00:30:00.125000Z`. An instant outside the years 1970 to 9999, which `instant`
  /// never returns, is written as the nearest one inside.
  public static func text(_ instant: Instant) -> String {
    let inside = min(max(instant, Instant(microseconds: 0)), latest)
    let (seconds, microseconds) = inside.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    let (days, second) = Int(seconds).quotientAndRemainder(dividingBy: 86_400)
    return CivilDay(sinceEpoch: days).description + "T" + (second / 3600).padded(to: 2) + ":"
      + (second / 60 % 60).padded(to: 2) + ":" + (second % 60).padded(to: 2) + "." + Int(microseconds).padded(to: 6)
      + "Z"
  }

  private struct Reader {
    let bytes: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == bytes.count }

    mutating func number(_ digits: Int) -> Int? {
      guard position + digits <= bytes.count else { return nil }
      var value = 0
      for byte in bytes[position..<position + digits] {
        guard byte &- UInt8(ascii: "0") < 10 else { return nil }
        value = value * 10 + Int(byte - UInt8(ascii: "0"))
      }
      position += digits
      return value
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }

    mutating func takeAny(_ characters: StaticString) -> Bool {
      guard position < bytes.count else { return false }
      let byte = bytes[position]
      guard (0..<characters.utf8CodeUnitCount).contains(where: { characters.utf8Start[$0] == byte }) else {
        return false
      }
      position += 1
      return true
    }

    /// Microseconds; 0 without a fraction, nil for a decimal point without digits. Digits after the sixth are truncated.
    mutating func fraction() -> Int? {
      guard take(".") else { return 0 }
      var microseconds = 0
      var digits = 0
      while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 {
        if digits < 6 { microseconds = microseconds * 10 + Int(bytes[position] - UInt8(ascii: "0")) }
        digits += 1
        position += 1
      }
      guard digits > 0 else { return nil }
      for _ in min(digits, 6)..<6 { microseconds *= 10 }
      return microseconds
    }

    /// Minutes east of Greenwich.
    mutating func offset() -> Int? {
      if takeAny("Zz") { return 0 }
      let sign: Int
      if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
      guard let hours = number(2), hours < 24, take(":"), let minutes = number(2), minutes < 60 else { return nil }
      return sign * (hours * 60 + minutes)
    }
  }
}
