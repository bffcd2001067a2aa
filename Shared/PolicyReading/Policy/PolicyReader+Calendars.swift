package import DeskCore
import Yams

// MARK: - Calendars

extension PolicyReader {
  static var weekdays: [String] {
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
  }

  /// Reads `calendars:` by name; `always` is predefined.
  mutating func calendars(_ entries: [PolicyEntry]) -> [CalendarID: BusinessCalendar] {
    var calendars: [CalendarID: BusinessCalendar] = ["always": .always]
    for entry in entries {
      if entry.name == "always" {
        report(entry.key, "'always' is predefined", remedy: "choose another name")
        continue
      }
      if let calendar = calendar(entry) { calendars[CalendarID(entry.name)] = calendar }
    }
    return calendars
  }

  private mutating func calendar(_ entry: PolicyEntry) -> BusinessCalendar? {
    let known = ["title", "time_zone", "week", "holidays", "make_up_days"]
    guard let fields = fields(of: entry.value, known: known) else { return nil }
    title(fields["title"], of: "calendars.\(entry.name)")
    // Unreadable parts are reported already: whether the calendar ever opens is only checked if it was read completely.
    let before = mistakes.count + omitted
    let zone = needed("time_zone", in: fields).flatMap { self.zone($0) }
    let week = week(needed("week", in: fields))
    var exceptions: [Int: BusinessCalendar.Hours] = [:]
    for item in items(fields["holidays"]) {
      for day in days(item) where exceptions.updateValue([], forKey: day) != nil {
        report(item, "the date is listed twice", remedy: "list it once")
        break
      }
    }
    for makeUp in self.entries(fields["make_up_days"]) {
      let hours = makeUpHours(makeUp.value, like: week)
      for day in days(makeUp.key, text: makeUp.name) where exceptions.updateValue(hours, forKey: day) != nil {
        report(makeUp.key, "the date is listed twice or is also a holiday", remedy: "list it once")
        break
      }
    }
    guard let zone, mistakes.count + omitted == before else { return nil }
    if week.allSatisfy(\.isEmpty), exceptions.values.allSatisfy(\.isEmpty) {
      report(entry.value, "the calendar never opens", remedy: "set hours for at least one weekday")
      // Targets in it could not be met either, but that would report the same mistake again.
      return nil
    }
    return BusinessCalendar(zone: zone, week: week, exceptions: exceptions)
  }

  /// Reads the name of a time zone.
  package mutating func zone(_ place: PolicyNode) -> ZoneOffsets? {
    guard let name = text(place) else { return nil }
    if let zone = SystemZone(name) { return zone.offsets(in: PolicyLimits.years) }
    report(
      place, "unknown time zone \(quoted(name))",
      remedy: "use a name of the system's tz database, such as Asia/Shanghai or UTC")
    return nil
  }

  /// Reads `week:` by weekday or range of weekdays; a day that is not listed is closed.
  private mutating func week(_ place: PolicyNode?) -> [BusinessCalendar.Hours] {
    var week: [BusinessCalendar.Hours?] = Array(repeating: nil, count: 7)
    for entry in entries(place) {
      guard let days = weekdays(entry.name) else {
        report(
          entry.key, "\(quoted(entry.name)) is not a weekday", remedy: "write monday to sunday, or monday..friday")
        continue
      }
      let hours = hours(entry.value)
      for day in days {
        if week[day] != nil {
          report(entry.key, "\(PolicyReader.weekdays[day]) is listed twice", remedy: "list each weekday once")
        }
        week[day] = hours
      }
    }
    return week.map { $0 ?? [] }
  }

  package func weekdays(_ text: String) -> ClosedRange<Int>? {
    guard let (from, to) = PolicyRange.ends(of: text) else { return nil }
    guard let first = PolicyReader.weekdays.firstIndex(of: from), let last = PolicyReader.weekdays.firstIndex(of: to),
      first <= last
    else { return nil }
    return first...last
  }

  /// Reads the hours of a day, `["09:00-12:00", "13:30-18:00"]`; sorted, and reported when they overlap.
  package mutating func hours(_ place: PolicyNode) -> BusinessCalendar.Hours {
    if place.isNull { return [] }
    var hours: BusinessCalendar.Hours = []
    for item in itemsOrOne(place, limit: 48) {
      guard let (text, _) = scalar(item) else { continue }
      guard let range = PolicyTime.hours(text) else {
        if let night = PolicyTime.night(text) {
          report(
            item, "\(quoted(text)) ends before it begins",
            remedy:
              "split a night into two parts: \"\(night.evening)\" on this day and \"\(night.morning)\" on the next")
        } else {
          report(item, "\(quoted(text)) is not a time range", remedy: "write start and end, such as \"09:00-17:30\"")
        }
        continue
      }
      if hours.contains(where: { $0.overlaps(range) }) {
        report(item, "\(quoted(text)) overlaps other hours of the day", remedy: "merge or separate them")
        continue
      }
      hours.append(range)
    }
    return hours.sorted { $0.lowerBound < $1.lowerBound }
  }

  /// Reads the hours of a make-up day: its own, or a weekday's name.
  private mutating func makeUpHours(
    _ place: PolicyNode, like week: [BusinessCalendar.Hours]
  ) -> BusinessCalendar.Hours {
    if case .scalar(let scalar) = place.node, let day = PolicyReader.weekdays.firstIndex(of: scalar.string) {
      return week[day]
    }
    return hours(place)
  }

  private mutating func days(_ place: PolicyNode) -> Range<Int> {
    guard let (text, _) = scalar(place) else { return 0..<0 }
    return days(place, text: text)
  }

  /// Reads a date or a range of dates, `2026-10-01..2026-10-07`; returns none for a reported mistake.
  mutating func days(_ place: PolicyNode, text: String) -> Range<Int> {
    if let ends = PolicyRange.ends(of: text), let first = PolicyTime.day(ends.from),
      let last = PolicyTime.day(ends.to), first <= last, last - first < 366
    {
      return first..<last + 1
    }
    let years = PolicyLimits.years
    report(
      place, "\(quoted(text)) is not a date",
      remedy: "write 2026-10-01 or 2026-10-01..2026-10-07, in the years \(years.lowerBound) to \(years.upperBound)")
    return 0..<0
  }
}
