import Language
import ServiceSettings

/// The settings of a classifier.
struct ClassifierConfiguration: Sendable {
  /// The model file.
  let modelPath: String
  /// The encoder pack that the model's second stage was trained with, if used.
  let encoderPath: String?
  /// The maximum share of its time for the second stage; between 0 and 1.
  let secondLookShare: Double
  /// The path of a model that is tried in shadow mode on live messages; the file may be missing.
  let candidatePath: String
  /// The share of the clock in which the shadow model may label; between 0 and 1.
  let candidateShare: Double
  /// Items held and granted over all links together.
  let creditWindow: Int
  /// How long held work may take to finish at shutdown.
  let drainTime: Duration

  static let keys = [
    ConfigurationKey(
      "model", isRequired: true,
      help: "the model file written by `frontdesk train`; a new one is loaded without a restart"),
    ConfigurationKey(
      "encoder",
      help:
        "the encoder pack that the model was trained with: uncertain messages get a second stage; unset: none"
    ),
    ConfigurationKey(
      "second-look-percent", .integer(0...100), default: "\(ClassifierBounds.secondLookPercent)",
      help: "maximum share of its time for the second stage on uncertain messages"),
    ConfigurationKey(
      "candidate",
      help:
        "a model file to run in shadow mode on live messages while it exists; default: MODEL\(ModelPlaces.candidateEnding)"
    ),
    ConfigurationKey(
      "candidate-percent", .integer(0...100), default: "\(ClassifierBounds.candidatePercent)",
      help: "maximum share of its time for that model; 0 disables it"),
    ConfigurationKey(
      "credit-window", .integer(1...100_000), default: "\(ClassifierBounds.creditWindow)",
      help: "maximum number of messages that this classifier holds or has requested"),
    ConfigurationKey(
      "drain-time", .duration(.seconds(1)...(.seconds(60))), default: "10s",
      help: "how long held work may take to finish at shutdown; the rest is returned"),
  ]

  init(_ configuration: ServiceConfiguration) {
    modelPath = configuration.string("model")
    encoderPath = configuration.optionalString("encoder")
    secondLookShare = Double(configuration.integer("second-look-percent")) / 100
    candidatePath = configuration.optionalString("candidate") ?? ModelPlaces.candidate(of: modelPath)
    candidateShare = Double(configuration.integer("candidate-percent")) / 100
    creditWindow = configuration.integer("credit-window")
    drainTime = configuration.duration("drain-time")
  }
}
