import DeskCore

// MARK: - Known events

extension PolicyReader {
  /// Reads `events:` by name, such as Double 11: the days on which they take place, year by year; sorted by name.
  mutating func events(_ place: PolicyNode?) -> [KnownEvent] {
    named(place, limit: ForecastBounds.events).compactMap { event($0) }.sorted { $0.name < $1.name }
  }

  private mutating func event(_ entry: PolicyEntry) -> KnownEvent? {
    guard let fields = fields(of: entry.value, known: ["title", "time_zone", "days", "factor"]) else { return nil }
    title(fields["title"], of: "events.\(entry.name)")
    let zone = needed("time_zone", in: fields).flatMap { self.zone($0) }
    let factor = fields["factor"].flatMap { self.factor($0) }
    var occurrences: [Range<Int>] = []
    if let place = needed("days", in: fields) {
      for item in itemsOrOne(place, limit: ForecastBounds.occurrencesPerEvent) {
        guard let (text, _) = scalar(item) else { continue }
        let days = days(item, text: text)
        guard !days.isEmpty else { continue }
        if days.count > ForecastBounds.occurrenceDays {
          report(
            item, "one occurrence of the event takes \(days.count) days",
            remedy: "write \(ForecastBounds.occurrenceDays) days at most")
        } else if occurrences.contains(where: { $0.overlaps(days) }) {
          report(item, "the event already takes place on one of these days", remedy: "list each day once")
        } else {
          occurrences.append(days)
        }
      }
    }
    guard let zone, !occurrences.isEmpty else { return nil }
    return KnownEvent(
      name: entry.name,
      occurrences: occurrences.map {
        zone.instant(day: $0.lowerBound, minute: 0)..<zone.instant(day: $0.upperBound, minute: 0)
      }, factor: factor)
  }

  /// Reads how many times the usual number of tickets comes.
  private mutating func factor(_ place: PolicyNode) -> Double? {
    guard let (text, isUnquoted) = scalar(place) else { return nil }
    let isDecimal = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
    if isUnquoted, isDecimal, let number = Double(text), number > 0, number <= ForecastBounds.factorMost {
      return number
    }
    report(
      place, "\(quoted(text)) is not a factor",
      remedy:
        "write how many times the usual number of tickets comes, such as 2.5, at most \(Int(ForecastBounds.factorMost))"
    )
    return nil
  }
}
