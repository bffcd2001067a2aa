import DeskCore
import Logging
import Messaging
import ServiceLifecycle
import ServiceProcess
import Store
import SystemPrimitives
import Wire
import ZeroMQ

/// Takes labelled messages from the classifiers' links, has them decided, and sends DONE once the commit has succeeded.
///
/// At shutdown the router accepts no more, finishes what it holds, and returns what it cannot finish in time.
struct LinkWorker: Service {
  let sink: WorkSink
  let decisions: DecisionMaker
  let drainTime: Duration
  let logger: Logger

  func run() async throws {
    await withTaskGroup(of: Void.self) { group in
      // Between two statements there is little to compute, so the work follows the connection.
      group.addTask(executorPreference: decisions.store.taskExecutor) { await work() }
      group.addTask {
        do { try await gracefulShutdown() } catch { return }
        await sink.drain(within: drainTime)
      }
      await group.next()
      // Work still in progress was returned: its time is up.
      group.cancelAll()
    }
  }

  /// Decides one batch at a time, and takes the next one only then: everything that came meanwhile is decided together. So an idle router
  /// decides a small batch at once, and a busy one has large batches without waiting for them.
  private func work() async {
    await warmUp()
    for await batch in sink.batches { await settle(batch) }
  }

  /// Reads what the first decision will need while the links are being established, and opens the connections for it.
  private func warmUp() async {
    guard let policy = decisions.policy.current else { return }
    async let full = decisions.depths.full(under: policy, in: decisions.store, logger)
    async let crises = decisions.crises.current(under: policy, in: decisions.store, logger)
    _ = await (full, crises)
  }

  /// Ends with every item of the batch either decided or returned.
  private func settle(_ batch: [LinkItem]) async {
    var items: [UndecidedItem] = []
    var malformed: [ItemID] = []
    for wire in batch {
      if let item = UndecidedItem(wire) {
        items.append(item)
      } else {
        malformed.append(wire.id)
      }
    }
    if !malformed.isEmpty { await sink.refuse(malformed, reason: "malformed") }
    let ids = items.map { ItemID(high: $0.id.high, low: $0.id.low) }
    var backOff = ExponentialBackOff(from: RouterBounds.firstPause, upTo: RouterBounds.longestPause)
    var random = SystemRandom()
    for attempt in 1...RouterBounds.attemptsPerBatch {
      do {
        let apart = try await decisions.decideApart(items)
        let refused = apart.refused.map { ItemID(high: $0.high, low: $0.low) }
        let held = apart.held.map { ItemID(high: $0.high, low: $0.low) }
        let left = Set(refused + held)
        if !left.isEmpty {
          await sink.refuse(refused, reason: "undecidable")
          await sink.refuse(held, reason: "held")
        }
        await sink.done(left.isEmpty ? ids : ids.filter { !left.contains($0) })
        return
      } catch {
        if Task.isCancelled { return }
        if attempt == 1 {
          logger.warning(
            "a batch could not be decided yet", metadata: ["items": "\(items.count)", "error": "\(error)"])
        }
        do { try await Task.sleep(for: backOff.next(using: &random)) } catch { return }
      }
    }
    decisions.metrics.isolated(items.count, .handedBack)
    logger.error("a batch was returned", metadata: ["items": "\(items.count)"])
    await sink.refuse(ids, reason: "unavailable")
  }
}
