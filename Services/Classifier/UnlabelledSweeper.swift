import DeskCore
import Logging
import ServiceKit
import ServiceLifecycle
import Store
import SwiftProtobuf
import Tracing
import Wire

/// Labels what the links did not bring (guarantee I6): messages that have waited too long in the database.
struct UnlabelledSweeper: WatchedService {
  let store: DeskStore
  let labeller: Labeller
  let metrics: MetricsRegistry
  let logger: Logger
  let task = WatchedTask("unlabelled_work")

  var tasks: [WatchedTask] { [task] }

  func run() async throws {
    let swept = metrics.counter(
      "frontdesk_classifier_swept_total", help: "Messages labelled from the database instead of from a link.")
    await PeriodicTask(task, every: SweepPace.least, logger: logger).run {
      let began = ContinuousClock.now
      let found = try await runOnce()
      swept.increment(by: Double(found))
      return found > 0 ? .none : .of(SweepPace.rest(after: .now - began))
    }
  }

  /// Labels one bounded batch.
  /// - Returns: how many messages it labelled.
  func runOnce() async throws -> Int {
    let stale = try await store.claimUnlabelled(olderThan: ClassifierBounds.sweepAge, limit: StoreBounds.rowsPerClaim)
    guard !stale.isEmpty else { return 0 }
    // Labelled like the items of a link, so that a message is treated the same over either path.
    let items = stale.map { message in
      WireWorkItem.with {
        $0.subject = message.subject ?? ""
        $0.text = message.body
        $0.opensTicket = message.opensTicket
      }
    }
    try await FrontdeskTracer.current.withSpans(
      "classify", in: stale.lazy.map(\.traceparent), ofKind: .consumer,
      attributes: ["messaging.batch.message_count": .int(Int64(stale.count))]
    ) {
      try await store.write(zip(stale, labeller.label(items)).map { LabelledMessage($1.labels, of: $0.id) })
    }
    logger.info("labelled messages from the database", metadata: ["messages": "\(stale.count)"])
    return stale.count
  }
}
