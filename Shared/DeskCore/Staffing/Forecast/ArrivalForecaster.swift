import RealModule

extension ForecastOutcome {
  /// Forecasts the tickets of one queue by half hour.
  ///
  /// Only days before the first one asked for are read, so a past day can be forecast and compared with what came. The forecast is
  /// deterministic. Two years of history take some tens of milliseconds in a release build.
  ///
  /// - Parameters:
  ///   - days: the days asked for, the last one at most `ForecastBounds.horizonDays` after the last known day before them.
  ///   - probability: of the prediction intervals, above 0.5 and below 1.
  public static func forecasting(
    _ history: ArrivalHistory, for days: ClosedRange<CivilDay>, calendar: ForecastCalendar, events: [KnownEvent] = [],
    probability: Double = 0.9
  ) -> ForecastOutcome {
    ArrivalForecaster(calendar: calendar, events: events, probability: probability).outcome(history, for: days)
  }
}

/// Forecasts arrivals: chooses the settings of a `SeasonalFit` by forecasting blocks of days at the end of the history, calibrates the
/// intervals on the same blocks, and states the error on the last blocks, which had no part in either.
struct ArrivalForecaster: Sendable {
  /// The forecast mean of each half hour of a day, and the dispersion of the day's kind on top of the usual one.
  private struct DayForecast {
    var means: [Double]
    var extraDispersion = 0.0
    var note: ArrivalForecast.Note.Reason?
  }

  /// A forecast half hour and what came.
  private struct Comparison {
    let mean: Double
    let count: Double
  }

  private static let periods = ForecastBounds.periodsPerDay
  private static let block = ForecastBounds.blockDays
  /// The dispersion of short histories, and the range in which it is looked for.
  private static let usualDispersion = 0.08
  private static let dispersions = 0.0...4.0
  /// The relative variance of a stated factor, and of an event that nobody knows anything about.
  private static let statedVariance = 0.09
  private static let unknownVariance = 0.5

  let days: ForecastDays
  let probability: Double
  private let normal: Double

  init(calendar: ForecastCalendar, events: [KnownEvent], probability: Double) {
    precondition(probability > 0.5 && probability < 1, "a prediction interval holds most of what comes")
    days = ForecastDays(calendar: calendar, events: events)
    self.probability = probability
    normal = CountDistribution.normalQuantile((1 + probability) / 2)
  }

  func outcome(_ history: ArrivalHistory, for asked: ClosedRange<CivilDay>) -> ForecastOutcome {
    precondition(
      asked.upperBound.sinceEpoch - asked.lowerBound.sinceEpoch < ForecastBounds.horizonDays, "the horizon is bounded")
    var end = min(history.days, asked.lowerBound.sinceEpoch - history.firstDay.sinceEpoch)
    while end > 0, history.unknown.contains(end - 1) { end -= 1 }
    let known = end > 0 ? (max(0, end - ForecastBounds.historyDays)..<end).count { !history.unknown.contains($0) } : 0
    guard known >= ForecastBounds.daysNeeded else { return fallback(history, until: max(0, end), known: known, asked) }

    let cleaned = CleanedArrivals(history, days: days, until: end)
    let blocks = max(0, min(Self.blocksMost, (cleaned.days - ForecastBounds.daysNeeded) / Self.block))
    let fits = (0..<blocks).map {
      SeasonalFit(cleaned, until: cleaned.days - (blocks - $0) * Self.block)
    }
    let held = blocks >= 2 ? min(ForecastBounds.heldOutBlocks, max(1, blocks / 3)) : 0
    let heldOut = held > 0 ? heldOut(cleaned, fits, held: held) : nil
    let recent = Array(fits.suffix(ForecastBounds.calibrationBlocks))
    let settings = chosen(cleaned, recent)
    let dispersion = calibrated(recent.flatMap { compared(cleaned, $0, settings).map(\.0) })
    let fit = SeasonalFit(cleaned, until: cleaned.days)
    var periods: [ForecastPeriod] = []
    var notes: [ArrivalForecast.Note] = []
    for number in asked.lowerBound.sinceEpoch...asked.upperBound.sinceEpoch {
      let day = CivilDay(sinceEpoch: number)
      let ahead = number - (cleaned.firstDay.sinceEpoch + cleaned.days - 1)
      let forecast = forecast(day, ahead: ahead, fit, settings)
      if let note = forecast.note { notes.append(.init(day: day, reason: note)) }
      // Beyond the days that were tried the level drifts on.
      let drift = Self.drift(settings) * Double(max(0, ahead - Self.block))
      periods += self.periods(
        of: day, queue: history.queue, means: forecast.means, dispersion: dispersion + forecast.extraDispersion + drift)
    }
    return .forecast(
      ArrivalForecast(
        queue: history.queue, periods: periods, probability: probability, historyDays: known, heldOut: heldOut,
        notes: notes))
  }

