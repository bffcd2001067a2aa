import DeskCore

/// The policy syntax of times of day, dates and durations.
package enum PolicyTime {
  /// Reads `90s`, `15m`, `2h`, `1d`, or several in a row from long to short (`1h30m`).
  package static func duration(_ text: String) -> Duration? {
    let units: [(letter: Character, seconds: Int64)] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)]
    var rest = Substring(text)
    var total: Int64 = 0
    var nextUnit = 0
    repeat {
      let digits = rest.prefix { ("0"..."9").contains($0) }
      guard (1...9).contains(digits.utf8.count), let count = Int64(digits) else { return nil }
      rest = rest.dropFirst(digits.count)
      guard let letter = rest.popFirst(), let unit = units[nextUnit...].firstIndex(where: { $0.letter == letter })
      else { return nil }
      total += count * units[unit].seconds
      nextUnit = unit + 1
    } while !rest.isEmpty
    return .seconds(total)
  }

  /// Writes a duration of whole seconds the way `duration(_:)` reads it.
  package static func text(_ duration: Duration) -> String {
    var seconds = duration.components.seconds
    var text = ""
    for (letter, length) in [("d", Int64(86_400)), ("h", 3_600), ("m", 60), ("s", 1)] where seconds >= length {
      text += "\(seconds / length)\(letter)"
      seconds %= length
    }
    return text.isEmpty ? "0s" : text
  }

  /// Reads `09:00-17:30` into minutes of the day; the end may be `24:00`, the start lies before the end.
  package static func hours(_ text: String) -> Range<Int>? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let from = minute(parts[0]), let to = minute(parts[1]), from < to else { return nil }
    return from..<to
  }

  /// Splits hours over midnight, `22:00-06:00`, into two parts that a calendar supports: `22:00-24:00` and the next day's `00:00-06:00`.
  static func night(_ text: String) -> (evening: String, morning: String)? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let from = minute(parts[0]), let to = minute(parts[1]), from > to, from < 1440, to > 0
    else {
      return nil
    }
    return ("\(parts[0])-24:00", "00:00-\(parts[1])")
  }

  /// Reads a part of a day that may pass midnight, `22:00-08:00` or `12:00-14:00`, into minutes; nil for a whole day or none.
  static func night(orDay text: String) -> (from: Int, to: Int)? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let from = minute(parts[0]), let to = minute(parts[1]), from < 1440, from != to,
      !(from == 0 && to == 1440)
    else { return nil }
    return (from, to)
  }

  /// Reads `07:30` into the minute of the day; `24:00` is not one.
  package static func minuteOfDay(_ text: String) -> Int? {
    minute(Substring(text)).flatMap { $0 < 1440 ? $0 : nil }
  }

  private static func minute(_ text: Substring) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let hour = number(parts[0], digits: 2), let minute = number(parts[1], digits: 2),
      minute < 60, hour * 60 + minute <= 1440
    else { return nil }
    return hour * 60 + minute
  }

  /// Reads `2026-02-16` into days since 1970-01-01; nil for dates that do not exist or are outside `PolicyLimits.years`.
  package static func day(_ text: String) -> Int? {
    CivilDay(text).flatMap { PolicyLimits.years.contains($0.components.year) ? $0.sinceEpoch : nil }
  }

  private static func number(_ text: Substring, digits: Int) -> Int? {
    text.utf8.count == digits && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
  }
}
