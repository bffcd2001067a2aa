import DeskCore
import Logging
import Messaging
import Observability
import ServiceLifecycle
import Store
import SystemPrimitives
import Wire
import ZeroMQ

/// Passes acknowledgements upstream: what a router has committed is DONE for intake; labels of what no router took are written to the
/// database for the sweeps.
struct Acknowledger: Service {
  let held: HeldLabels
  private let source: WorkSource
  private let sink: WorkSink
  private let writer: LabelWriter
  private let unwritten: CounterMetric
  private let logger: Logger

  /// - Parameter held: the labels of the items that are with the source.
  init(
    source: WorkSource, sink: WorkSink, held: HeldLabels, writer: LabelWriter, metrics: MetricsRegistry, logger: Logger
  ) {
    self.held = held
    self.source = source
    self.sink = sink
    self.writer = writer
    self.logger = logger
    unwritten = metrics.counter(
      "frontdesk_classifier_unwritten_labels_total",
      help: "Messages that no router took and whose labels could not be written either; a sweep labels them again.")
  }

  func run() async throws {
    await withTaskExecutorPreference(source.taskExecutor) { await acknowledge() }
    // The link was closed by a part that stops earlier; a part that ends before shutdown counts as a failure of the process.
    try? await gracefulShutdown()
  }

  private func acknowledge() async {
    for await outcomes in source.outcomes {
      let done = outcomes.done
      held.drop(done)
      await sink.done(done)
      let stranded = outcomes.expired + outcomes.failed.map(\.id)
      if !stranded.isEmpty { await settle(stranded) }
    }
  }

  /// Intake is not notified: its own copy expires, and a router finds the labelled row.
  private func settle(_ ids: [ItemID]) async {
    let labelled = held.take(ids)
    if !labelled.isEmpty { await write(labelled) }
    // The window is freed either way; a refusal would only make the items circulate.
    await sink.refuse(ids, reason: RefusalReason.draining)
  }

  private func write(_ labelled: [LabelledMessage]) async {
    var backOff = ExponentialBackOff(
      from: ClassifierBounds.writePause.first, upTo: ClassifierBounds.writePause.longest)
    var random = SystemRandom()
    for attempt in 1...ClassifierBounds.writeAttempts {
      do {
        let written = try await writer.write(labelled)
        return logger.info(
          "no router took the labels; written to the database", metadata: ["messages": "\(written)"])
      } catch {
        // At shutdown the process does not wait for an unreachable database: the sweeps find the messages in any case.
        let isLast = attempt == ClassifierBounds.writeAttempts || Task.isShuttingDownGracefully || Task.isCancelled
        guard !isLast else {
          unwritten.increment(by: Double(labelled.count))
          return logger.warning(
            "labels could not be written to the database; the messages are labelled again by a sweep",
            metadata: ["messages": "\(labelled.count)", "error": "\(FailureKind.of(error))"])
        }
        // A cancellation fails the next attempt, which is then the last.
        try? await Task.sleep(for: backOff.next(using: &random))
      }
    }
  }
}
