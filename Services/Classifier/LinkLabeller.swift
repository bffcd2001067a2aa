import DeskCore
import Logging
import Messaging
import ServiceKit
import ServiceLifecycle
import Store
import Wire
import ZeroMQ

/// Takes messages from the intakes' links, labels them, and hands them on to the routers' link.
///
/// When the routers take less than comes in, it waits, its credit is used up, and intake notices: back-pressure runs the whole way.
struct LinkLabeller: Service {
  let sink: WorkSink
  let source: WorkSource
  let labeller: Labeller
  let drainTime: Duration
  let logger: Logger

  func run() async throws {
    await withGracefulShutdownHandler {
      for await batch in sink.batches {
        let labelled = labeller.label(batch)
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

/// Carries acknowledgements back: what a router has committed is DONE for intake, and what no router took is written down for the
/// sweeps.
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
    // The link was closed by a part that stops earlier; a part that ends before its turn counts as a failure of the process.
    try? await gracefulShutdown()
  }

  /// Intake is not told: its own copy expires, and the labelled row is what a router will find.
  private func writeDown(_ ids: [ItemID]) async {
    let labelled = held.take(ids)
    for attempt in 1...ClassifierBounds.writeAttempts {
      do {
        try await store.write(labelled)
        logger.info("labels written down, no router took them", metadata: ["messages": "\(labelled.count)"])
        break
      } catch {
        // A process that leaves does not wait for a database that is away: the sweeps find the messages in any case.
        if attempt == ClassifierBounds.writeAttempts || Task.isShuttingDownGracefully {
          logger.warning("labels could not be written down", metadata: ["error": "\(error)"])
          break
        }
        try? await Task.sleep(for: .milliseconds(100 * attempt))
      }
    }
    // The window is freed either way; a refusal would only send the items round in circles.
    await sink.refuse(ids, reason: RefusalReason.draining)
  }
}
