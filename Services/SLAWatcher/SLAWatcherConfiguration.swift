import ServiceSettings

/// The settings of a watcher.
struct SLAWatcherConfiguration: Sendable {
  /// Tickets that one commit processes or closes.
  let ticketsPerRound: Int
  /// Between two counts of the whole system for `/metrics`.
  let countingPause: Duration
  /// Whole days after which history is dropped; 0 keeps it.
  let retentionDays: Int
  /// The folder for files of scheduled reports; nil if there are none.
  let reportFolder: String?

  static let keys = [
    ConfigurationKey(
      "tickets-per-round", .integer(1...512), default: "\(SLAWatcherBounds.ticketsPerRound)",
      help: "tickets whose deadlines are processed, or that are closed, in one commit"),
    ConfigurationKey(
      "counting-pause", .duration(.seconds(1)...(.seconds(600))), default: "5s",
      help: "time between two counts of the whole system for /metrics, which read every live ticket"),
    ConfigurationKey(
      "retention-days", .integer(0...36_500), default: "0",
      help: "whole days after which messages, timelines and closed tickets are dropped; 0 keeps them forever"),
    ConfigurationKey(
      "report-folder",
      help: "existing folder for the files of scheduled reports; watchers that may lead need the same one"),
  ]

  init(_ configuration: ServiceConfiguration) {
    ticketsPerRound = configuration.integer("tickets-per-round")
    countingPause = configuration.duration("counting-pause")
    retentionDays = configuration.integer("retention-days")
    reportFolder = configuration.optionalString("report-folder")
  }
}
