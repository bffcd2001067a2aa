/// When a zone's clocks change every year: the TZ string of POSIX, such as `CET-1CEST,M3.5.0,M10.5.0/3`, with the extensions of RFC 8536
/// (hours from -167 to 167).
struct TimeZoneRule: Hashable, Sendable {
  private enum Date: Hashable {
    /// Day 1 to 365 of the year; 29 February is not counted.
    case dayWithoutLeapDay(Int)
    /// Day 0 to 365 of the year.
    case day(Int)
    /// A weekday, 0 for Sunday, of a week of a month; week 5 is the last.
    case weekday(Int, week: Int, month: Int)

    func sinceEpoch(in year: Int) -> Int {
      let newYear = CivilDay.first(of: 1, in: year).sinceEpoch
      switch self {
      case .dayWithoutLeapDay(let day): return newYear + day - (CivilDay.isLeap(year) && day >= 60 ? 0 : 1)
      case .day(let day): return newYear + day
      case .weekday(let weekday, let week, let month):
        let first = CivilDay.first(of: month, in: year)
        let offset = (weekday - first.weekday + 7) % 7 + (week - 1) * 7
        return first.sinceEpoch + (offset < CivilDay.daysInMonth(month, of: year) ? offset : offset - 7)
      }
    }
  }

  private struct Change: Hashable {
    let date: Date
    /// Seconds after midnight on the clock before the change.
    let time: Int
  }

  /// Seconds to add to UTC outside daylight saving time.
  let standardOffset: Int
  private let daylight: Daylight?

  private struct Daylight: Hashable {
    let offset: Int
    let start: Change
    let end: Change
  }

  /// The changes whose dates lie in a year, as seconds since 1970 and the offset from then on.
  func transitions(in year: Int) -> [(at: Int64, offset: Int)] {
    guard let daylight else { return [] }
    func second(of change: Change, before offset: Int) -> Int64 {
      Int64(change.date.sinceEpoch(in: year)) * 86_400 + Int64(change.time - offset)
    }
    return [
      (second(of: daylight.start, before: standardOffset), daylight.offset),
      (second(of: daylight.end, before: daylight.offset), standardOffset),
    ]
  }

  /// Parses a TZ string; nil if it is invalid.
  init?(_ text: String) {
    var reader = Reader(bytes: Array(text.utf8))
    guard reader.name(), let west = reader.time(hoursMaximum: 24) else { return nil }
    standardOffset = -west
    if reader.isAtEnd {
      daylight = nil
      return
    }
    guard reader.name() else { return nil }
    var offset = standardOffset + 3600
    if reader.next != UInt8(ascii: ",") {
      guard let west = reader.time(hoursMaximum: 24) else { return nil }
      offset = -west
    }
    guard let start = reader.change(), let end = reader.change(), reader.isAtEnd else { return nil }
    daylight = Daylight(offset: offset, start: start, end: end)
  }

  private struct Reader {
    let bytes: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == bytes.count }
    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard next == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }

    /// At most three digits.
    mutating func number() -> Int? {
      var value = 0
      var digits = 0
      while let byte = next, byte &- UInt8(ascii: "0") < 10 {
        value = value * 10 + Int(byte - UInt8(ascii: "0"))
        digits += 1
        position += 1
        guard digits <= 3 else { return nil }
      }
      return digits > 0 ? value : nil
    }

    /// An abbreviation: letters, or anything in angle brackets.
    mutating func name() -> Bool {
      let start = position
      if take("<") {
        while let byte = next, byte != UInt8(ascii: ">") { position += 1 }
        return take(">")
      }
      while let byte = next, (byte | 0x20) &- UInt8(ascii: "a") < 26 { position += 1 }
      return position - start >= 3
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    mutating func time(hoursMaximum: Int) -> Int? {
      let isNegative = take("-")
      if !isNegative { _ = take("+") }
      guard let hours = number(), hours <= hoursMaximum else { return nil }
      var seconds = hours * 3600
      for unit in [60, 1] {
        guard take(":") else { break }
        guard let value = number(), value < 60 else { return nil }
        seconds += value * unit
      }
      return isNegative ? -seconds : seconds
    }

    mutating func change() -> Change? {
      guard take(","), let date = date() else { return nil }
      guard take("/") else { return Change(date: date, time: 2 * 3600) }
      return time(hoursMaximum: 167).map { Change(date: date, time: $0) }
    }

    private mutating func date() -> Date? {
      if take("J") { return number().flatMap { (1...365).contains($0) ? .dayWithoutLeapDay($0) : nil } }
      if take("M") {
        guard let month = number(), (1...12).contains(month), take("."), let week = number(), (1...5).contains(week),
          take("."), let weekday = number(), (0...6).contains(weekday)
        else { return nil }
        return .weekday(weekday, week: week, month: month)
      }
      return number().flatMap { (0...365).contains($0) ? .day($0) : nil }
    }
  }
}
