import ServiceSettings

/// The settings of a router.
struct RouterConfiguration: Sendable {
  /// Items held and granted over all links together.
  let creditWindow: Int
  /// Items that are decided and committed together.
  let batchLimit: Int
  /// How long held work may take to finish at shutdown.
  let drainTime: Duration

  static let keys = [
    ConfigurationKey(
      "credit-window", .integer(1...100_000), default: "\(RouterBounds.creditWindow)",
      help: "maximum number of messages that this router holds or has requested"),
    ConfigurationKey(
      "batch-limit", .integer(1...RouterBounds.itemsPerDecision), default: "\(RouterBounds.itemsPerDecision)",
      help: "maximum number of messages that this router decides together"),
    ConfigurationKey(
      "drain-time", .duration(.seconds(1)...(.seconds(60))), default: "10s",
      help: "how long held work may take to finish at shutdown; the rest is returned"),
  ]

  init(_ configuration: ServiceConfiguration) {
    creditWindow = configuration.integer("credit-window")
    batchLimit = configuration.integer("batch-limit")
    drainTime = configuration.duration("drain-time")
  }
}
