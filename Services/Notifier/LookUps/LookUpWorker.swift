import Curl
import DeskCore
import Logging
import Messaging
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives
import ZeroMQ

/// Asks the company's CRM about the customers whose tickets agents look at, and stores the answers. Nothing waits for it: routing never
/// asks, and a ticket is shown with what is stored.
final class LookUpWorker: WatchedService {
  /// Why nothing is looked up; shown by `frontdesk status` as long as it lasts.
  enum Failure: Error, CustomStringConvertible {
    case held(String)
    case circuitOpen

    var description: String {
      switch self {
      case .held(let reason): reason
      case .circuitOpen: "the CRM fails, and is left alone for a while"
      }
    }
  }

  private struct State {
    var breaker: CircuitBreaker
    var sender: LookUpSender?
    var cleansAt: ContinuousClock.Instant?
  }

  private let store: DeskStore
  private let clock: DatabaseClock
  private let policy: @Sendable () -> Policy?
  private let client: HTTPClient
  private let resolve: EndpointAddress.LookUp
  private let hints: HintSubscriber?
  private let metrics: NotifierMetrics
  private let logger: Logger
  private let task = WatchedTask("customer_lookups")
  private let wakeUp = WakeUpSignal()
  private let state: PthreadMutex<State>

  /// - Parameters:
  ///   - resolve: resolves the CRM's name within `NotifierBounds.lookUpTimeout`.
  ///   - hints: that look-ups are wanted.
  ///   - first: how long the CRM is left alone at first when it fails.
  init(
    store: DeskStore, clock: DatabaseClock, policy: @escaping @Sendable () -> Policy?, client: HTTPClient,
    resolve: @escaping EndpointAddress.LookUp, hints: HintSubscriber?, metrics: NotifierMetrics, logger: Logger,
    restingFrom first: Duration = NotifierBounds.lookUpFirstRest
  ) {
    self.store = store
    self.clock = clock
    self.policy = policy
    self.client = client
    self.resolve = resolve
    self.hints = hints
    self.metrics = metrics
    self.logger = logger
    let backOff = ExponentialBackOff(
      from: first, upTo: max(first, NotifierBounds.lookUpLongestRest), jitter: NotifierBounds.restJitter)
    state = PthreadMutex(State(breaker: CircuitBreaker(threshold: NotifierBounds.lookUpFailures, backOff: backOff)))
  }

  var tasks: [WatchedTask] { [task] }

  func run() async throws {
    let periodic = PeriodicTask(
      task, every: NotifierBounds.lookUpPause, longestBackOff: NotifierBounds.lookUpPause, wokenBy: wakeUp,
      logger: logger)
    await withDiscardingTaskGroup { group in
      group.addTask {
        await periodic.run { try await self.round() }
        await self.hints?.close()
      }
      group.addTask {
        guard let hints = self.hints else { return }
        for await _ in hints.hints { self.wakeUp.ring() }
      }
    }
  }

  /// Answers the look-ups that are wanted now, at most `NotifierBounds.lookUpsAtOnce`.
  /// - Throws: `Failure`, as long as no customer can be looked up; or `PostgresError`.
  func round() async throws -> PeriodicTask.Pause {
    guard let lookUp = policy()?.customerLookUp else {
      try await clean(olderThan: .zero)
      return .regular
    }
    try await clean(olderThan: max(lookUp.keeps, NotifierBounds.lookUpLifetime))
    if let reason = lookUp.holdReason { throw Failure.held(reason) }
    let sender = sender(for: lookUp)
    let now = clock.now()
    let room = state.withLock { $0.breaker.admit(NotifierBounds.lookUpsAtOnce, now: now) }
    let claimed: [Correspondent]
    do {
      claimed = try await store.privacy.claimLookUps(
        limit: room > 0 ? room : NotifierBounds.lookUpsAtOnce, claimTime: NotifierBounds.lookUpClaim)
    } catch {
      state.withLock { $0.breaker.withdraw(now: now) }
      throw error
    }
    if claimed.isEmpty { state.withLock { $0.breaker.withdraw(now: now) } }
    await withDiscardingTaskGroup { group in
      for customer in claimed {
        group.addTask {
          // While the CRM is left alone, agents see at once that there is no answer.
          room > 0 ? await self.ask(sender, about: customer) : await self.write(.failed("not asked"), about: customer)
        }
      }
    }
    if state.withLock({ $0.breaker.isOpen }) { throw Failure.circuitOpen }
    return claimed.count == room ? .none : .regular
  }

  private func sender(for lookUp: CustomerLookUp) -> LookUpSender {
    state.withLock { state in
      if let sender = state.sender, sender.lookUp == lookUp { return sender }
      let sender = LookUpSender(lookUp, client: client, resolve: resolve)
      state.sender = sender
      return sender
    }
  }

  private func ask(_ sender: LookUpSender, about customer: Correspondent) async {
    let start = ContinuousClock.now
    let outcome = await sender.ask(about: customer, timeout: NotifierBounds.lookUpTimeout, now: clock.now())
    metrics.lookedUp(outcome, took: .now - start)
    await write(outcome, about: customer)
    var event = CircuitBreaker.Event.succeeded
    if case .failed = outcome { event = .failed }
    var random = SystemRandom()
    let now = clock.now()
    for effect in state.withLock({ $0.breaker.handle(event, now: now, using: &random) }) {
      switch effect {
      case .opened(let pause):
        metrics.circuit(isOpen: true)
        var reason = ""
        if case .failed(let text) = outcome { reason = text }
        logger.warning(
          "the CRM fails; customers are not looked up for a while",
          metadata: ["seconds": "\(pause.inSeconds)", "reason": "\(reason)"])
      case .closed:
        metrics.circuit(isOpen: false)
        logger.info("the CRM answers again")
      }
    }
  }

  /// An outcome that cannot be stored is lost: the claim ends, and the look-up is repeated if it is still wanted.
  private func write(_ outcome: LookUpOutcome, about customer: Correspondent) async {
    await task.attemptBetweenRounds(logger) {
      switch outcome {
      case .found(let fields): try await store.privacy.answerLookUp(of: customer, fields: fields)
      case .unknown: try await store.privacy.answerLookUp(of: customer, fields: nil)
      case .failed: try await store.privacy.failLookUp(of: customer)
      }
    }
  }

  private func clean(olderThan age: Duration) async throws {
    let isDue = state.withLock { state in
      guard state.cleansAt.map({ $0 <= .now }) ?? true else { return false }
      state.cleansAt = .now + NotifierBounds.lookUpCleaning
      return true
    }
    guard isDue else { return }
    _ = try await store.privacy.forgetLookUps(olderThan: age, limit: NotifierBounds.lookUpsForgotten)
  }
}
