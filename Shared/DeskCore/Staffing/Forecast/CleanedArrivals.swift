import RealModule

/// The history of one queue as models are fitted to it: numbers that no pattern explains are brought back to its edge.
///
/// It is read once, forwards: each day is compared with what the days before it foretell, so that a test on held-out days sees nothing of
/// them. A half hour far above its share of the day is cut, an empty one where at least a dozen were due is filled (an outage says
/// nothing about customers), and a day far from its level is moved to the limit. What happens again is no outlier: the third day in a row
/// and the second of the same weekday are believed.
struct CleanedArrivals: Sendable {
  let days: Int
  let firstDay: CivilDay
  /// What came, and the same without outliers, by day and half hour.
  let raw: [Double]
  private(set) var counts: [Double]
  private(set) var totals: [Double]
  /// Days that are known and were not empty by an outage.
  private(set) var isUsable: [Bool]
  /// The day's weekday (0...6), or 7 for a holiday.
  let base: [Int]
  let event: [ForecastDays.EventDay?]
  private let known: [Bool]

  private static let periods = ForecastBounds.periodsPerDay
  /// Tickets that are due where an empty half hour or day is an outage: by chance it is empty once in 160,000 times.
  private static let outage = 12.0
  private static let limit = 3.5
  private static let periodLimit = 5.0

  /// - Parameter end: the number of days that are used.
  init(_ history: ArrivalHistory, days kinds: ForecastDays, until end: Int) {
    let first = max(0, end - ForecastBounds.historyDays)
    days = end - first
    firstDay = history.firstDay + first
    raw = history.counts[first * Self.periods..<end * Self.periods].map(Double.init)
    counts = raw
    let start = firstDay
    base = (0..<days).map { kinds.base(of: start + $0) }
    event = (0..<days).map { kinds.event(on: start + $0)?.day }
    known = (first..<end).map { !history.unknown.contains($0) }
    isUsable = known
    totals = Array(repeating: 0, count: days)
    clean()
  }

  /// Whether a day shows the desk's usual level: no holiday, no event.
  func isOrdinary(_ day: Int) -> Bool { isUsable[day] && base[day] < 7 && event[day] == nil }

  /// Whether a day was counted; errors are stated for all that were, outages too.
  func isKnown(_ day: Int) -> Bool { known[day] }

  /// Working days and others differ in their course over the day.
  static func group(of base: Int) -> Int { base < 5 ? 0 : 1 }

  private mutating func clean() {
    var (tickets, exposure) = (0.0, 0.0)
    var factor = Array(repeating: (tickets: 0.0, level: 0.0), count: 7)
    var course = Array(repeating: Array(repeating: 0.0, count: Self.periods), count: 2)
    var seen = [0, 0]
    var emptyDays = Array(repeating: Array(repeating: 0, count: Self.periods), count: 2)
    var spread = 0.05
    var run = (side: 0, days: 0)
    var weekdayRun = Array(repeating: (side: 0, days: 0), count: 7)
    var (unknownDays, warmDays) = (0, 0)
    for day in 0..<days {
      let place = day * Self.periods
      totals[day] = raw[place..<place + Self.periods].reduce(0, +)
      unknownDays = known[day] ? 0 : unknownDays + 1
      // After a long gap the level of before says nothing.
      if unknownDays > ForecastBounds.daysNeeded { (tickets, exposure, warmDays) = (0, 0, 0) }
      guard isOrdinary(day) else { continue }
      let weekday = base[day]
      let group = Self.group(of: weekday)
      let level = exposure > 0 ? tickets / exposure : 0
      let usual = factor[weekday].level > 0 ? factor[weekday].tickets / factor[weekday].level : 1
      let expected = level * usual
      warmDays += 1
      if seen[0] + seen[1] >= ForecastBounds.daysNeeded, seen[group] >= 2, warmDays > 7, expected > 0 {
        cleanPeriods(of: day, expected: expected, spread: spread, course: course[group], emptyDays: &emptyDays[group])
        let share = totals[day] / expected - 1
        let limit = Self.limit * Double.sqrt(spread + 1 / expected)
        let isEmpty = totals[day] == 0 && expected >= Self.outage
        let side = isEmpty || share < -limit ? -1 : share > limit ? 1 : 0
        run = side != 0 && side == run.side ? (side, run.days + 1) : (side, 1)
        weekdayRun[weekday] =
          side != 0 && side == weekdayRun[weekday].side ? (side, weekdayRun[weekday].days + 1) : (side, 1)
        if side != 0, run.days < 3, weekdayRun[weekday].days < 2 {
          if isEmpty {
            isUsable[day] = false
            continue
          }
          scale(day, to: expected * max(0, 1 + Double(side) * limit))
        }
        let kept = min(limit, max(-limit, share))
        spread = 0.95 * spread + 0.05 * max(0, kept * kept - 1 / expected)
      }
      tickets = 0.9 * tickets + totals[day]
      exposure = 0.9 * exposure + usual
      if level > 0 {
        factor[weekday] = (0.9 * factor[weekday].tickets + totals[day], 0.9 * factor[weekday].level + level)
      }
      for period in 0..<Self.periods {
        course[group][period] = 0.95 * course[group][period] + counts[place + period]
      }
      seen[group] += 1
    }
  }

  private mutating func scale(_ day: Int, to total: Double) {
    guard totals[day] > 0 else { return }
    let share = total / totals[day]
    for place in day * Self.periods..<(day + 1) * Self.periods { counts[place] *= share }
    totals[day] = total
  }

  /// Compares half hours with their share of the day. How busy the day is as a whole is told by the median, which outliers do not move.
  private mutating func cleanPeriods(
    of day: Int, expected: Double, spread: Double, course: [Double], emptyDays: inout [Int]
  ) {
    let sum = course.reduce(0, +)
    guard sum > 0 else { return }
    let place = day * Self.periods
    let due = course.map { $0 / sum * expected }
    let ratios = due.indices.filter { due[$0] >= 1 }.map { raw[place + $0] / due[$0] }.sorted()
    let scale = ratios.count >= 5 ? ratios[ratios.count / 2] : max(1, totals[day] / expected)
    for period in due.indices {
      let count = raw[place + period]
      let mean = due[period] * scale
      emptyDays[period] = count == 0 && due[period] >= Self.outage ? emptyDays[period] + 1 : 0
      if emptyDays[period] == 1 || emptyDays[period] == 2 {
        counts[place + period] = mean
      } else {
        counts[place + period] = min(
          count, mean + 2 + Self.periodLimit * Double.sqrt(mean + (0.04 + spread) * mean * mean))
      }
    }
    totals[day] = counts[place..<place + Self.periods].reduce(0, +)
  }
}
