import RealModule

/// What the days before an origin say about those after it: how busy each kind of day is compared with the level around it, how high the
/// level is now, and how each kind of day takes its course.
///
/// The number of tickets of a day is level × factor of its kind × factor of its event; its half hours share it by the kind's course. Such
/// top-down models are as good as any other on call centres' arrivals (Ibrahim, Ye, L'Ecuyer, Shen, "Modeling and forecasting call center
/// arrivals: A literature survey", 2016), and need few numbers.
struct SeasonalFit: Sendable {
  /// What is chosen by trying.
  struct Settings: Hashable, Sendable {
    /// The weight that a day keeps from one day to the next in the level.
    var memory = 0.85
    /// Whether the slow trend goes on, damped.
    var hasTrend = false
    /// Tickets with which the course of similar days counts beside a weekday's own.
    var pooling = 300.0
    /// How often neighbouring half hours of the common course are averaged.
    var smoothing = 1

    static let levels: [Settings] = [0.7, 0.8, 0.88, 0.93, 0.97].flatMap { memory in
      [false, true].map { Settings(memory: memory, hasTrend: $0) }
    }
    static let pools = [30.0, 300, 3_000, 30_000]
    static let smoothings = [0, 1, 3]
  }

  /// A factor of days that are not ordinary.
  struct Special: Hashable, Sendable {
    var factor: Double
    var seen: Int
    /// The relative variance with which such days differ from each other.
    var variance: Double
  }

  private static let periods = ForecastBounds.periodsPerDay
  /// Days on each side whose mean is the level of a day in the past.
  private static let reach = 7
  /// The weight that a week keeps from one week to the next in factors and courses.
  private static let weekly = 0.95

  /// The number of days that were read.
  let end: Int
  private let cleaned: CleanedArrivals
  private(set) var factors: [Double] = Array(repeating: 1, count: 8)
  private(set) var holiday = Special(factor: 1, seen: 0, variance: 0.04)
  private var eventDays: [ForecastDays.EventDay: Special] = [:]
  /// Tickets by half hour: of each weekday, of holidays, of each day of an event; and those of similar days, discounted.
  private var courses: [[Double]] = Array(repeating: Array(repeating: 0, count: Self.periods), count: 8)
  private var eventCourses: [ForecastDays.EventDay: [Double]] = [:]
  private var groups: [[Double]] = Array(repeating: Array(repeating: 0, count: Self.periods), count: 2)
  /// The slow trend as a share of the level a day.
  private var trend = 0.0

  init(_ cleaned: CleanedArrivals, until end: Int) {
    self.cleaned = cleaned
    self.end = end
    fitFactors()
    fitTrend()
    fitCourses()
  }

  // MARK: Fitting

  private mutating func fitFactors() {
    let first = max(0, end - ForecastBounds.seasonDays)
    var levels: [Double] = []
    for _ in 0..<3 {
      levels = localLevels()
      var tickets = Array(repeating: 0.0, count: 7)
      var level = Array(repeating: 0.0, count: 7)
      for day in first..<end where cleaned.isOrdinary(day) {
        let weight = weight(of: day)
        tickets[cleaned.base[day]] += weight * cleaned.totals[day]
        level[cleaned.base[day]] += weight * levels[day]
      }
      // One ticket more than came and was due: a weekday that hardly ever sees one is rare, not impossible.
      let ratios = (0..<7).map { level[$0] > 0 ? (tickets[$0] + 0.5) / (level[$0] + 0.5) : 1 }
      let mean = ratios.reduce(0, +) / 7
      for weekday in 0..<7 { factors[weekday] = mean > 0 ? ratios[weekday] / mean : 1 }
    }
    // Holidays: like Sundays until some were seen.
    var holidays = Special(factor: factors[6], seen: 0, variance: 0.08)
    var (came, due, squares) = (0.0, 0.0, 0.0)
    var events: [ForecastDays.EventDay: (came: Double, due: Double, seen: Int)] = [:]
    for day in 0..<end where cleaned.isUsable[day] {
      if let event = cleaned.event[day] {
        let usual = levels[day] * (cleaned.base[day] < 7 ? factors[cleaned.base[day]] : factors[6])
        events[event, default: (0, 0, 0)].came += cleaned.totals[day]
        events[event]?.due += usual
        events[event]?.seen += 1
      } else if cleaned.base[day] == 7 {
        came += cleaned.totals[day]
        due += levels[day]
        holidays.seen += 1
      }
    }
    if due > 0 {
      let half = due / Double(holidays.seen) / 2
      holidays.factor = (came + half * factors[6]) / (due + half)
      for day in 0..<end where cleaned.isUsable[day] && cleaned.event[day] == nil && cleaned.base[day] == 7 {
        let expected = levels[day] * holidays.factor
        guard expected > 0 else { continue }
        let share = cleaned.totals[day] / expected - 1
        squares += max(0, share * share - 1 / expected)
      }
      holidays.variance = (squares + 2 * 0.08) / (Double(holidays.seen) + 2)
    }
    holiday = holidays
    factors[7] = holidays.factor
    for (event, figures) in events where figures.due > 0 {
      eventDays[event] = Special(
        factor: figures.came / figures.due, seen: figures.seen, variance: 0.06 / Double(figures.seen))
    }
  }

