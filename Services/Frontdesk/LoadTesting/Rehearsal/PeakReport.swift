import CommandLineTool
import DeskCore
import DeskReporting
import Foundation
import Simulator

/// A rehearsal beside its forecast.
struct PeakReport: Sendable, Encodable {
  /// The late first responses of one queue, or of all.
  struct Line: Sendable, Equatable, Encodable {
    /// The queue; `all` for all of them.
    var queue: String
    var tickets: Int
    var shareLate: Double
    /// The forecast's mean over its seeds, and the range of the middle 95 % of them.
    var forecast: Double
    var forecastLow: Double
    var forecastHigh: Double

    /// Whether what happened is in the forecast's range.
    var agrees: Bool { (forecastLow...forecastHigh).contains(shareLate) }

    enum CodingKeys: String, CodingKey {
      case queue, tickets, forecast
      case shareLate = "share_late"
      case forecastLow = "forecast_low"
      case forecastHigh = "forecast_high"
    }
  }

  var aim: Double
  var routerPerSecond: Double
  var lines: [Line]
  var routersMost: Int
  var routersMostForecast: Double
  var backlogMost: Int
  var backlogMostForecast: Double
  /// How often the wanted number rose and fell.
  var raised: Int
  var lowered: Int
  var looks: [PeakRun.Look]
  var ledger: LedgerVerdict

  enum CodingKeys: String, CodingKey {
    case aim, lines, raised, lowered, looks, ledger
    case routerPerSecond = "router_per_second"
    case routersMost = "routers_most"
    case routersMostForecast = "routers_most_forecast"
    case backlogMost = "backlog_most"
    case backlogMostForecast = "backlog_most_forecast"
  }

  init(_ outcome: PeakRun.Outcome, beside forecast: PeakForecast, router: PeakForecast.Router) {
    aim = RehearsalBounds.aim
    routerPerSecond = router.perSecond
    let all = outcome.promises.values.reduce(into: PeakRun.Promises()) { sum, one in
      sum.given += one.given
      sum.late += one.late
    }
    lines =
      outcome.promises.sorted { $0.key < $1.key }.map { queue, promises in
        Self.line(queue.rawValue, promises, forecast.shareLate[queue] ?? [])
      } + [Self.line("all", all, forecast.total)]
    routersMost = outcome.looks.map(\.running).max() ?? 0
    backlogMost = outcome.looks.map(\.backlog).max() ?? 0
    routersMostForecast = Self.mean(forecast.routers)
    backlogMostForecast = Self.mean(forecast.backlog)
    let changes = zip(outcome.looks, outcome.looks.dropFirst()).map { $1.wanted - $0.wanted }
    raised = changes.count { $0 > 0 }
    lowered = changes.count { $0 < 0 }
    looks = outcome.looks
    ledger = outcome.ledger
  }

  private static func line(_ queue: String, _ promises: PeakRun.Promises, _ shares: [Double]) -> Line {
    let sorted = shares.sorted()
    func quantile(_ share: Double) -> Double {
      sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }
    return Line(
      queue: queue, tickets: promises.given, shareLate: promises.shareLate, forecast: mean(shares),
      forecastLow: quantile(0.025), forecastHigh: quantile(0.975))
  }

  private static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
  }

  /// The line of all queues.
  var all: Line? { lines.last }

  /// Nothing was lost, and the aim was reached.
  var isGood: Bool { ledger.isGood && (all?.shareLate ?? 1) <= aim }

  /// For people.
  var text: String {
    var table = TextTable([
      ("queue", .left), ("tickets", .right), ("late", .right), ("forecast", .right), ("95 % of its runs", .right),
      ("agrees", .left),
    ])
    for line in lines {
      table.add([
        line.queue, "\(line.tickets)", Self.percent(line.shareLate), Self.percent(line.forecast),
        "\(Self.percent(line.forecastLow)) to \(Self.percent(line.forecastHigh))", line.agrees ? "yes" : "no",
      ])
    }
    return """
      \(table.text)

      Late first responses: \(Self.percent(all?.shareLate ?? 0)); the aim is at most \(Self.percent(aim)).
      Routers: at most \(routersMost) (forecast \(Self.number(routersMostForecast))), raised \(raised) times and lowered \(lowered) times. \
      Longest line in front of them: \(backlogMost) (forecast \(Self.number(backlogMostForecast))).
      \(ledger.sentence)
      """
  }

  private static func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }
  private static func number(_ value: Double) -> String { String(format: "%.1f", value) }
}
