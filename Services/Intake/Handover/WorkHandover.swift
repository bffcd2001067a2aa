import DeskCore
import Logging
import Messaging
import Observability
import ServiceHealth
import ServiceLifecycle
import Store
import SystemPrimitives
import Tracing
import Wire
import ZeroMQ

/// Passes committed messages to the classifiers while the link has room; the rest stays in PostgreSQL and is fetched later.
///
/// It also commits, because the owner of a message is written with it: the commit names this instance as the owner while the link has room,
/// and no owner otherwise. In an overload commits wait for room; see `LinkPressure`.
final class WorkHandover: CommitTarget, WatchedService {
  private let store: DeskStore
  private let source: WorkSource
  private let me: InstanceID
  private let metrics: IntakeMetrics
  private let logger: Logger
  private let adoption = WatchedTask("adoption")
  private let places: PthreadMutex<LinkPlaces>
  private let pressure = PthreadMutex(LinkPressure())
  private let start = ContinuousClock.now
  /// Whether everything will soon be released, so that releasing a part would waste the remaining time.
  private let leavesSoon = PthreadMutex(false)

  /// - Parameter capacity: messages that the link may hold; 0 sends everything through the database fallback.
  init(
    store: DeskStore, source: WorkSource, me: InstanceID, capacity: Int, metrics: IntakeMetrics, logger: Logger
  ) {
    self.store = store
    self.source = source
    self.me = me
    places = PthreadMutex(LinkPlaces(capacity: capacity))
    self.metrics = metrics
    self.logger = logger
  }

  var tasks: [WatchedTask] { [adoption] }

  /// Messages that the link can still accept.
  var room: Int { places.withLock { $0.room } }

  /// Without a link there is nothing to wait for.
  var linkRoom: Int {
    let (used, capacity) = places.withLock { ($0.usedCount, $0.capacity) }
    guard capacity > 0 else { return .max }
    return pressure.withLock { $0.room(used: used, now: start.duration(to: .now)) }
  }

  // MARK: Committing

  func accept(_ messages: [IncomingMessage], isCareful: Bool) async throws -> CommitReceipt {
    let patience: LockPatience = isCareful ? .leavingOutHeld : .brief
    guard let promise = places.withLock({ $0.promise(messages.count) }) else {
      let outcomes = try await store.inbox.accept(messages, owner: nil, patience: patience)
      return CommitReceipt(outcomes: outcomes, owner: nil)
    }
    do {
      let outcomes = try await store.inbox.accept(messages, owner: me, patience: patience)
      let receipt = CommitReceipt(outcomes: outcomes, owner: me)
      let accepted = receipt.accepted(of: messages).map(\.acceptance.message)
      places.withLock { $0.keep(promise, for: accepted) }
      return receipt
    } catch {
      places.withLock { _ = $0.withdraw(promise) }
      throw error
    }
  }

  func handOver(_ messages: [AcceptedMessage], owner: InstanceID?) async {
    guard owner == me else { return }
    await offer(messages.map { LinkItem($0) })
  }

  // MARK: The link

  /// Offers the messages that have a place and are not with the link already, and releases those that the link does not accept.
  private func offer(_ items: [LinkItem]) async {
    let mine = places.withLock { $0.offer(items.map { MessageID($0.id) }) }
    let items = items.filter { mine.contains(MessageID($0.id)) }
    guard !items.isEmpty else { return }
    let taken = await FrontdeskTracer.current.withSpans(
      "hand over", in: items.lazy.map(\.traceparent), ofKind: .producer,
      attributes: .messages(items.count)
    ) { [items] in
      await source.offer(items)
    }
    guard taken < items.count else { return }
    let left = items.dropFirst(taken).map(\.id)
    places.withLock { $0.free(left.map(MessageID.init)) }
    await release(left)
  }

  /// Processes outcomes until the link is closed, which happens after it has drained.
  func run() async throws {
    await withTaskGroup(of: Void.self) { group in
      group.addTask(executorPreference: source.taskExecutor) { await self.takeOutcomes() }
      await PeriodicTask(adoption, every: IntakeBounds.adoptionInterval, logger: logger).run {
        try await self.adoptOnce() ? .none : .regular
      }
      await drain()
      await group.waitForAll()
    }
  }

