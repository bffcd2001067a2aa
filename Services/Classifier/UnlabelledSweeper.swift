import DeskCore
import Logging
import Observability
import ServiceHealth
import ServiceProcess
import Store
import Tracing
import Wire

/// Labels what the links did not bring (guarantee I6): messages that have waited too long in the database.
struct UnlabelledSweeper: PeriodicService {
  private let store: DeskStore
  private let labeller: Labeller
  private let writer: LabelWriter
  private let age: Duration
  private let swept: CounterMetric
  private let logger: Logger
  let task = WatchedTask("unlabelled_work")

  /// - Parameter age: messages that have waited for less are left to the links.
  init(
    store: DeskStore, labeller: Labeller, writer: LabelWriter, age: Duration = ClassifierBounds.sweepAge,
    metrics: MetricsRegistry, logger: Logger
  ) {
    self.store = store
    self.labeller = labeller
    self.writer = writer
    self.age = age
    self.logger = logger
    swept = metrics.counter(
      "frontdesk_classifier_swept_total", help: "Messages labelled from the database instead of from a link.")
  }

  var periodic: PeriodicTask {
    PeriodicTask(task, every: SweepPace.interval, limitedTo: SweepPace.share, logger: logger)
  }

  func round() async throws -> PeriodicTask.Pause {
    try await runOnce() > 0 ? .none : .regular
  }

  /// Labels one bounded batch.
  /// - Returns: how many messages it claimed. Those whose labels were not written stay claimed for `StoreBounds.claimTime`.
  func runOnce() async throws -> Int {
    let stale = try await store.inbox.claimUnlabelled(olderThan: age, limit: StoreBounds.rowsPerClaim)
    guard !stale.isEmpty else { return 0 }
    // Labelled like the items of a link, so that a message is treated the same over either path.
    let texts = stale.map { message in
      UnlabelledText(subject: message.subject ?? "", text: message.body, opensTicket: message.opensTicket)
    }
    let written = try await FrontdeskTracer.current.withSpans(
      "classify", in: stale.lazy.map(\.traceparent), ofKind: .consumer,
      attributes: .messages(stale.count)
    ) {
      try await writer.write(zip(stale, labeller.label(texts)).map { LabelledMessage($1, of: $0.id) })
    }
    swept.increment(by: Double(written))
    logger.info(
      "labelled messages from the database", metadata: ["taken": "\(stale.count)", "labelled": "\(written)"])
    return stale.count
  }
}