  private static let blocksMost = ForecastBounds.heldOutBlocks + ForecastBounds.calibrationBlocks

  private static func drift(_ settings: SeasonalFit.Settings) -> Double {
    0.01 * (1 - settings.memory) * (1 - settings.memory)
  }

  // MARK: - Held-out days

  private func heldOut(_ cleaned: CleanedArrivals, _ fits: [SeasonalFit], held: Int) -> ArrivalForecast.HeldOut {
    let before = Array(fits.dropLast(held).suffix(ForecastBounds.calibrationBlocks))
    let settings = chosen(cleaned, before)
    let dispersion = calibrated(before.flatMap { compared(cleaned, $0, settings).map(\.0) })
    var accuracy = ForecastAccuracy()
    var naive = ForecastAccuracy()
    for fit in fits.suffix(held) {
      for (comparison, extra, place) in compared(cleaned, fit, settings) {
        accuracy.add(
          comparison.count, forecast: comparison.mean,
          interval: interval(comparison.mean, dispersion + extra))
        naive.add(comparison.count, forecast: weekBefore(place, in: cleaned, until: fit.end), interval: nil)
      }
    }
    return ArrivalForecast.HeldOut(
      firstDay: cleaned.firstDay + (cleaned.days - held * Self.block), days: held * Self.block, accuracy: accuracy,
      naive: naive)
  }

  /// The same half hour a week before, or the last one of that weekday that is known.
  private func weekBefore(_ place: Int, in cleaned: CleanedArrivals, until end: Int) -> Double {
    var day = place / Self.periods - 7
    while day >= 0, day >= end || !cleaned.isKnown(day) { day -= 7 }
    return day >= 0 ? cleaned.raw[day * Self.periods + place % Self.periods] : 0
  }

  /// The half hours of the block after an origin: forecast and count, the dispersion of their kind of day, and their place.
  private func compared(
    _ cleaned: CleanedArrivals, _ fit: SeasonalFit, _ settings: SeasonalFit.Settings
  ) -> [(Comparison, Double, Int)] {
    var result: [(Comparison, Double, Int)] = []
    result.reserveCapacity(Self.block * Self.periods)
    for day in fit.end..<min(cleaned.days, fit.end + Self.block) where cleaned.isKnown(day) {
      let forecast = forecast(cleaned.firstDay + day, ahead: day - fit.end + 1, fit, settings)
      for period in 0..<Self.periods {
        let place = day * Self.periods + period
        result.append(
          (Comparison(mean: forecast.means[period], count: cleaned.raw[place]), forecast.extraDispersion, place))
      }
    }
    return result
  }

  // MARK: - Choosing

  /// The settings with the least error on blocks of days; the usual ones without any.
  ///
  /// Errors are squared differences of square roots, which weigh busy and quiet hours alike (Poisson counts' square roots have the same
  /// variance).
  private func chosen(_ cleaned: CleanedArrivals, _ fits: [SeasonalFit]) -> SeasonalFit.Settings {
    var best = SeasonalFit.Settings()
    guard !fits.isEmpty else { return best }
    func ordinary(_ fit: SeasonalFit) -> [Int] {
      (fit.end..<min(cleaned.days, fit.end + Self.block)).filter { cleaned.isOrdinary($0) }
    }
    func least<Choice>(_ choices: [Choice], _ error: (Choice) -> Double) -> Choice {
      // The first of equals, so that the choice is always the same.
      var (chosen, smallest) = (choices[0], Double.infinity)
      for choice in choices {
        let value = error(choice)
        if value < smallest { (chosen, smallest) = (choice, value) }
      }
      return chosen
    }
    let level = least(SeasonalFit.Settings.levels) { settings in
      fits.reduce(0) { sum, fit in
        sum
          + ordinary(fit).reduce(0) { sum, day in
            let mean = fit.level(settings, ahead: day - fit.end + 1) * fit.factors[cleaned.base[day]]
            let difference = Double.sqrt(cleaned.totals[day]) - Double.sqrt(max(0, mean))
            return sum + difference * difference
          }
      }
    }
    (best.memory, best.hasTrend) = (level.memory, level.hasTrend)
    let courses = SeasonalFit.Settings.smoothings.flatMap { smoothing in
      SeasonalFit.Settings.pools.map { (smoothing, $0) }
    }
    let course = least(courses) { smoothing, pooling in
      var settings = best
      (settings.smoothing, settings.pooling) = (smoothing, pooling)
      return fits.reduce(0) { sum, fit in
        let courses = (0..<7).map { fit.course(settings, base: $0) }
        return sum
          + ordinary(fit).reduce(0) { sum, day in
            let course = courses[cleaned.base[day]]
            var sum = sum
            for period in 0..<Self.periods {
              let count = cleaned.counts[day * Self.periods + period]
              let difference = Double.sqrt(count) - Double.sqrt(cleaned.totals[day] * course[period])
              sum += difference * difference
            }
            return sum
          }
      }
    }
    (best.smoothing, best.pooling) = course
    return best
  }

