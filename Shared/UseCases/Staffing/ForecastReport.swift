public import DeskCore
public import HTTPService
public import Store

/// A forecast of arrivals in its output formats, with what came where the days are past.
public struct ForecastReport: Sendable {
  /// What was asked for.
  public let order: ForecastOrder
  /// What it was made from.
  public let history: DeskHistory
  /// One for each queue, sorted by queue.
  public let outcomes: [ForecastOutcome]

  /// The probability of the intervals.
  static let probability = 0.9

  /// Reads the history and makes the forecast.
  /// - Parameter timeout: how long reading may take.
  /// - Throws: `PostgresError`.
  public static func read(
    _ order: ForecastOrder, from store: DeskStore, policy: Policy, timeout: Duration
  ) async throws -> ForecastReport {
    let history = try await DeskHistory.read(store, for: order, queues: policy.queues.keys, timeout: timeout)
    return await ForecastReport(order, history: history, queues: policy.queues.keys)
  }

  /// Makes the forecast from a history.
  public init(_ order: ForecastOrder, history: DeskHistory, queues: some Sequence<QueueID>) async {
    self.order = order
    self.history = history
    var outcomes: [ForecastOutcome] = []
    var missing = Set(queues.filter { order.queue == nil || $0 == order.queue })
    for arrivals in history.arrivals {
      missing.remove(arrivals.queue)
      outcomes.append(Self.outcome(arrivals, order))
      // Each takes some hundredths of a second; others wait for the thread.
      await Task.yield()
    }
    for queue in missing {
      outcomes.append(
        Self.outcome(ArrivalHistory(queue: queue, firstDay: order.days.lowerBound, counts: []), order))
    }
    self.outcomes = outcomes.sorted { $0.queue < $1.queue }
  }

  private static func outcome(_ arrivals: ArrivalHistory, _ order: ForecastOrder) -> ForecastOutcome {
    .forecasting(
      arrivals, for: order.days, calendar: order.calendar, events: order.events, probability: probability)
  }

  /// The tickets that came to a queue in a period; nil where the day is not over or was not counted.
  func came(to queue: QueueID, in period: ForecastPeriod) -> Int32? {
    guard let arrivals = history.arrivals.first(where: { $0.queue == queue }) else { return nil }
    let (day, half) = order.calendar.place(of: period.start)
    let offset = day.sinceEpoch - arrivals.firstDay.sinceEpoch
    guard (0..<arrivals.days).contains(offset), !arrivals.unknown.contains(offset) else { return nil }
    return arrivals.counts[offset * ForecastBounds.periodsPerDay + half]
  }

  // MARK: - JSON

  /// One JSON object; `schema` describes it.
  public var detail: JSONValue {
    .object([
      .init("from", .text(order.days.lowerBound.description)), .init("to", .text(order.days.upperBound.description)),
      .init("zone", .text(order.calendar.zone.name)), .init("probability", .number(Self.probability)),
      .init(
        "history",
        .object([
          .init("from", Self.text(history.known?.lowerBound)), .init("to", Self.text(history.known?.upperBound)),
          .init("kept_since", Self.text(history.keptSince)),
        ])),
      .init("queues", .list(outcomes.map { detail(of: $0) })),
    ])
  }

  private static func text(_ day: CivilDay?) -> JSONValue { day.map { .text($0.description) } ?? .null }

  private func detail(of outcome: ForecastOutcome) -> JSONValue {
    let figures: [JSONValue.Field]
    switch outcome {
    case .forecast(let forecast):
      figures = [
        .init("history_days", .integer(Int64(forecast.historyDays))), .init("fallback", .null),
        .init("held_out", forecast.heldOut.map { Self.detail(of: $0) } ?? .null),
        .init("notes", .list(forecast.notes.map { Self.detail(of: $0) })),
      ]
    case .tooLittleHistory(_, let days, _, let fallback, _):
      figures = [
        .init("history_days", .integer(Int64(days))),
        .init("fallback", .text(fallback == .none ? "nothing" : "mean_of_days")), .init("held_out", .null),
        .init("notes", .list([])),
      ]
    }
    return .object(
      [
        .init("queue", .text(outcome.queue.rawValue)),
        .init("days_needed", .integer(Int64(ForecastBounds.daysNeeded))),
      ] + figures + [
        .init(
          "periods",
          .list(
            outcome.periods.map { period in
              .object([
                .init("start", .text(RFC3339.text(period.start))),
                .init("seconds", .integer(period.length.components.seconds)),
                .init("expected", .number(Self.rounded(period.expected))),
                .init("low", .number(period.interval.lowerBound)), .init("high", .number(period.interval.upperBound)),
                .init("came", came(to: outcome.queue, in: period).map { .integer(Int64($0)) } ?? .null),
              ])
            }))
      ])
  }

