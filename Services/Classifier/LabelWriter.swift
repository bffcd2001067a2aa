import DeskCore
import Logging
import Observability
import PostgreSQL
import Store

/// Writes labels to the database, where a router finds them instead of on a link.
///
/// A message whose labels the database refuses does not affect the others: halving finds it. It stays undecided, its claims are counted,
/// and after `StoreBounds.attemptsBeforePoison` of them a router sends it to triage.
struct LabelWriter: Sendable {
  private let store: DeskStore
  private let refusals: CounterMetric
  private let logger: Logger

  init(store: DeskStore, metrics: MetricsRegistry, logger: Logger) {
    self.store = store
    self.logger = logger
    refusals = metrics.counter(
      "frontdesk_classifier_refused_labels_total", help: "Messages whose labels the database refused.")
  }

  /// - Returns: how many of the messages were written.
  /// - Throws: `PostgresError` that is not caused by a single message.
  func write(_ labelled: [LabelledMessage]) async throws -> Int {
    var written = 0
    // Halving down to one message each: fewer parts than twice the messages.
    var splitter = BatchSplitter(labelled, attempts: 2 * labelled.count)
    while let part = splitter.next() {
      do {
        try await store.inbox.write(
          labels: part.map { ($0.message, $0.labels) },
          suggestions: Dictionary(part.map { ($0.message, $0.suggestions) }) { first, _ in first },
          guesses: Dictionary(part.map { ($0.message, $0.guesses) }) { first, _ in first })
        written += part.count
      } catch let error as PostgresError where error.isFaultOfTheRow {
        guard let refused = splitter.refuse(part) else { continue }
        refusals.increment()
        logger.error(
          "the database refuses a message's labels",
          metadata: ["message": "\(refused.message)", "error": "\(FailureKind.of(error))"])
      }
    }
    return written
  }
}
