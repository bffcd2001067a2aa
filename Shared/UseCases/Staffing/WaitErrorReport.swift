public import DeskCore
internal import Foundation
public import HTTPService
public import Store

/// How far the expected wait was from the waits of recorded days, beside other estimators: bias, mean absolute error, and what nine of ten
/// errors do not exceed.
///
/// What single customers were told is not kept, so each day is replayed: `WaitReplay` gives the estimate that a ticket would have had when
/// it was queued. It tells the desk's own method (`position`) from those of Ibrahim and Whitt.
public struct WaitErrorReport: Sendable {
  /// The errors of one queue.
  public struct Row: Sendable, Hashable {
    public let queue: QueueID
    /// Tickets that were served after a wait.
    public let waited: Int
    /// By estimator; those that could estimate none are left out.
    public let errors: [DelayEstimator: EstimateError]
  }

  /// The days that were replayed, at most `daysMost`.
  public let days: ReportDays
  /// The queues in which tickets waited, the most waits first.
  public let rows: [Row]
  /// Whether some day had more than `DeskHistoryBounds.waitsPerDay` tickets, of which the rest was not read.
  public let isCut: Bool

  /// The most days of a report.
  public static let daysMost = 31

  /// Reads the waits of the days and replays them.
  /// - Parameter timeout: how long each day may take to read.
  /// - Throws: `ReportDays.Problem` for too many days; `PostgresError`.
  public static func read(
    _ store: DeskStore, of days: ReportDays, timeout: Duration? = nil
  ) async throws -> WaitErrorReport {
    guard days.period.days.count <= daysMost else {
      throw ReportDays.Problem(
        field: "from", value: days.first,
        detail: "The range from this day to \(days.last) has \(days.period.days.count) days.",
        remedy: "Request at most \(daysMost) days at once.")
    }
    var errors: [QueueID: [DelayEstimator: [Double]]] = [:]
    var waited: [QueueID: Int] = [:]
    var isCut = false
    for (place, day) in days.period.days.enumerated() {
      let end = place + 1 < days.period.days.count ? days.period.days[place + 1].start : days.period.end
      let spells = try await store.reports.waitSpells(
        from: day.start, to: end, limit: DeskHistoryBounds.waitsPerDay, timeout: timeout)
      if spells.isEmpty { continue }
      isCut = isCut || spells.count == DeskHistoryBounds.waitsPerDay
      let handling = try await store.reports.handTimeSums(from: day.start, to: end, timeout: timeout)
      for (queue, spells) in Dictionary(grouping: spells, by: \.queue) {
        let sums = handling.filter { $0.queue == queue }
        let hands = sums.reduce(0) { $0 + $1.hands }
        let seconds = sums.reduce(0) { $0 + $1.seconds }
        let patience = PatienceEstimate(
          spells.lazy.filter { $0.end != .other }.map {
            WaitOutcome(seconds: ($0.left - $0.joined).inSeconds, abandoned: $0.end == .settled)
          })
        let replay = WaitReplay(
          spells.map { .init(ticket: $0.ticket, joined: $0.joined, left: $0.left, isServed: $0.end == .offered) },
          handlingSeconds: hands > 0 ? seconds / Double(hands) : nil, patienceSeconds: patience?.meanSeconds)
        waited[queue, default: 0] += replay.waited
        for (method, found) in replay.errors { errors[queue, default: [:]][method, default: []] += found }
        await Task.yield()
      }
    }
    let rows = errors.map { queue, found in
      Row(queue: queue, waited: waited[queue] ?? 0, errors: found.compactMapValues { EstimateError($0) })
    }
    return WaitErrorReport(
      days: days, rows: rows.sorted { ($1.waited, $0.queue) < ($0.waited, $1.queue) }, isCut: isCut)
  }

  // MARK: - Formats

