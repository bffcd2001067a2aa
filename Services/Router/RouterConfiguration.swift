import ServiceSettings

/// The settings of a router.
struct RouterConfiguration: Sendable {
  /// Items held and granted over all links together.
  let creditWindow: Int
  /// How long held work may take to finish at shutdown.
  let drainTime: Duration

  static let keys = [
    ConfigurationKey(
      "credit-window", .integer(1...100_000), default: "\(RouterBounds.creditWindow)",
      help: "maximum number of messages that this router holds or has requested"),
    ConfigurationKey(
      "drain-time", .duration(.seconds(1)...(.seconds(60))), default: "10s",
      help: "how long held work may take to finish at shutdown; the rest is returned"),
  ]

  init(_ configuration: ServiceConfiguration) {
    creditWindow = configuration.integer("credit-window")
    drainTime = configuration.duration("drain-time")
  }
}
