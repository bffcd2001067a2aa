import Logging
import Observability
import ServiceHealth
import ServiceProcess
import Store
import TestService
import TestStore
import Testing

@testable import DeskCore
@testable import SLAWatcher

/// An installation on its own database, and watchers on it whose clock the test sets.
struct WatchedDesk: Sendable {
  /// The SLA targets of a ticket: a first response within an hour, a resolution within ten.
  static let allowed: Duration = .seconds(3600)

  let store: DeskStore
  let policy: PolicyFollower
  let clock: DatabaseClock

  /// - Parameter more: what the policy has in addition.
  static func with(adding more: String = "", _ body: (WatchedDesk) async throws -> Void) async throws {
    try await TestDatabase.with(hasPartitions: true) { store in
      _ = try await store.access.applyPolicy(document: document + more, by: "test")
      let policy = PolicyFollower(store: store, logger: .silent)
      try await policy.look()
      try await body(WatchedDesk(store: store, policy: policy, clock: DatabaseClock(asking: store)))
    }
  }

  private static let document = """
    version: 1
    queues:
      general: { teams: [care] }
      escalations: {}
    rules:
      - { name: rest, queue: general }
    default_queue: general
    triage: { queue: general, below: 0.35 }
    agents:
      - { id: ann, capacity: 4, teams: [care] }
    teams:
      care: { lead: ann }
    service_levels:
      - name: laddered
        resolution: 10h
        escalation:
          - { after: 0s, tell_lead: true }
          - { after: 10m, raise_priority: urgent }
          - { after: 20m, queue: escalations }
    channels:
      web: { reopen_window: 1h }
    hooks:
      watch:
        url: https://example.com/hook
        secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw]
        kinds: [sla.warned, sla.breached, ticket.closed, ticket.escalated]

    """

  /// A watcher that wants to lead; it leads when its keeper gets the lease.
  func watcher() async throws -> Watcher {
    let leases = try await LeaseKeeper(
      wanting: [], store: store, me: fresh(), logger: .silent)
    await leases.want([SLAWatcherService.lease])
    return Watcher(desk: self, leases: leases)
  }

  /// The fence of a lease without contenders; chores that are not fenced by the database need no more.
  func fence() async throws -> Fence {
    try await Fence(lease: SLAWatcherService.lease, holder: fresh(), term: 1)
  }

  func fresh<Subject>() async throws -> Identifier<Subject> { try await store.fresh() }

  /// Sets the watchers' clock.
  func set(_ now: Instant) {
    let local = ContinuousClock.now
    clock.set(now, askedAt: local, answeredAt: local)
  }

  /// A ticket that waits in a queue, with both clocks running since it was opened. The policy has no service level `p`, and one that is
  /// `laddered`.
  func ticket(
    from customer: String = "ann", about category: String = "c", saying text: String = "words",
    following serviceLevel: String = "p"
  ) async throws -> Ticket {
    let acceptance = try await store.accept(store.message(from: customer, text: text))
    let ticket = try await store.ticket(of: acceptance)
    let targets = ServiceLevelTargets(
      policy: serviceLevel,
      firstResponse: ServiceLevelTarget(allowed: Self.allowed, from: ticket.openedAt, in: .always),
      resolution: ServiceLevelTarget(allowed: Self.allowed * 10, from: ticket.openedAt, in: .always),
      pausesWhilePending: true)
    let decision = RoutingDecision(
      queue: "general", priority: .normal, skills: [], weight: 1,
      labels: .of(category: category), needsTriage: false, targets: targets, rule: "rest", policyVersion: 1,
      message: acceptance.message)
    return try await take(ticket, .routed(decision), decides: [acceptance.message])
  }

  /// Takes a step by the database's clock.
  @discardableResult
  func take(_ ticket: Ticket, _ event: TicketEvent, decides: [MessageID] = []) async throws -> Ticket {
    try await store.take(ticket, event, under: #require(policy.current), decides: decides)
  }

  /// Has `ann`, who must be available, resolve a ticket that waits in a queue.
  @discardableResult
  func resolve(_ ticket: Ticket) async throws -> Ticket {
    let now = try await store.now()
    let offer = try await Offer(id: fresh(), agent: "ann", offeredAt: now, expiresAt: now + .seconds(30))
    let offered = try await take(ticket, .offered(offer))
    return try await take(take(offered, .accepted(offer.id, by: "ann")), .resolved(by: "ann"))
  }

  /// The timeline's clock notifications, in order: `warned 75`, `breached 100`.
  func notified(of ticket: Ticket) async throws -> [String] {
    try await store.conversations.timeline(of: ticket.id).filter { $0.kind.hasPrefix("sla_") }.map(\.kind)
  }
}

/// One process that enforces service levels.
struct Watcher: Sendable {
  /// The result of one round.
  struct Round: Sendable, Equatable {
    var notified = 0
    var closed = 0
  }

  let desk: WatchedDesk
  let leases: LeaseKeeper
  let logger = Logger.silent
  let metrics = SLAWatcherMetrics(MetricsRegistry())

  init(desk: WatchedDesk, leases: LeaseKeeper) {
    self.desk = desk
    self.leases = leases
  }

  var leadership: Leadership { Leadership(SLAWatcherService.lease, leases) }

  var stepper: TimedStepper { TimedStepper(store: desk.store, logger: logger, publish: { _ in }) }

  /// The clock as this process judges it.
  /// - Parameter counter: the monotonic counter; by default the clock is always trusted.
  func clock(counter: (@Sendable () -> Duration)? = nil) -> SteadyClock {
    guard let counter else { return SteadyClock(desk.clock, metrics: metrics, logger: logger) }
    return SteadyClock(desk.clock, metrics: metrics, logger: logger, counter: counter)
  }

  /// Knows only what the database knows.
  func deadlines(by clock: SteadyClock? = nil) -> DeadlineWatcher {
    DeadlineWatcher(
      store: desk.store, clock: clock ?? self.clock(), policy: desk.policy, leadership: leadership, stepper: stepper,
      metrics: metrics, logger: logger, ticketsPerRound: 16)
  }

  func closer(by clock: SteadyClock? = nil, ticketsPerRound: Int = 16) -> TicketCloser {
    TicketCloser(
      store: desk.store, clock: clock ?? self.clock(), policy: desk.policy, leadership: leadership, stepper: stepper,
      metrics: metrics, logger: logger, ticketsPerRound: ticketsPerRound)
  }

  func notifier(by clock: SteadyClock? = nil, ticketsPerRound: Int = 16) -> ProgressNotifier {
    ProgressNotifier(
      store: desk.store, clock: clock ?? self.clock(), policy: desk.policy, leadership: leadership, stepper: stepper,
      metrics: metrics, logger: logger, ticketsPerRound: ticketsPerRound)
  }

  /// Acquires the lease if it is free or has ended, as the keeper's loop does each second.
  func renew() async {
    await leases.want([])
    await leases.want([SLAWatcherService.lease])
  }

  /// Scans once for everything that is due, and once for tickets that can be closed.
  /// - Returns: the result; nil while another watcher leads.
  func runOnce() async throws -> Round? {
    guard let fence = leadership.fence, let notified = try await deadlines().notify(fencedBy: fence) else { return nil }
    return Round(notified: notified, closed: try await closer().close(fencedBy: fence))
  }
}
