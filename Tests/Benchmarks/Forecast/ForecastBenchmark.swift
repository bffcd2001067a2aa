import DeskCore

/// Forecasts arrivals from counts, so that other programs can compare: reads lines from standard input and writes the forecast of the seven
/// days after each origin, as `queue,day,half hour,mean,low,high`.
///
///     holiday,2026-10-01
///     makeup,2026-10-10
///     event,double-11,2026-11-10,2026-11-12
///     counts,QUEUE,2026-03-02,0,0,…      (48 half hours)
///     origin,QUEUE,2026-05-04            (only days before it are read)
@main
struct ForecastBenchmark {
  private var exceptions: [Int: BusinessCalendar.Hours] = [:]
  private var events: [String: [Range<Instant>]] = [:]
  private var first: [String: CivilDay] = [:]
  private var counts: [String: [Int32]] = [:]
  private var origins: [(queue: String, day: CivilDay)] = []

  private struct UnreadableLine: Error { let line: String }

  static func main() throws {
    var benchmark = ForecastBenchmark()
    while let line = readLine() {
      guard benchmark.read(line.split(separator: ",").map(String.init)) else { throw UnreadableLine(line: line) }
    }
    benchmark.run()
  }

  private mutating func read(_ fields: [String]) -> Bool {
    switch fields.first {
    case "holiday":
      guard fields.count == 2, let day = CivilDay(fields[1]) else { return false }
      exceptions[day.sinceEpoch] = []
    case "makeup":
      guard fields.count == 2, let day = CivilDay(fields[1]) else { return false }
      exceptions[day.sinceEpoch] = [540..<1080]
    case "event":
      guard fields.count == 4, let from = CivilDay(fields[2]), let to = CivilDay(fields[3]), from <= to else {
        return false
      }
      events[fields[1], default: []].append(instant(from)..<instant(to + 1))
    case "counts":
      let numbers = fields.dropFirst(3).compactMap { Int32($0) }
      guard fields.count == 3 + ForecastBounds.periodsPerDay, numbers.count == ForecastBounds.periodsPerDay,
        let day = CivilDay(fields[2])
      else { return false }
      if first[fields[1]] == nil { first[fields[1]] = day }
      counts[fields[1], default: []] += numbers
    case "origin":
      guard fields.count == 3, let day = CivilDay(fields[2]) else { return false }
      origins.append((fields[1], day))
    default: return false
    }
    return true
  }

  private func instant(_ day: CivilDay) -> Instant { Instant(seconds: Int64(day.sinceEpoch) * 86_400) }

  private func run() {
    let week: [BusinessCalendar.Hours] = Array(repeating: [540..<1080], count: 5) + [[], []]
    let calendar = ForecastCalendar(BusinessCalendar(zone: .utc, week: week, exceptions: exceptions))
    let known = events.sorted { $0.key < $1.key }.map { KnownEvent(name: $0.key, occurrences: $0.value) }
    for (queue, day) in origins {
      guard let first = first[queue], let counts = counts[queue] else { continue }
      let history = ArrivalHistory(queue: QueueID(queue), firstDay: first, counts: counts)
      let outcome = ForecastOutcome.forecasting(history, for: day...day + 6, calendar: calendar, events: known)
      for (place, period) in outcome.periods.enumerated() {
        let (offset, half) = place.quotientAndRemainder(dividingBy: ForecastBounds.periodsPerDay)
        print(
          "\(queue),\(day + offset),\(half),\(period.expected),\(period.interval.lowerBound),\(period.interval.upperBound)"
        )
      }
    }
  }
}