  /// One JSON object; `schema` describes it.
  public var detail: JSONValue {
    .object([
      .init("from", .text(days.first)), .init("to", .text(days.last)), .init("zone", .text(days.period.zone)),
      .init("is_complete", .flag(!isCut)),
      .init(
        "queues",
        .list(
          rows.map { row in
            .object([
              .init("queue", .text(row.queue.rawValue)), .init("waited", .integer(Int64(row.waited))),
              .init(
                "estimators",
                .list(
                  DelayEstimator.allCases.compactMap { method in
                    row.errors[method].map { error in
                      .object([
                        .init("estimator", .text(method.rawValue)), .init("estimates", .integer(Int64(error.count))),
                        .init("bias_seconds", .number(ForecastReport.rounded(error.biasSeconds))),
                        .init("mean_absolute_seconds", .number(ForecastReport.rounded(error.meanAbsoluteSeconds))),
                        .init("absolute_90_seconds", .number(ForecastReport.rounded(error.absolute90Seconds))),
                      ])
                    }
                  })),
            ])
          })),
    ])
  }

  /// The JSON Schema of `detail`.
  public static var schema: JSONSchema {
    .object([
      .required("from", .date), .required("to", .date), .required("zone", .string), .required("is_complete", .boolean),
      .required(
        "queues",
        .array(
          of: .object([
            .required("queue", .string), .required("waited", .integer),
            .required(
              "estimators",
              .array(
                of: .object([
                  .required("estimator", .choice(DelayEstimator.allCases.map(\.rawValue))),
                  .required("estimates", .integer), .required("bias_seconds", .number),
                  .required("mean_absolute_seconds", .number), .required("absolute_90_seconds", .number),
                ]))),
          ]))),
    ])
  }

  /// The rows for spreadsheets, one for each queue and estimator.
  public var csv: String {
    var table = CSVTable(columns: [
      "queue", "estimator", "estimates", "bias_seconds", "mean_absolute_seconds", "absolute_90_seconds",
    ])
    for (row, method, error) in flat {
      table.add(
        [row.queue.rawValue, method.rawValue, "\(error.count)"] + Self.figures(error).map { String(format: "%.3f", $0) }
      )
    }
    return table.text
  }

  /// The table for terminals.
  public func lines(in language: ReportLanguage) -> (titles: [String], rows: [[String]]) {
    let titles =
      language == .chinese
      ? ["队列", "估算方法", "次数", "偏差", "平均绝对误差", "90 % 误差"]
      : ["queue", "estimator", "estimates", "bias", "mean absolute", "90 %"]
    return (
      titles,
      flat.map { row, method, error in
        [row.queue.rawValue, Self.name(of: method, in: language), "\(error.count)"]
          + Self.figures(error).map { String(format: "%.0f s", $0) }
      }
    )
  }

  /// The title, in one line.
  public func title(in language: ReportLanguage) -> String {
    language == .chinese
      ? "预计等待时间的误差（实际减预计）· \(days.first) 至 \(days.last)（\(days.period.zone)）"
      : "Error of the expected wait (wait minus estimate), \(days.first) to \(days.last) (\(days.period.zone))"
  }

  private var flat: [(Row, DelayEstimator, EstimateError)] {
    rows.flatMap { row in
      DelayEstimator.allCases.compactMap { method in row.errors[method].map { (row, method, $0) } }
    }
  }

  private static func figures(_ error: EstimateError) -> [Double] {
    [error.biasSeconds, error.meanAbsoluteSeconds, error.absolute90Seconds]
  }

  private static func name(of method: DelayEstimator, in language: ReportLanguage) -> String {
    guard language == .chinese else { return method.rawValue }
    return switch method {
    case .position: "本系统（排位÷速度）"
    case .queueLength: "队长"
    case .queueLengthWithAbandonment: "队长（计放弃）"
    case .headOfLine: "队首已等时长"
    case .lastToEnterService: "上一位等待时长"
    }
  }
}
