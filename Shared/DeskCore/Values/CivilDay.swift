/// A day of the proleptic Gregorian calendar, without a time zone.
public struct CivilDay: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The years in which days are read and written: those with four digits, from the Unix epoch on.
  public static let years = 1970...9999

  /// Days since 1970-01-01; negative before.
  public let sinceEpoch: Int

  /// Creates the day the given number of days after 1970-01-01.
  public init(sinceEpoch: Int) {
    self.sinceEpoch = sinceEpoch
  }

  /// Creates the day of a year, a month (1 to 12) and a day of the month; nil if it does not exist.
  /// - Parameter year: within -100,000 to 100,000.
  public init?(year: Int, month: Int, day: Int) {
    guard (-100_000...100_000).contains(year), (1...12).contains(month),
      (1...CivilDay.daysInMonth(month, of: year)).contains(day)
    else { return nil }
    self = CivilDay.first(of: month, in: year) + (day - 1)
  }

  /// Reads a date of RFC 3339, `2026-03-02`, in `years`; nil for anything else, such as 2026-02-30.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    let dash = UInt8(ascii: "-")
    guard bytes.count == 10, bytes[4] == dash, bytes[7] == dash,
      let year = CivilDay.number(bytes[0..<4]), CivilDay.years.contains(year),
      let month = CivilDay.number(bytes[5..<7]), let day = CivilDay.number(bytes[8..<10])
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  /// Creates the UTC day that contains an instant.
  public init(of instant: Instant) {
    let (day, rest) = instant.microseconds.quotientAndRemainder(dividingBy: 86_400_000_000)
    sinceEpoch = Int(rest < 0 ? day - 1 : day)
  }

  /// Year, month (1 to 12) and day of the month.
  public var components: (year: Int, month: Int, day: Int) {
    let shifted = sinceEpoch + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  /// `2026-03-02`.
  public var description: String {
    let (year, month, day) = components
    return year.padded(to: 4) + "-" + month.padded(to: 2) + "-" + day.padded(to: 2)
  }

  /// 0 for Sunday to 6 for Saturday.
  public var weekday: Int {
    let day = (sinceEpoch + 4) % 7  // 1970-01-01 was a Thursday.
    return day < 0 ? day + 7 : day
  }

  public static func < (left: CivilDay, right: CivilDay) -> Bool { left.sinceEpoch < right.sinceEpoch }

  /// The day the given number of days later.
  public static func + (day: CivilDay, days: Int) -> CivilDay { CivilDay(sinceEpoch: day.sinceEpoch + days) }

  /// The first day of a month, 1 to 12.
  static func first(of month: Int, in year: Int) -> CivilDay {
    // Counted in years that begin in March, so that the leap day is the last day of a year.
    let shifted = month > 2 ? year : year - 1
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5
    return CivilDay(
      sinceEpoch: era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468)
  }

  static func daysInMonth(_ month: Int, of year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  /// Digits only; at most four, so that nothing can overflow.
  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    var value = 0
    for digit in digits {
      guard digit &- UInt8(ascii: "0") < 10 else { return nil }
      value = value * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return value
  }
}

extension Int {
  /// Pads with leading zeros to a number of digits. For non-negative numbers.
  func padded(to digits: Int) -> String {
    let text = String(self)
    return String(repeating: "0", count: Swift.max(0, digits - text.utf8.count)) + text
  }
}
