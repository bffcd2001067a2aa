import ServiceKit

/// What can be set on a watcher.
struct SLAWatcherConfiguration: Sendable {
  /// Tickets that one commit tells or closes.
  let ticketsPerRound: Int
  /// Between two countings of the whole desk for `/metrics`.
  let countingPause: Duration

  static let keys = [
    ConfigurationKey(
      "tickets-per-round", .integer(1...512), default: "\(SLAWatcherBounds.ticketsPerRound)",
      help: "tickets whose clocks are told, or that are closed, in one commit"),
    ConfigurationKey(
      "counting-pause", .duration(.seconds(1)...(.seconds(600))), default: "5s",
      help: "time between two countings of the whole desk for /metrics, which read every live ticket"),
  ]

  init(_ configuration: ServiceConfiguration) {
    ticketsPerRound = configuration.integer("tickets-per-round")
    countingPause = configuration.duration("counting-pause")
  }
}
