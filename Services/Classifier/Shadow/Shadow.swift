import Language
import Store
import SystemPrimitives

/// A model that labels live messages in shadow mode: in addition to the one in force, after it, and only while there is time. It cannot
/// delay or change a label.
final class Shadow: Sendable {
  /// Messages with the labels that they were passed on with.
  struct Batch: Sendable {
    let messages: [MessageText]
    let labels: [MessageLabels]
  }

  /// Batches that wait to be labelled again.
  let batches: AsyncStream<Batch>

  private let waiting: AsyncStream<Batch>.Continuation
  private let candidate = PthreadMutex<MessageClassifier?>(nil)
  private let counts = PthreadMutex(ShadowCounts())
  private let budget: SharedSecondStageBudget
  private let automaticAt: @Sendable () -> Double
  private let metrics: ShadowMetrics

  /// - Parameters:
  ///   - share: the share of the clock that it may use; between 0 and 1.
  ///   - automaticAt: the confidence from which a message needs no triage, as the policy has it now.
  init(share: Double, metrics: ShadowMetrics, automaticAt: @escaping @Sendable () -> Double) {
    budget = SharedSecondStageBudget(share: share)
    self.metrics = metrics
    self.automaticAt = automaticAt
    (batches, waiting) = AsyncStream.makeStream(
      bufferingPolicy: .bufferingOldest(ClassifierBounds.shadowBatchesWaiting))
  }

  /// The version of the shadow model; nil if there is none.
  var version: String? { candidate.withLock { $0?.model.version } }

  /// Starts or ends a trial of a model.
  func replace(by classifier: MessageClassifier?) {
    candidate.withLock { $0 = classifier }
    metrics.setRunning(classifier != nil)
  }

  /// Passes messages to the shadow model, if there is one and it has room. Returns at once.
  func show(_ messages: [MessageText], labels: [MessageLabels]) {
    guard let version, labels.first.map({ $0.modelVersion != version }) == true else { return }
    if case .enqueued = waiting.yield(Batch(messages: messages, labels: labels)) { return }
    metrics.skip(messages.count)
  }

  /// Lets the model label a batch and compares its labels, if there is time.
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
    // Once begun it is not cut short: skipping its second stage would make the model look worse than it is.
    let labels = classifier.labels(for: batch.messages)
    turn.end()
    // A model promoted in the meantime is in force; there is nothing to compare.
    let compared = labels.indices.filter { batch.labels[$0].modelVersion != labels[$0].modelVersion }
    let (champion, challenger) = (compared.map { batch.labels[$0] }, compared.map { labels[$0] })
    let least = automaticAt()
    metrics.observe(champion: champion, challenger: challenger, automaticAt: least)
    let leftOut = counts.withLock { counts in
      let before = counts.leftOut
      counts.add(champion: champion, challenger: challenger, automaticAt: least)
      return counts.leftOut - before
    }
    if leftOut > 0 { metrics.skip(leftOut) }
    return compared.count
  }

  /// The counts that are not written yet.
  func takeCounts() -> [ShadowTally] { counts.withLock { $0.take() } }

  func giveBack(_ tallies: [ShadowTally]) { counts.withLock { $0.giveBack(tallies) } }

  /// Accepts no more batches.
  func close() { waiting.finish() }
}