  private func weight(of day: Int) -> Double { Double.pow(Self.weekly, Double(end - 1 - day) / 7) }

  /// The level around each day: the tickets of the ordinary days around it, over their factors.
  private func localLevels() -> [Double] {
    var sums = [(tickets: 0.0, factors: 0.0)]
    sums.reserveCapacity(end + 1)
    for day in 0..<end {
      var sum = sums[day]
      if cleaned.isOrdinary(day) {
        sum.tickets += cleaned.totals[day]
        sum.factors += factors[cleaned.base[day]]
      }
      sums.append(sum)
    }
    return (0..<end).map { day in
      for reach in [Self.reach, 4 * Self.reach] {
        let (low, high) = (sums[max(0, day - reach)], sums[min(end, day + reach + 1)])
        if high.factors - low.factors > 2 { return (high.tickets - low.tickets) / (high.factors - low.factors) }
      }
      return sums[end].factors > 0 ? sums[end].tickets / sums[end].factors : 0
    }
  }

  /// The change from the four weeks before the last four, as far as it is more than chance.
  private mutating func fitTrend() {
    guard end >= 56 else { return }
    func level(_ days: Range<Int>) -> (level: Double, tickets: Double) {
      let ordinary = days.filter { cleaned.isOrdinary($0) }
      let factors = ordinary.reduce(0) { $0 + self.factors[cleaned.base[$1]] }
      let tickets = ordinary.reduce(0) { $0 + cleaned.totals[$1] }
      return (factors > 0 ? tickets / factors : 0, tickets)
    }
    let (before, now) = (level(end - 56..<end - 28), level(end - 28..<end))
    guard before.level > 0, now.level > 0 else { return }
    let change = Double.log(now.level / before.level)
    let error = 1 / before.tickets + 1 / now.tickets + 2 * 0.01 / 10
    trend = min(0.02, max(-0.02, change * max(0, 1 - error / max(change * change, 1e-12)) / 28))
  }

  private mutating func fitCourses() {
    let first = max(0, end - ForecastBounds.seasonDays)
    for day in 0..<end where cleaned.isUsable[day] {
      let place = day * Self.periods
      if let event = cleaned.event[day] {
        let course = eventCourses[event] ?? Array(repeating: 0, count: Self.periods)
        eventCourses[event] = course.indices.map { course[$0] + cleaned.counts[place + $0] }
      } else if cleaned.base[day] == 7 {
        for period in 0..<Self.periods { courses[7][period] += cleaned.counts[place + period] }
      } else if day >= first {
        let weight = weight(of: day)
        let (base, group) = (cleaned.base[day], CleanedArrivals.group(of: cleaned.base[day]))
        for period in 0..<Self.periods {
          let count = weight * cleaned.counts[place + period]
          courses[base][period] += count
          groups[group][period] += count
        }
      }
    }
  }

  // MARK: Reading

  /// The level `ahead` days after the last day that was read, 1 for the next one.
  func level(_ settings: Settings, ahead: Int) -> Double {
    var (tickets, exposure, age) = (0.0, 0.0, 0.0)
    for day in max(0, end - ForecastBounds.seasonDays)..<end {
      age = settings.memory * (age + exposure)
      tickets *= settings.memory
      exposure *= settings.memory
      guard cleaned.isOrdinary(day) else { continue }
      tickets += cleaned.totals[day]
      exposure += factors[cleaned.base[day]]
    }
    guard exposure > 0 else { return 0 }
    guard settings.hasTrend else { return tickets / exposure }
    // The level is as old as its days on average; what follows is damped by 0.98 a day.
    let days = min(14, age / exposure) + (1 - Double.pow(0.98, Double(ahead))) / 0.02
    return tickets / exposure * Double.exp(trend * days)
  }

  /// How the tickets of a kind of day are shared by its half hours; they add up to 1.
  func course(_ settings: Settings, base: Int) -> [Double] {
    let own = courses[base]
    let group = CleanedArrivals.group(of: base)
    var common = groups[group]
    if common.reduce(0, +) <= 0 { common = groups[1 - group] }
    return Self.mixed(own, with: Self.smoothed(common, times: settings.smoothing), weight: settings.pooling)
  }

  /// The same for a day of an event, from `usual`, the course without it.
  func course(_ settings: Settings, of event: ForecastDays.EventDay, usual: [Double]) -> [Double] {
    guard let own = eventCourses[event] else { return usual }
    return Self.mixed(own, with: usual, weight: min(300, settings.pooling))
  }

  func special(_ event: ForecastDays.EventDay) -> Special? { eventDays[event] }

  private static func mixed(_ own: [Double], with common: [Double], weight: Double) -> [Double] {
    let (sum, all) = (own.reduce(0, +), common.reduce(0, +))
    guard all > 0 else {
      return sum > 0 ? own.map { $0 / sum } : own.map { _ in 1 / Double(own.count) }
    }
    return own.indices.map { (own[$0] + weight * common[$0] / all) / (sum + weight) }
  }

  private static func smoothed(_ values: [Double], times: Int) -> [Double] {
    var values = values
    for _ in 0..<times {
      values = values.indices.map { place in
        let (before, after) = (max(0, place - 1), min(values.count - 1, place + 1))
        return (values[before] + 2 * values[place] + values[after]) / 4
      }
    }
    return values
  }
}
