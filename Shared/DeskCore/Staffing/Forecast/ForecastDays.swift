/// The days of a forecast with their kinds: weekdays, holidays, and the days of known events, each day of an event by itself.
struct ForecastDays: Sendable {
  /// A day of an event: the event, and which of its days it is.
  struct EventDay: Hashable, Sendable {
    let event: Int
    let index: Int
  }

  let calendar: ForecastCalendar
  let events: [KnownEvent]
  /// By days since 1970-01-01: the first listed event that is on the day, and the half hours that it takes.
  private var eventDays: [Int: (day: EventDay, periods: UInt64)] = [:]

  init(calendar: ForecastCalendar, events: [KnownEvent]) {
    self.calendar = calendar
    self.events = Array(events.prefix(ForecastBounds.events))
    for (number, event) in self.events.enumerated() {
      for occurrence in event.occurrences.prefix(ForecastBounds.occurrencesPerEvent) where !occurrence.isEmpty {
        let first = calendar.place(of: occurrence.lowerBound).day
        let last = calendar.place(of: occurrence.upperBound - .microseconds(1)).day
        let count = min(last.sinceEpoch - first.sinceEpoch, ForecastBounds.occurrenceDays - 1)
        for index in 0...count where eventDays[first.sinceEpoch + index] == nil {
          var periods: UInt64 = 0
          for period in 0..<ForecastBounds.periodsPerDay {
            let (start, length) = calendar.period(period, of: first + index)
            if start < occurrence.upperBound, start + length > occurrence.lowerBound { periods |= 1 << period }
          }
          eventDays[first.sinceEpoch + index] = (EventDay(event: number, index: index), periods)
        }
      }
    }
  }

  /// 0 (Monday) to 6 for weekdays and what stands for one, 7 for holidays.
  func base(of day: CivilDay) -> Int {
    switch calendar.kind(of: day) {
    case .weekday(let weekday): weekday
    case .holiday: 7
    }
  }

  /// The event of a day and the half hours that it takes, as bits; nil for days without one.
  func event(on day: CivilDay) -> (day: EventDay, periods: UInt64)? { eventDays[day.sinceEpoch] }
}
