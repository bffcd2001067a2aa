import Language
import Logging
import Observability
import ServiceHealth
import SystemPrimitives

/// Loads a new model when the file changes, without a restart. An invalid file changes nothing: the old model continues to label, and a log
/// entry and a metric report it, and `frontdesk status` as long as the file is not replaced.
final class ModelWatcher: PeriodicService {
  /// The outcome of one check of the file.
  enum Round: Equatable {
    case unchanged
    /// The file was rewritten but contains the model that is already in use.
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
  private struct State {
    /// The file's stamp at the last check; nil before the first.
    var seen: ModelFile.Stamp?
    /// Why the file that has this stamp is refused; nil if it is not.
    var refusal: LanguageError?
  }

  private let state: PthreadMutex<State>
  let task = WatchedTask("model_file")

  /// - Parameter seen: the file's stamp just before the current model was read from it.
  init(
    path: String, seen: ModelFile.Stamp?, model: LiveModel, drift: DriftMetrics, metrics: MetricsRegistry,
    logger: Logger
  ) {
    self.path = path
    state = PthreadMutex(State(seen: seen))
    self.model = model
    self.drift = drift
    self.logger = logger
    takeovers = metrics.counter(
      "frontdesk_classifier_model_takeovers_total", help: "Models loaded without a restart.")
    refusals = metrics.counter(
      "frontdesk_classifier_model_refusals_total", help: "Changed model files that were not a valid model.")
  }

  var periodic: PeriodicTask { PeriodicTask(task, every: ClassifierBounds.modelPause, logger: logger) }

  func round() async throws -> PeriodicTask.Pause {
    try check()
    return .regular
  }

  /// Checks the file once.
  /// - Throws: why the file is refused, also at the checks after the one that found it.
  func check() throws(LanguageError) {
    _ = runOnce()
    if let refusal = state.withLock({ $0.refusal }) { throw refusal }
  }

  /// Checks the file once. A missing file counts as unchanged: it is being replaced, or was moved away while its model stays in use.
  func runOnce() -> Round {
    guard let stamp = ModelFile.stamp(path: path) else { return .unchanged }
    // Recorded even when refused, so that a bad file is read once; finishing a copy changes the stamp again.
    let isNew = state.withLock { state in
      guard state.seen != stamp else { return false }
      state = State(seen: stamp)
      return true
    }
    guard isNew else { return .unchanged }
    do throws(LanguageError) {
      let new = try ModelFile.read(path: path)
      let old = model.classifier.model.version
      guard new.version != old else { return .same }
      model.replace(by: new)
      drift.use(new)
      takeovers.increment(by: 1)
      logger.notice(
        "new model loaded",
        metadata: ["from": "\(old)", "to": "\(new.version)", "labels": "\(new.labels.count)"])
      if let hindrance = model.hindrance {
        logger.notice("the second stage for uncertain messages is disabled", metadata: ["reason": "\(hindrance)"])
      }
      return .takenOver
    } catch {
      state.withLock { $0.refusal = error }
      refusals.increment(by: 1)
      logger.error(
        "the changed model file is refused; the previous model stays in use", metadata: ["error": "\(error)"])
      return .refused
    }
  }
}