  private static func detail(of heldOut: ArrivalForecast.HeldOut) -> JSONValue {
    func number(_ value: Double?) -> JSONValue { value.map { .number(rounded($0)) } ?? .null }
    return .object([
      .init("from", .text(heldOut.firstDay.description)), .init("days", .integer(Int64(heldOut.days))),
      .init("wape", number(heldOut.accuracy.wape)), .init("bias", number(heldOut.accuracy.bias)),
      .init("mean_absolute_error", number(heldOut.accuracy.meanAbsoluteError)),
      .init("coverage", number(heldOut.accuracy.coverage)), .init("naive_wape", number(heldOut.naive.wape)),
    ])
  }

  private static func detail(of note: ArrivalForecast.Note) -> JSONValue {
    let (kind, event, seen, factor): (String, String?, Int?, Double?) =
      switch note.reason {
      case .holiday(let seen): ("holiday", nil, seen, nil)
      case .learntEvent(let name, let seen, let factor): ("learnt_event", name, seen, factor)
      case .statedEvent(let name, let factor): ("stated_event", name, 0, factor)
      case .unknownEvent(let name): ("unknown_event", name, 0, nil)
      }
    return .object([
      .init("day", .text(note.day.description)), .init("kind", .text(kind)),
      .init("event", event.map { .text($0) } ?? .null), .init("days_seen", seen.map { .integer(Int64($0)) } ?? .null),
      .init("factor", factor.map { .number(rounded($0)) } ?? .null),
    ])
  }

  static func rounded(_ value: Double) -> Double { (value * 1_000).rounded() / 1_000 }

  /// The JSON Schema of `detail`.
  public static var schema: JSONSchema {
    .object([
      .required("from", .date), .required("to", .date), .required("zone", .string), .required("probability", .number),
      .required(
        "history",
        .object([
          .required("from", .date.orNull), .required("to", .date.orNull), .required("kept_since", .date.orNull),
        ])),
      .required(
        "queues",
        .array(
          of: .object([
            .required("queue", .string), .required("days_needed", .integer), .required("history_days", .integer),
            .required("fallback", JSONSchema.choice(["mean_of_days", "nothing"]).orNull),
            .required(
              "held_out",
              JSONSchema.object([
                .required("from", .date), .required("days", .integer), .required("wape", .number.orNull),
                .required("bias", .number.orNull), .required("mean_absolute_error", .number.orNull),
                .required("coverage", .number.orNull), .required("naive_wape", .number.orNull),
              ]).orNull),
            .required(
              "notes",
              .array(
                of: .object([
                  .required("day", .date),
                  .required("kind", .choice(["holiday", "learnt_event", "stated_event", "unknown_event"])),
                  .required("event", .string.orNull), .required("days_seen", .integer.orNull),
                  .required("factor", .number.orNull),
                ]))),
            .required(
              "periods",
              .array(
                of: .object([
                  .required("start", .time), .required("seconds", .integer), .required("expected", .number),
                  .required("low", .number), .required("high", .number), .required("came", .integer.orNull),
                ]))),
          ]))),
    ])
  }

  // MARK: - CSV

  /// The rows for spreadsheets: one for each queue and period; `came` is empty where it is not known.
  public var csv: String {
    var table = CSVTable(columns: ["queue", "start", "expected", "low", "high", "came"])
    for outcome in outcomes {
      for period in outcome.periods {
        table.add([
          outcome.queue.rawValue, RFC3339.text(period.start), "\(Self.rounded(period.expected))",
          "\(Int(period.interval.lowerBound))", "\(Int(period.interval.upperBound))",
          came(to: outcome.queue, in: period).map { "\($0)" } ?? "",
        ])
      }
    }
    return table.text
  }
}
