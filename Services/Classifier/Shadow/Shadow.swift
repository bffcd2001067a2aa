import EventThread
import Language
import ServiceKit
import Store

/// A model that labels live messages without a say: beside the one in force, after it, and only while there is time. Nothing that
/// it does can delay or change a label.
final class Shadow: Sendable {
  /// Messages with the labels that they went on with.
  struct Batch: Sendable {
    let messages: [MessageText]
    let labels: [MessageLabels]
  }

  /// What waits to be labelled once more.
  let batches: AsyncStream<Batch>

  private let waiting: AsyncStream<Batch>.Continuation
  private let candidate = PthreadMutex<MessageClassifier?>(nil)
  private let counts = PthreadMutex(ShadowCounts())
  private let budget: SharedSecondLookBudget
  private let automaticAt: @Sendable () -> Double
  private let metrics: ShadowMetrics

  /// - Parameters:
  ///   - share: the share of the clock that it may take; between 0 and 1.
  ///   - automaticAt: the confidence from which a message needs no triage, as the policy has it now.
  init(share: Double, metrics: ShadowMetrics, automaticAt: @escaping @Sendable () -> Double) {
    budget = SharedSecondLookBudget(share: share)
    self.metrics = metrics
    self.automaticAt = automaticAt
    (batches, waiting) = AsyncStream.makeStream(
      bufferingPolicy: .bufferingOldest(ClassifierBounds.shadowBatchesWaiting))
  }

  /// The version of the model that is tried; nil while none is.
  var version: String? { candidate.withLock { $0?.model.version } }

  /// Begins to try a model, or ends it.
  func replace(by classifier: MessageClassifier?) {
    candidate.withLock { $0 = classifier }
    metrics.tell(isRunning: classifier != nil)
  }

  /// Shows messages to the model that is tried, if one is and it has room. Returns at once.
  func show(_ messages: [MessageText], labels: [MessageLabels]) {
    guard let version, labels.first.map({ $0.modelVersion != version }) == true else { return }
    if case .enqueued = waiting.yield(Batch(messages: messages, labels: labels)) { return }
    metrics.skip(messages.count)
  }

  /// Lets the model label a batch and counts how its labels compare, as far as there is time.
  ///
  /// - Returns: how many messages it labelled.
  @discardableResult
  func runOnce(_ batch: Batch) -> Int {
    guard let classifier = candidate.withLock({ $0 }) else { return 0 }
    var turn = budget.turn()
    guard turn.mayGoOn() else {
      metrics.skip(batch.messages.count)
      return 0
    }
    // Once begun it is not cut short: a second look that is left out would show a worse model than it is.
    let labels = classifier.labels(for: batch.messages)
    turn.end()
    // A model that was taken over meanwhile is in force; there is nothing to compare.
    let places = labels.indices.filter { batch.labels[$0].modelVersion != labels[$0].modelVersion }
    let (now, then, least) = (places.map { batch.labels[$0] }, places.map { labels[$0] }, automaticAt())
    metrics.observe(champion: now, challenger: then, automaticAt: least)
    let leftOut = counts.withLock { counts in
      let before = counts.leftOut
      counts.add(champion: now, challenger: then, automaticAt: least)
      return counts.leftOut - before
    }
    if leftOut > 0 { metrics.skip(leftOut) }
    return places.count
  }

  /// What was counted and not written yet.
  func takeCounts() -> [ShadowTally] { counts.withLock { $0.take() } }

  func giveBack(_ tallies: [ShadowTally]) { counts.withLock { $0.giveBack(tallies) } }

  /// Takes no more.
  func close() { waiting.finish() }
}
