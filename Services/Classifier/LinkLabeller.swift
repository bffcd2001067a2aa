import DeskCore
import Logging
import Messaging
import ServiceKit
import ServiceLifecycle
import Store
import Tracing
import Wire
import ZeroMQ

/// Takes messages from the intakes' links, labels them, and passes them on to the routers' link.
///
/// When the routers take less than arrives, it waits, its credit is used up, and intake notices: back-pressure covers the whole path.
struct LinkLabeller: Service {
  let sink: WorkSink
  let source: WorkSource
  let labeller: Labeller
  let drainTime: Duration
  let logger: Logger

  func run() async throws {
    await withGracefulShutdownHandler {
      for await batch in sink.batches {
        let labelled = FrontdeskTracer.current.withSpans(
          "classify", in: batch.lazy.map(\.traceparent), ofKind: .consumer,
          attributes: ["messaging.batch.message_count": .int(Int64(batch.count))]
        ) {
          labeller.label(batch)
        }
        labeller.held.keep(labelled)
        await handOn(labelled)
      }
    } onGracefulShutdown: {
      Task { await sink.drain(within: drainTime) }
    }
    await source.close()
  }

  private func handOn(_ items: [WireWorkItem]) async {
    var rest = items[...]
    while !rest.isEmpty {
      let taken = await source.offer(Array(rest))
      rest = rest.dropFirst(taken)
      if !rest.isEmpty { try? await Task.sleep(for: ClassifierBounds.fullPause) }
    }
  }
}

/// Passes acknowledgements upstream: what a router has committed is DONE for intake; labels of what no router took are written to the
/// database for the sweeps.
struct Acknowledger: Service {
  let source: WorkSource
  let sink: WorkSink
  let held: HeldLabels
  let store: DeskStore
  let logger: Logger

  func run() async throws {
    for await outcomes in source.outcomes {
      let done = outcomes.done
      _ = held.take(done)
      await sink.done(done)
      let stranded = outcomes.expired + outcomes.failed.map(\.id)
      if !stranded.isEmpty { await writeDown(stranded) }
    }
    // The link was closed by a part that stops earlier; a part that ends before shutdown counts as a failure of the process.
    try? await gracefulShutdown()
  }

  /// Intake is not notified: its own copy expires, and a router finds the labelled row.
  private func writeDown(_ ids: [ItemID]) async {
    let labelled = held.take(ids)
    for attempt in 1...ClassifierBounds.writeAttempts {
      do {
        try await store.write(labelled)
        logger.info("no router took the labels; written to the database", metadata: ["messages": "\(labelled.count)"])
        break
      } catch {
        // At shutdown the process does not wait for an unreachable database: the sweeps find the messages in any case.
        if attempt == ClassifierBounds.writeAttempts || Task.isShuttingDownGracefully {
          logger.warning("labels could not be written to the database", metadata: ["error": "\(error)"])
          break
        }
        try? await Task.sleep(for: .milliseconds(100 * attempt))
      }
    }
    // The window is freed either way; a refusal would only make the items circulate.
    await sink.refuse(ids, reason: RefusalReason.draining)
  }
}