  /// The dispersion with which the intervals hold the stated share of what came, by bisection over busy half hours: empty ones are always
  /// in their intervals and would say that narrow ones suffice.
  private func calibrated(_ comparisons: [Comparison]) -> Double {
    var busy = comparisons.filter { $0.mean >= 1 }
    if busy.count < Self.periods { busy = comparisons.filter { $0.mean >= 0.05 } }
    guard busy.count >= Self.periods else { return Self.usualDispersion }
    func share(_ dispersion: Double) -> Double {
      Double(busy.count { interval($0.mean, dispersion).contains($0.count) }) / Double(busy.count)
    }
    var (low, high) = (Self.dispersions.lowerBound, Self.dispersions.upperBound)
    if share(low) >= probability { return low }
    for _ in 0..<12 {
      // Small dispersions differ more from each other than large ones.
      let middle = low > 0 ? Double.sqrt(low * high) : high / 8
      if share(middle) >= probability { high = middle } else { low = middle }
      if low == 0, high < 1e-4 { break }
    }
    return high
  }

  private func interval(_ mean: Double, _ dispersion: Double) -> ClosedRange<Double> {
    CountDistribution(mean: mean, dispersion: dispersion).interval(probability: probability, normal: normal)
  }

  // MARK: - Forecasting a day

  private func forecast(
    _ day: CivilDay, ahead: Int, _ fit: SeasonalFit, _ settings: SeasonalFit.Settings
  ) -> DayForecast {
    let base = days.base(of: day)
    let course = fit.course(settings, base: base)
    let total = max(0, fit.level(settings, ahead: ahead) * fit.factors[base])
    var forecast = DayForecast(means: course.map { $0 * total })
    if base == 7 {
      forecast.note = .holiday(seen: fit.holiday.seen)
      forecast.extraDispersion = fit.holiday.variance
    }
    guard let (eventDay, covered) = days.event(on: day) else { return forecast }
    let event = days.events[eventDay.event]
    if let special = fit.special(eventDay) {
      let course = fit.course(settings, of: eventDay, usual: course)
      forecast.means = course.map { $0 * total * special.factor }
      forecast.extraDispersion += special.variance
      forecast.note = .learntEvent(event.name, seen: special.seen, factor: special.factor)
    } else if let factor = event.factor {
      for period in 0..<Self.periods where covered & (1 << period) != 0 { forecast.means[period] *= factor }
      forecast.extraDispersion += Self.statedVariance
      forecast.note = .statedEvent(event.name, factor: factor)
    } else {
      forecast.extraDispersion += Self.unknownVariance
      forecast.note = .unknownEvent(event.name)
    }
    return forecast
  }

  private func periods(of day: CivilDay, queue: QueueID, means: [Double], dispersion: Double) -> [ForecastPeriod] {
    (0..<Self.periods).compactMap { period in
      let (start, length) = days.calendar.period(period, of: day)
      guard length > .zero else { return nil }
      let mean = means[period] * (length.inSeconds / 1_800)
      return ForecastPeriod(
        queue: queue, start: start, length: length, expected: mean, interval: interval(mean, dispersion))
    }
  }

  // MARK: - Too little history

  private func fallback(
    _ history: ArrivalHistory, until end: Int, known: Int, _ asked: ClosedRange<CivilDay>
  ) -> ForecastOutcome {
    var means = Array(repeating: 0.0, count: Self.periods)
    for day in 0..<end where !history.unknown.contains(day) {
      for (period, count) in history.counts(onDay: day).enumerated() { means[period] += Double(count) / Double(known) }
    }
    let periods = (asked.lowerBound.sinceEpoch...asked.upperBound.sinceEpoch).flatMap { number in
      self.periods(
        of: CivilDay(sinceEpoch: number), queue: history.queue, means: means,
        // The mean of few days is itself uncertain, and weekdays differ by a third or so.
        dispersion: Self.usualDispersion + 0.1 + (known > 0 ? 0.1 / Double(known) : 0))
    }
    return .tooLittleHistory(
      queue: history.queue, days: known, needed: ForecastBounds.daysNeeded,
      fallback: known > 0 ? .meanOfDays : .none, periods: periods)
  }
}
