public import DeskCore
public import Store

/// What the desk's timelines tell about arrivals, counted by queue, local day and half hour.
public struct DeskHistory: Sendable {
  /// The arrivals of each queue, sorted by queue. All begin with the same day; days that were not read, that retention has dropped, or
  /// that are not over, are unknown.
  public let arrivals: [ArrivalHistory]
  /// The local day from which on timelines are kept whole; nil where none is.
  public let keptSince: CivilDay?
  /// The first and the last day that are known; nil without any.
  public let known: ClosedRange<CivilDay>?

  /// Reads the history for a forecast: the days before it, and those around earlier occurrences of events that are in it.
  ///
  /// - Parameter timeout: how long all of it may take.
  /// - Throws: `PostgresError`, also when it takes longer.
  public static func read(
    _ store: DeskStore, for order: ForecastOrder, queues: some Sequence<QueueID>, timeout: Duration
  ) async throws -> DeskHistory {
    let clock = ContinuousClock()
    let deadline = clock.now + timeout
    let calendar = order.calendar
    let kept = try await store.reports.timelinesKeptSince().map { moment in
      // A local day may begin before the first UTC day that is kept.
      let place = calendar.place(of: moment)
      return place.period == 0 ? place.day : place.day + 1
    }
    let windows = Self.windows(of: order, keptSince: kept)
    guard let first = windows.first?.lowerBound, let last = windows.last?.upperBound else {
      return DeskHistory(arrivals: [], keptSince: kept, known: nil)
    }
    let periods = ForecastBounds.periodsPerDay
    let days = last.sinceEpoch - first.sinceEpoch + 1
    var counts: [QueueID: [Int32]] = [:]
    for queue in queues where order.queue == nil || queue == order.queue {
      counts[queue] = Array(repeating: 0, count: days * periods)
    }
    var unknown = Set(0..<days)
    for window in windows {
      var day = window.lowerBound
      while day <= window.upperBound {
        let next = min(window.upperBound + 1, day + DeskHistoryBounds.daysPerStatement)
        let found = try await store.reports.arrivals(
          from: calendar.period(0, of: day).start, to: calendar.period(0, of: next).start,
          timeout: max(.milliseconds(10), deadline - clock.now))
        for arrival in found where order.queue == nil || arrival.queue == order.queue {
          let (place, period) = calendar.place(of: arrival.start)
          let offset = place.sinceEpoch - first.sinceEpoch
          guard (0..<days).contains(offset) else { continue }
          counts[arrival.queue, default: Array(repeating: 0, count: days * periods)][offset * periods + period] +=
            Int32(clamping: arrival.tickets)
        }
        for known in day.sinceEpoch..<next.sinceEpoch where known < order.today.sinceEpoch {
          unknown.remove(known - first.sinceEpoch)
        }
        day = next
      }
    }
    let known = (0..<days).filter { !unknown.contains($0) }
    return DeskHistory(
      arrivals: counts.sorted { $0.key < $1.key }.map {
        ArrivalHistory(queue: $0.key, firstDay: first, counts: $0.value, unknown: unknown)
      }, keptSince: kept, known: known.first.flatMap { low in known.last.map { first + low...first + $0 } })
  }

  /// The days that are read, in order and disjoint: none that retention has dropped, none after today.
  private static func windows(of order: ForecastOrder, keptSince kept: CivilDay?) -> [ClosedRange<CivilDay>] {
    guard let kept else { return [] }
    let begin = min(order.days.lowerBound, order.today)
    var wanted = [(begin + -order.historyDays)...order.days.upperBound]
    for event in order.events {
      let spans = event.occurrences.map { occurrence in
        order.calendar.place(of: occurrence.lowerBound)
          .day...order.calendar.place(
            of: occurrence.upperBound - .microseconds(1)
          ).day
      }
      guard spans.contains(where: { $0.overlaps(order.days) }) else { continue }
      for span in spans where span.upperBound < order.days.lowerBound {
        wanted.append(
          (span.lowerBound + -DeskHistoryBounds.daysBeforeEvent)...(span.upperBound + DeskHistoryBounds.daysAfterEvent))
      }
    }
    let oldest = max(kept, begin + -ForecastBounds.historyDays)
    var windows: [ClosedRange<CivilDay>] = []
    for window in wanted.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      let (low, high) = (max(window.lowerBound, oldest), min(window.upperBound, order.today))
      guard low <= high else { continue }
      if let last = windows.last, low <= last.upperBound + 1 {
        windows[windows.count - 1] = last.lowerBound...max(last.upperBound, high)
      } else {
        windows.append(low...high)
      }
    }
    return windows
  }
}
