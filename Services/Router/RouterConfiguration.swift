import ServiceKit

/// What can be set on a router.
struct RouterConfiguration: Sendable {
  /// Items held and granted over all links together.
  let creditWindow: Int
  /// How long held work may take to finish when the router leaves.
  let drainTime: Duration

  static let keys = [
    ConfigurationKey(
      "credit-window", .integer(1...100_000), default: "\(RouterBounds.creditWindow)",
      help: "messages that this router holds or has asked for, at most"),
    ConfigurationKey(
      "drain-time", .duration(.seconds(1)...(.seconds(60))), default: "10s",
      help: "how long held work may take to finish on leaving; the rest is handed back"),
  ]

  init(_ configuration: ServiceConfiguration) {
    creditWindow = configuration.integer("credit-window")
    drainTime = configuration.duration("drain-time")
  }
}
