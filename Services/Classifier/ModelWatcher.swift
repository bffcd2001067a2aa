import Language
import Logging
import ServiceKit
import ServiceLifecycle

/// Takes over a new model when the file changes, without a restart. A file that is no sound model changes nothing: the
/// old one goes on labelling, and the log and a metric say so.
struct ModelWatcher: Service {
  /// What one look at the file came to.
  enum Round: Equatable {
    case unchanged
    /// The file was written again and holds the model that labels already.
    case same
    case takenOver
    case refused
  }

  let path: String
  let model: LiveModel
  let logger: Logger
  private let drift: DriftMetrics
  private let takeovers: CounterMetric
  private let refusals: CounterMetric
  /// The file as it was when last looked into; nil before the first look.
  private var seen: ModelFile.Stamp?

  /// - Parameter seen: the file as it was just before the model that labels now was read from it.
  init(
    path: String, seen: ModelFile.Stamp?, model: LiveModel, drift: DriftMetrics, metrics: MetricsRegistry,
    logger: Logger
  ) {
    self.path = path
    self.seen = seen
    self.model = model
    self.drift = drift
    self.logger = logger
    takeovers = metrics.counter(
      "frontdesk_classifier_model_takeovers_total", help: "Models taken over without a restart.")
    refusals = metrics.counter(
      "frontdesk_classifier_model_refusals_total", help: "Changed model files that were no sound model.")
  }

  func run() async throws {
    let first = self
    await cancelWhenGracefulShutdown {
      var watcher = first
      while !Task.isCancelled {
        try? await Task.sleep(for: ClassifierBounds.modelPause)
        if !Task.isCancelled { _ = watcher.runOnce() }
      }
    }
  }

  /// Looks at the file once. A file that is not there is as good as unchanged: it is being replaced, or somebody moved it away
  /// while its model labels on.
  mutating func runOnce() -> Round {
    guard let stamp = ModelFile.stamp(path: path), stamp != seen else { return .unchanged }
    // Noted even when refused, so that one bad file is told once; finishing a copy changes the stamp again.
    seen = stamp
    do throws(LanguageError) {
      let new = try ModelFile.read(path: path)
      let old = model.classifier.model.version
      guard new.version != old else { return .same }
      model.replace(by: new)
      drift.tell(new)
      takeovers.increment(by: 1)
      logger.notice(
        "new model taken over",
        metadata: ["from": "\(old)", "to": "\(new.version)", "labels": "\(new.labels.count)"])
      if let hindrance = model.hindrance {
        logger.notice("messages in doubt are not looked at again", metadata: ["reason": "\(hindrance)"])
      }
      return .takenOver
    } catch {
      refusals.increment(by: 1)
      logger.error(
        "the changed model file is refused, the model before it labels on", metadata: ["error": "\(error)"])
      return .refused
    }
  }
}
