import ServiceKit

/// What can be set on a classifier.
struct ClassifierConfiguration: Sendable {
  /// The model file.
  let modelPath: String
  /// Items held and granted over all links together.
  let creditWindow: Int
  /// How long held work may take to finish when the classifier leaves.
  let drainTime: Duration

  static let keys = [
    ConfigurationKey(
      "model", isRequired: true,
      help: "the model file that `frontdesk train` wrote; a new one is taken over while running"),
    ConfigurationKey(
      "credit-window", .integer(1...100_000), default: "\(ClassifierBounds.creditWindow)",
      help: "messages that this classifier holds or has asked for, at most"),
    ConfigurationKey(
      "drain-time", .duration(.seconds(1)...(.seconds(60))), default: "10s",
      help: "how long held work may take to finish on leaving; the rest is handed back"),
  ]

  init(_ configuration: ServiceConfiguration) {
    modelPath = configuration.string("model")
    creditWindow = configuration.integer("credit-window")
    drainTime = configuration.duration("drain-time")
  }
}
