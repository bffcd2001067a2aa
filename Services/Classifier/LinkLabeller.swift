import DeskCore
import Logging
import Messaging
import Observability
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

  func run() async throws {
    await withTaskGroup(of: Void.self) { group in
      group.addTask(executorPreference: source.taskExecutor) { await labelBatches() }
      group.addTask {
        do { try await gracefulShutdown() } catch { return }
        await sink.drain(within: drainTime)
      }
      await group.next()
      // Once drained, whatever the routers have not taken yet has been returned to intake.
      group.cancelAll()
    }
    await source.close()
  }

  private func labelBatches() async {
    for await batch in sink.batches {
      // A brief look is over before another thread would have been woken; a longer one would delay the links.
      let labelled =
        labeller.isBrief(batch)
        ? label(batch) : await withTaskExecutorPreference(globalConcurrentExecutor) { label(batch) }
      labeller.held.keep(labelled)
      await passOn(labelled)
    }
  }

  private func label(_ batch: [LinkItem]) -> [LinkItem] {
    FrontdeskTracer.current.withSpans(
      "classify", in: batch.lazy.map(\.traceparent), ofKind: .consumer,
      attributes: .messages(batch.count)
    ) {
      labeller.label(batch)
    }
  }

  /// Offers items until the link has taken all of them, or the task is cancelled.
  private func passOn(_ items: [LinkItem]) async {
    var rest = items[...]
    while true {
      let taken = await source.offer(Array(rest))
      rest = rest.dropFirst(taken)
      if rest.isEmpty { return }
      do { try await Task.sleep(for: ClassifierBounds.fullPause) } catch { return }
    }
  }
}
