import Curl
import DeskCore
import Logging
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives

/// Delivers the pending deliveries of one hook. Each hook has its own worker, with its own lanes and back-off, so that one that hangs or
/// fails delays no other.
final class HookWorker: Sendable {
  private struct State {
    var rest = HookBackOff()
    var underWay = 0
    var isStopped = false
    var hasEnded = false
    /// An outage of the endpoint has ended, and the deliveries that wait for a retry have not been brought forward yet.
    var hasRecovered = false
  }

  /// The policy's settings of the hook when the worker was created.
  let hook: Hook

  private let store: DeskStore
  private let me: InstanceID
  private let clock: DatabaseClock
  private let messenger: DeliverySender
  private let endpoint: EndpointAddress
  private let metrics: NotifierMetrics
  private let logger: Logger
  private let schedule: @Sendable (ClaimedNotice) -> RetrySchedule
  private let state = PthreadMutex(State())
  private let wakeUp = WakeUpSignal()
  private let claiming: WatchedTask
  private let bookkeeping: WatchedTask

  init(
    hook: Hook, store: DeskStore, me: InstanceID, clock: DatabaseClock, messenger: DeliverySender,
    metrics: NotifierMetrics,
    logger: Logger, schedule: @escaping @Sendable (ClaimedNotice) -> RetrySchedule = { _ in .standardWebhooks }
  ) {
    self.hook = hook
    self.store = store
    self.me = me
    self.clock = clock
    self.messenger = messenger
    endpoint = EndpointAddress(hook, lookUp: messenger.lookUp)
    self.metrics = metrics
    self.logger = logger
    self.schedule = schedule
    claiming = WatchedTask("hook_claims_\(hook.id)")
    bookkeeping = WatchedTask("hook_bookkeeping_\(hook.id)")
  }

  /// Per hook: a failure of a single hook is not hidden by the others' success.
  var tasks: [WatchedTask] { [claiming, bookkeeping] }

  /// Polls the outbox soon.
  func wake() {
    wakeUp.ring()
  }

  /// Accepts nothing more; `run` returns when the deliveries in progress have ended.
  func stop() {
    state.withLock { $0.isStopped = true }
    wakeUp.finish()
  }

  /// Whether `run` has returned, so that this worker delivers nothing more.
  var hasEnded: Bool { state.withLock { $0.hasEnded } }

  /// Delivers until stopped, or until the endpoint accepts no more.
  func run() async {
    // At most as many as there are lanes: `claim` takes no more.
    let (notices, deliver) = AsyncStream.makeStream(of: ClaimedNotice.self)
    await withDiscardingTaskGroup { group in
      group.addTask {
        await PeriodicTask(self.claiming, every: NotifierBounds.pollPause, wokenBy: self.wakeUp, logger: self.logger)
          .runUntilFinished {
            for notice in try await self.claim() { deliver.yield(notice) }
            // After the claim, so that its failure delays no delivery.
            try await self.wakeRetriesAfterOutage()
            return .regular
          }
        deliver.finish()
      }
      for await notice in notices {
        group.addTask {
          await self.settle(notice)
          self.wake()
        }
      }
    }
    state.withLock { $0.hasEnded = true }
  }

  /// Delivers what is due now, and returns when all of it has ended.
  /// - Returns: how many deliveries were attempted.
  func runOnce() async throws -> Int {
    let claimed = try await claim()
    try await wakeRetriesAfterOutage()
    await withDiscardingTaskGroup { group in
      for notice in claimed { group.addTask { await self.settle(notice) } }
    }
    return claimed.count
  }

  private func claim() async throws -> [ClaimedNotice] {
    // What cannot be signed stays where it is.
    guard hook.holdReason == nil else { return [] }
    let limit = min(hook.parallelDeliveries, NotifierBounds.deliveriesPerHook)
    let room = state.withLock { state in
      state.isStopped ? 0 : state.rest.room(limit: limit, underWay: state.underWay, now: .now)
    }
    guard room > 0 else { return [] }
    let claimed = try await store.outbox.claimNotices(
      for: hook.id, by: me, limit: room, claimTime: NotifierBounds.claimTime)
    state.withLock { $0.underWay += claimed.count }
    return claimed
  }

