public import DeskCore
public import Logging
public import ServiceHealth
internal import ServiceLifecycle
public import Store
internal import SystemPrimitives

/// Acquires and renews the leases that this process wants, and stops trusting them in time.
///
/// The database dates a lease, and every write under it carries a `Fence` that the database checks again. How long a holder trusts its
/// lease between renewals is decided by `LeaseTrust`.
public actor LeaseKeeper: WatchedService {
  private let store: DeskStore
  private let me: InstanceID
  private let logger: Logger
  private let task = WatchedTask("leases")
  private let onLoss: @Sendable (String) -> Void
  private var wanted: Set<String>
  private let trust = PthreadMutex(LeaseTrust())
  private let changed: AsyncStream<Void>
  private let notifyChange: AsyncStream<Void>.Continuation

  /// - Parameters:
  ///   - wanted: the leases to acquire from the start.
  ///   - onLoss: called with the name of each lease that was lost, unless it was released deliberately.
  public init(
    wanting wanted: Set<String>, store: DeskStore, me: InstanceID, logger: Logger,
    onLoss: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.wanted = wanted
    self.store = store
    self.me = me
    self.logger = logger
    self.onLoss = onLoss
    (changed, notifyChange) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  public nonisolated var tasks: [WatchedTask] { [task] }

  /// Yields after each round that acquired or lost a lease. For one reader.
  public nonisolated var changes: AsyncStream<Void> { changed }

  /// Returns the fence for writes; nil when the lease is not held or no longer trusted.
  public nonisolated func fence(_ name: String) -> Fence? {
    trust.withLock { $0.fence(name, of: me, at: .now) }
  }

  /// The leases that are currently held and trusted.
  public nonisolated var held: Set<String> {
    trust.withLock { $0.trusted(at: .now) }
  }

  /// Changes the wanted leases; those no longer wanted are released immediately.
  public func want(_ names: Set<String>) async {
    guard names != wanted else { return }
    let dropped = wanted.subtracting(names)
    wanted = names
    let givenUp = trust.withLock { $0.giveUp(dropped) }
    if !givenUp.isEmpty {
      await task.attemptBetweenRounds(logger) { try await store.fleet.releaseLeases(givenUp, holder: me) }
      notifyChange.yield()
    }
    await task.attemptBetweenRounds(logger) { try await renew() }
  }

  /// Renews until shutdown begins, then releases everything.
  public func run() async throws {
    // Failures do not slow it down: a lease ends after a few missed renewals.
    let interval = FleetBounds.leaseRenewal
    await PeriodicTask(task, every: interval, longestBackOff: interval, logger: logger).run {
      do {
        try await self.renew()
      } catch {
        await self.note(self.trust.withLock { $0.dropEnded(at: .now) })
        throw error
      }
      return .regular
    }
    await giveUpAll()
    notifyChange.finish()
  }

  private func renew() async throws {
    let names = wanted.sorted()
    let asked = ContinuousClock.now
    let answer = try await store.fleet.acquireLeases(names, holder: me)
    guard names == wanted.sorted() else {
      // The wanted leases changed while the query was in flight, and that change sends a new query: this answer does not reflect what is
      // wanted now. Leases it acquired needlessly are released, or no process could have them until they expire.
      let taken = Set(answer.map(\.name)).subtracting(wanted)
      return try await store.fleet.releaseLeases(taken.sorted(), holder: me)
    }
    note(trust.withLock { $0.renew(answer, askedAt: asked) })
  }

  private func note(_ change: LeaseTrust.Change) {
    for name in change.lost {
      logger.warning("lease lost", metadata: ["lease": "\(name)"])
      onLoss(name)
    }
    for (name, term) in change.acquired {
      logger.info("lease acquired", metadata: ["lease": "\(name)", "term": "\(term)"])
    }
    if change.isOfNames { notifyChange.yield() }
  }

  private func giveUpAll() async {
    // A renewal that was cancelled may have acquired a lease that is not recorded here.
    let names = wanted.union(trust.withLock { $0.names })
    wanted = []
    trust.withLock { $0 = LeaseTrust() }
    do {
      try await store.fleet.releaseLeases(names.sorted(), holder: me)
    } catch {
      logger.warning(
        "leases not released: other processes wait until they expire", metadata: ["error": "\(FailureKind.of(error))"])
    }
  }
}

extension Leadership {
  /// Leads while `leases` holds the lease of this name, and trusts it.
  public init(_ lease: String, _ leases: LeaseKeeper) {
    self.init { leases.fence(lease) }
  }
}
