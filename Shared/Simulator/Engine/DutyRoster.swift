import DeskCore

/// When a group of agents begins and ends its work, breaks included.
struct DutyRoster {
  struct Change {
    let at: Instant
    let isOnDuty: Bool
  }

  /// The changes, by time; the first may lie before the start.
  let changes: [Change]

  /// The recorded presence of a group.
  init(_ presence: [StaffGroup.PresenceStep], from start: Instant) {
    changes = presence.map { Change(at: start + $0.after, isOnDuty: $0.isOnDuty) }
  }

  init(_ shifts: [StaffGroup.Shift], in zone: ZoneOffsets, from start: Instant, to end: Instant) {
    guard !shifts.isEmpty else {
      changes = [Change(at: start, isOnDuty: true)]
      return
    }
    var spans: [(from: Instant, to: Instant)] = []
    for day in (zone.localDay(of: start) - 1)...zone.localDay(of: end) {
      let weekday = ((day + 3) % 7 + 7) % 7
      for shift in shifts where shift.weekdays.contains(weekday) {
        for hours in DutyRoster.hours(shift.hours, without: shift.breaks) {
          let from = zone.instant(day: day, minute: hours.lowerBound)
          let to = zone.instant(day: day, minute: hours.upperBound)
          if from < to { spans.append((from, to)) }
        }
      }
    }
    spans.sort { $0.from < $1.from }
    var changes: [Change] = []
    var open: (from: Instant, to: Instant)?
    for span in spans {
      if let current = open, span.from <= current.to {
        open = (current.from, max(current.to, span.to))
        continue
      }
      if let open { changes += [Change(at: open.from, isOnDuty: true), Change(at: open.to, isOnDuty: false)] }
      open = span
    }
    if let open { changes += [Change(at: open.from, isOnDuty: true), Change(at: open.to, isOnDuty: false)] }
    self.changes = changes
  }

  private static func hours(
    _ hours: BusinessCalendar.Hours, without breaks: BusinessCalendar.Hours
  ) -> BusinessCalendar.Hours {
    breaks.reduce(hours) { rest, pause in
      rest.flatMap { span -> BusinessCalendar.Hours in
        [
          span.lowerBound..<max(span.lowerBound, min(span.upperBound, pause.lowerBound)),
          min(span.upperBound, max(span.lowerBound, pause.upperBound))..<span.upperBound,
        ].filter { !$0.isEmpty }
      }
    }
  }
}
