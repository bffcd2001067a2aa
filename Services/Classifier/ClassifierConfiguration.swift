import Language
import ServiceKit

/// What can be set on a classifier.
struct ClassifierConfiguration: Sendable {
  /// The model file.
  let modelPath: String
  /// The encoder pack that the model's second stage was trained with, if it is used.
  let encoderPath: String?
  /// The share of its time that goes into second looks at most; between 0 and 1.
  let secondLookShare: Double
  /// Where a model lies that is tried on live messages without a say; there may be none.
  let candidatePath: String
  /// The share of the clock in which it may label; between 0 and 1.
  let candidateShare: Double
  /// Items held and granted over all links together.
  let creditWindow: Int
  /// How long held work may take to finish when the classifier leaves.
  let drainTime: Duration

  static let keys = [
    ConfigurationKey(
      "model", isRequired: true,
      help: "the model file that `frontdesk train` wrote; a new one is taken over while running"),
    ConfigurationKey(
      "encoder",
      help:
        "the encoder pack that the model was trained with: messages in doubt are looked at again; without, they are not"
    ),
    ConfigurationKey(
      "second-look-percent", .integer(0...100), default: "\(ClassifierBounds.secondLookPercent)",
      help: "how much of its time may go into looking again at messages in doubt"),
    ConfigurationKey(
      "candidate",
      help:
        "a model file to try on live messages without a say, for as long as it is there; MODEL\(ModelPlaces.candidateEnding) unless set"
    ),
    ConfigurationKey(
      "candidate-percent", .integer(0...100), default: "\(ClassifierBounds.candidatePercent)",
      help: "how much of its time may go into trying that model; 0 tries none"),
    ConfigurationKey(
      "credit-window", .integer(1...100_000), default: "\(ClassifierBounds.creditWindow)",
      help: "messages that this classifier holds or has asked for, at most"),
    ConfigurationKey(
      "drain-time", .duration(.seconds(1)...(.seconds(60))), default: "10s",
      help: "how long held work may take to finish on leaving; the rest is handed back"),
  ]

  init(_ configuration: ServiceConfiguration) {
    modelPath = configuration.string("model")
    encoderPath = configuration.optionalString("encoder")
    secondLookShare = Double(configuration.integer("second-look-percent")) / 100
    candidatePath = configuration.optionalString("candidate") ?? ModelPlaces.candidate(beside: modelPath)
    candidateShare = Double(configuration.integer("candidate-percent")) / 100
    creditWindow = configuration.integer("credit-window")
    drainTime = configuration.duration("drain-time")
  }
}
