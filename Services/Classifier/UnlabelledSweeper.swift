import DeskCore
import Language
import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// Labels what the links did not bring (promise I6): messages that have waited too long in the database.
struct UnlabelledSweeper: Service {
  let store: DeskStore
  let labeller: Labeller
  let metrics: MetricsRegistry
  let logger: Logger

  func run() async throws {
    let swept = metrics.counter(
      "frontdesk_classifier_swept_total", help: "Messages labelled out of the database instead of from a link.")
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        var found = 0
        do {
          found = try await runOnce()
          swept.increment(by: Double(found))
        } catch {
          logger.debug("sweep failed", metadata: ["error": "\(error)"])
        }
        if found == 0 { try? await Task.sleep(for: ClassifierBounds.sweepPause) }
      }
    }
  }

  /// Takes one bounded batch.
  /// - Returns: how many messages it labelled.
  func runOnce() async throws -> Int {
    let stale = try await store.claimUnlabelled(olderThan: ClassifierBounds.sweepAge, limit: StoreBounds.rowsPerClaim)
    guard !stale.isEmpty else { return 0 }
    let labels = labeller.labels(for: stale.map { MessageText(subject: $0.subject, text: $0.body) })
    try await store.write(labels: zip(stale, labels).map { ($0.id, Labels($1)) })
    logger.info("labelled messages out of the database", metadata: ["messages": "\(stale.count)"])
    return stale.count
  }
}
