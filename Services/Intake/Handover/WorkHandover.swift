import DeskCore
import EventThread
import Logging
import Messaging
import ServiceKit
import ServiceLifecycle
import Store
import Wire
import ZeroMQ

/// Brings committed messages to the classifiers, as far as the link has room; the rest stays in PostgreSQL and is fetched later.
///
/// It commits, too, because who holds a message is written with it: the commit names this instance as the owner while the link has
/// room, and nobody otherwise.
final class WorkHandover: CommitTarget, Service {
  private let store: DeskStore
  private let source: WorkSource
  private let me: InstanceID
  private let capacity: Int
  private let metrics: IntakeMetrics
  private let logger: Logger
  /// Messages that were promised to the link and have no outcome yet.
  private let held = PthreadMutex(0)

  /// - Parameter capacity: messages that the link may hold; 0 sends everything the slow way.
  init(
    store: DeskStore, source: WorkSource, me: InstanceID, capacity: Int, metrics: IntakeMetrics, logger: Logger
  ) {
    self.store = store
    self.source = source
    self.me = me
    self.capacity = capacity
    self.metrics = metrics
    self.logger = logger
  }

  /// Messages that the link can still take.
  var room: Int { held.withLock { max(0, capacity - $0) } }

  // MARK: Committing

  func accept(_ messages: [IncomingMessage]) async throws -> CommitReceipt {
    let owner = room >= messages.count ? me : nil
    return CommitReceipt(outcomes: try await store.accept(messages, owner: owner), owner: owner)
  }

  func handOver(_ messages: [AcceptedMessage], owner: InstanceID?) async {
    guard owner == me else { return }
    await offer(messages.map { WireWorkItem($0) })
  }

  // MARK: The link

  /// Offers what this instance owns, and gives up what the link does not take.
  private func offer(_ items: [WireWorkItem]) async {
    held.withLock { $0 += items.count }
    let taken = await source.offer(items)
    guard taken < items.count else { return }
    held.withLock { $0 -= items.count - taken }
    await release(items.dropFirst(taken).compactMap(\.itemID))
  }

  /// Takes the outcomes until the link is closed, which happens after it has drained.
  func run() async throws {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.takeOutcomes() }
      await cancelWhenGracefulShutdown { await self.adoptUntilCancelled() }
      await drain()
      await group.waitForAll()
    }
  }

  private func takeOutcomes() async {
    for await batch in source.outcomes {
      held.withLock { $0 -= batch.count }
      await release(batch.expired)
      let failed = batch.failed
      guard !failed.isEmpty else { continue }
      let reasons = Dictionary(failed.map { ($0.reason, 1) }, uniquingKeysWith: +)
      logger.warning("workers did not finish messages", metadata: ["reasons": "\(reasons)"])
      do {
        try await store.countAttempts(of: failed.map { MessageID($0.id) })
      } catch {
        // The slow way counts by itself; an attempt missed here only delays the verdict.
        logger.warning("counting attempts failed", metadata: ["error": "\(error)"])
      }
      await release(failed.map(\.id))
    }
  }

  /// What cannot be released because the database is away is found by the sweep for messages that have waited too long.
  private func release(_ ids: [ItemID]) async {
    guard !ids.isEmpty else { return }
    metrics.released(ids.count)
    do {
      try await store.release(ids.map(MessageID.init), heldBy: me)
    } catch {
      logger.warning("releasing failed", metadata: ["error": "\(error)", "messages": "\(ids.count)"])
    }
  }

  // MARK: Adopting

  private func adoptUntilCancelled() async {
    while !Task.isCancelled {
      var mayHaveMore = false
      do {
        mayHaveMore = try await adoptOnce()
      } catch is CancellationError {
        return
      } catch {
        logger.debug("adoption failed", metadata: ["error": "\(error)"])
      }
      if !mayHaveMore { try? await Task.sleep(for: IntakeBounds.adoptionInterval) }
    }
  }

  /// Takes over messages that nobody alive holds, no more than workers would take at once.
  /// - Returns: whether there may be more.
  func adoptOnce() async throws -> Bool {
    let link = await source.snapshot()
    let limit = min(room, link.credit - link.waitingCount, StoreBounds.rowsPerClaim)
    guard limit > 0 else { return false }
    let adopted = try await store.adopt(for: me, limit: limit)
    guard !adopted.isEmpty else { return false }
    metrics.adopted(adopted.count)
    logger.info("adopted messages", metadata: ["count": "\(adopted.count)"])
    await offer(adopted.map { WireWorkItem($0) })
    return adopted.count == limit
  }

  // MARK: Leaving

  /// Waits for what the workers hold, for a bounded time, then gives everything up.
  private func drain() async {
    let deadline = ContinuousClock.now + IntakeBounds.drainTime
    while ContinuousClock.now < deadline {
      let link = await source.snapshot()
      // What waits without a worker will not be taken in these seconds either.
      if link.inFlightCount == 0 && (link.waitingCount == 0 || link.credit == 0) { break }
      try? await Task.sleep(for: IntakeBounds.drainInterval)
    }
    await source.close()
    do {
      try await store.releaseAll(heldBy: me)
    } catch {
      logger.warning("releasing all failed", metadata: ["error": "\(error)"])
    }
  }
}

extension Identifier {
  fileprivate init(_ item: ItemID) {
    self.init(high: item.high, low: item.low)
  }
}