  /// Makes the deliveries due that wait for a retry, in order and spread over time, if the endpoint accepts deliveries again.
  private func wakeRetriesAfterOutage() async throws {
    let hasRecovered = state.withLock { state in
      defer { state.hasRecovered = false }
      return state.hasRecovered
    }
    guard hasRecovered else { return }
    do {
      let total = try await store.outbox.wakeAllRetries(of: hook.id, perSecond: NotifierBounds.wokenPerSecond)
      logger.info(
        "a hook accepts deliveries again; retries are brought forward",
        metadata: ["hook": "\(hook.id)", "deliveries": "\(total)"])
    } catch {
      state.withLock { $0.hasRecovered = true }
      throw error
    }
  }

  // MARK: One delivery

  private func settle(_ notice: ClaimedNotice) async {
    let outcome = await attempt(notice)
    var random = SystemRandom()
    state.withLock { state in
      state.underWay -= 1
      switch outcome {
      case .delivered: state.rest.succeeded()
      case .gone: state.isStopped = true
      case .failed(_, let asked): state.rest.failed(askedFor: asked, now: .now, using: &random)
      }
    }
    if outcome == .gone { wakeUp.finish() }
    await writeDown(outcome, of: notice)
  }

  private func attempt(_ notice: ClaimedNotice) async -> DeliveryOutcome {
    var words: StoredMessage?
    if DeliveryBody.isOfReply(notice) {
      guard let reply = DeliveryBody.reply(of: notice) else {
        return .failed(reason: "the notice names no reply", askedFor: nil)
      }
      do {
        words = try await store.conversations.message(reply)
      } catch {
        return .failed(reason: "the reply could not be read", askedFor: nil)
      }
      // A customer is not sent a reply without its text.
      guard words != nil else { return .failed(reason: "the reply is no longer stored", askedFor: nil) }
    }
    let start = ContinuousClock.now
    let outcome = await messenger.deliver(
      DeliveryBody.bytes(for: notice, text: words?.body, attachments: words?.attachments), id: notice.id, to: hook,
      at: endpoint, in: notice.traceparent, now: clock.now())
    metrics.attempted(hook.id, delivered: outcome == .delivered, took: .now - start)
    return outcome
  }

  /// Records the outcome of a delivery. If every attempt fails, the claim expires and the delivery is repeated under the same id, which its
  /// receiver drops (guarantee I5).
  private func writeDown(_ outcome: DeliveryOutcome, of notice: ClaimedNotice) async {
    for attempt in 1...NotifierBounds.bookkeepingAttempts {
      do {
        try await bookkeeping.note(logger) { try await note(outcome, of: notice) }
        return
      } catch {
        if attempt == NotifierBounds.bookkeepingAttempts {
          logger.warning(
            "the outcome of a delivery could not be recorded; it will be repeated",
            metadata: ["hook": "\(hook.id)", "notice": "\(notice.id)", "error": "\(error)"])
        } else {
          try? await Task.sleep(for: NotifierBounds.bookkeepingPause)
        }
      }
    }
  }

  private func note(_ outcome: DeliveryOutcome, of notice: ClaimedNotice) async throws {
    switch outcome {
    case .delivered:
      let failures = try await store.outbox.delivered([notice.id])
      if failures >= NotifierBounds.failuresOfOutage { state.withLock { $0.hasRecovered = true } }
    case .gone:
      // Pending deliveries are kept: an endpoint that was moved or taken down by mistake is resumed by an operator.
      logger.warning("deliveries to a hook are paused: its endpoint answered 410", metadata: ["hook": "\(hook.id)"])
      try await store.hooks.pauseHook(hook.id, reason: "the endpoint answered 410")
      try await store.outbox.release(notice.id)
    case .failed(let reason, let asked):
      let attempts = Int(notice.attempts) + 1
      var random = SystemRandom()
      if let delay = schedule(notice).delay(afterAttempts: attempts, askedFor: asked, using: &random) {
        logger.info(
          "a delivery failed",
          metadata: ["hook": "\(hook.id)", "notice": "\(notice.id)", "attempts": "\(attempts)", "reason": "\(reason)"])
        try await store.outbox.postpone(notice.id, by: delay, error: reason)
      } else {
        try await deadLetter(notice, reason: "not delivered in \(attempts) attempts; last: \(reason)")
      }
    }
  }

  private func deadLetter(_ notice: ClaimedNotice, reason: String) async throws {
    try await store.outbox.deadLetter(notice.id, reason: reason)
    metrics.deadLettered(hook.id)
    logger.error(
      "a delivery was moved to the dead letters",
      metadata: ["hook": "\(hook.id)", "notice": "\(notice.id)", "reason": "\(reason)"])
  }
}