  private func takeOutcomes() async {
    for await batch in source.outcomes {
      places.withLock { $0.free(batch.lazy.map { MessageID($0.id) }) }
      let done = batch.count { $0.result == .done }
      pressure.withLock { $0.finish(done, now: start.duration(to: .now)) }
      await release(batch.expired)
      let failed = batch.failed
      guard !failed.isEmpty, !leavesSoon.withLock({ $0 }) else { continue }
      let reasons = Dictionary(failed.map { ($0.reason, 1) }, uniquingKeysWith: +)
      logger.warning("workers did not finish messages", metadata: ["reasons": "\(reasons)"])
      do {
        try await store.inbox.countAttempts(of: failed.map { MessageID($0.id) })
      } catch {
        // The database fallback does its own counting; an attempt missed here only delays the verdict.
        metrics.bookkeepingFailed(.attempts, messages: failed.count)
        logger.warning("counting attempts failed", metadata: ["error": "\(FailureKind.of(error))"])
      }
      await release(failed.map(\.id))
    }
  }

  /// Messages that cannot be released because the database is unreachable are found by the sweep for messages that have waited too long.
  private func release(_ ids: [ItemID]) async {
    guard !ids.isEmpty, !leavesSoon.withLock({ $0 }) else { return }
    metrics.released(ids.count)
    do {
      try await store.inbox.release(ids.map(MessageID.init), heldBy: me)
    } catch {
      metrics.bookkeepingFailed(.release, messages: ids.count)
      logger.warning(
        "releasing failed", metadata: ["error": "\(FailureKind.of(error))", "messages": "\(ids.count)"])
    }
  }

  // MARK: Adopting

  /// Adopts messages without a live owner, no more than workers would accept at once.
  /// - Returns: whether there may be more.
  func adoptOnce() async throws -> Bool {
    let link = await source.snapshot()
    let limit = min(room, link.credit - link.waitingCount, StoreBounds.rowsPerClaim)
    return limit > 0 ? try await adopt(upTo: limit) == limit : false
  }

  /// - Returns: how many messages were adopted; some may be with the link already.
  func adopt(upTo limit: Int) async throws -> Int {
    guard let promise = places.withLock({ $0.promise(limit) }) else { return 0 }
    let adopted: [UndecidedMessage]
    do {
      adopted = try await store.inbox.adopt(for: me, limit: limit)
    } catch {
      places.withLock { _ = $0.withdraw(promise) }
      throw error
    }
    places.withLock { $0.keep(promise, for: adopted.map(\.id)) }
    guard !adopted.isEmpty else { return 0 }
    metrics.adopted(adopted.count)
    logger.info("adopted messages", metadata: ["count": "\(adopted.count)"])
    await offer(adopted.map { LinkItem($0) })
    return adopted.count
  }

  // MARK: Shutdown

  /// Waits a bounded time for messages that the workers hold, then releases everything.
  private func drain() async {
    leavesSoon.withLock { $0 = true }
    let deadline = ContinuousClock.now + IntakeBounds.drainTime
    while ContinuousClock.now < deadline {
      let link = await source.snapshot()
      // Messages waiting without a worker will not be accepted in these seconds either.
      if link.inFlightCount == 0 && (link.waitingCount == 0 || link.credit == 0) { break }
      do { try await Task.sleep(for: IntakeBounds.drainInterval) } catch { break }
    }
    await source.close()
    // From here on, messages from a commit that ends late are not part of that release, and must be released separately.
    leavesSoon.withLock { $0 = false }
    do {
      try await store.inbox.releaseAll(heldBy: me)
    } catch {
      logger.warning("releasing all failed", metadata: ["error": "\(FailureKind.of(error))"])
    }
  }
}

extension Identifier {
  fileprivate init(_ item: ItemID) {
    self.init(high: item.high, low: item.low)
  }
}
