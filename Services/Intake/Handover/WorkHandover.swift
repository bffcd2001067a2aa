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
  /// Messages that were promised to the link, or may be by a statement under way, and have no outcome yet.
  private let held = PthreadMutex(0)
  /// Whether everything is given up soon, so that giving up a part is a waste of the time that is left.
  private let leavesSoon = PthreadMutex(false)

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

  /// Keeps places on the link for messages that may come, so that statements under way at once are not promised the same ones.
  /// - Returns: whether there was room; if so, each place goes to an offer or is given back.
  private func reserve(_ count: Int) -> Bool {
    held.withLock { held in
      guard held + count <= capacity else { return false }
      held += count
      return true
    }
  }

  private func giveBack(_ count: Int) {
    held.withLock { $0 -= count }
  }

  // MARK: Committing

  /// Contacts follow the messages that brought them, and the receipt follows both: where the second writing fails, the same batch is
  /// handed in again, and its messages are known by their keys.
  func accept(_ messages: [IncomingMessage]) async throws -> CommitReceipt {
    let receipt = try await commit(messages)
    let contacts = zip(messages, receipt.outcomes).compactMap { message, outcome -> CustomerContact? in
      switch outcome {
      case .accepted(let acceptance), .duplicate(let acceptance):
        message.contact.map {
          CustomerContact(
            channel: message.channel, customer: message.customer, sealed: $0, givenAt: acceptance.acceptedAt)
        }
      case .conflict: nil
      }
    }
    guard !contacts.isEmpty else { return receipt }
    do {
      try await store.keep(contacts)
    } catch {
      giveBack(receipt.owner == nil ? 0 : receipt.accepted(of: messages).count)
      throw error
    }
    return receipt
  }

  private func commit(_ messages: [IncomingMessage]) async throws -> CommitReceipt {
    guard reserve(messages.count) else {
      return CommitReceipt(outcomes: try await store.accept(messages, owner: nil), owner: nil)
    }
    do {
      let receipt = CommitReceipt(outcomes: try await store.accept(messages, owner: me), owner: me)
      giveBack(messages.count - receipt.accepted(of: messages).count)
      return receipt
    } catch {
      giveBack(messages.count)
      throw error
    }
  }

  func handOver(_ messages: [AcceptedMessage], owner: InstanceID?) async {
    guard owner == me else { return }
    await offer(messages.map { WireWorkItem($0) })
  }

  // MARK: The link

  /// Offers what this instance owns and has places for, and gives up what the link does not take.
  private func offer(_ items: [WireWorkItem]) async {
    let taken = await source.offer(items)
    guard taken < items.count else { return }
    giveBack(items.count - taken)
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
      giveBack(batch.count)
      await release(batch.expired)
      let failed = batch.failed
      guard !failed.isEmpty, !leavesSoon.withLock({ $0 }) else { continue }
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
    guard !ids.isEmpty, !leavesSoon.withLock({ $0 }) else { return }
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
    guard limit > 0, reserve(limit) else { return false }
    let adopted: [UndecidedMessage]
    do {
      adopted = try await store.adopt(for: me, limit: limit)
    } catch {
      giveBack(limit)
      throw error
    }
    giveBack(limit - adopted.count)
    guard !adopted.isEmpty else { return false }
    metrics.adopted(adopted.count)
    logger.info("adopted messages", metadata: ["count": "\(adopted.count)"])
    await offer(adopted.map { WireWorkItem($0) })
    return adopted.count == limit
  }

  // MARK: Leaving

  /// Waits for what the workers hold, for a bounded time, then gives everything up.
  private func drain() async {
    leavesSoon.withLock { $0 = true }
    let deadline = ContinuousClock.now + IntakeBounds.drainTime
    while ContinuousClock.now < deadline {
      let link = await source.snapshot()
      // What waits without a worker will not be taken in these seconds either.
      if link.inFlightCount == 0 && (link.waitingCount == 0 || link.credit == 0) { break }
      try? await Task.sleep(for: IntakeBounds.drainInterval)
    }
    await source.close()
    // From here on, what comes from a commit that ends late is not among all that is given up, and has to be by itself.
    leavesSoon.withLock { $0 = false }
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
