import Curl
import Logging
import Observability
import PostgreSQL
import ServiceHealth
import ServiceProcess
import Store
import TestService
import TestStore
import Testing

@testable import DeskCore
@testable import Notifier

/// An installation on its own database with pending deliveries.
struct HookDesk: Sendable {
  static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

  private static let policy = Policy(
    version: 1, teams: [:], agents: [:], queues: [:], rules: [], defaultQueue: "general", triageQueue: "general",
    triageThreshold: 0, serviceLevels: [], calendars: [:], channels: [:], hooks: [:])

  let store: DeskStore
  let metrics = MetricsRegistry()
  private let client: HTTPClient

  static func with(_ body: (HookDesk) async throws -> Void) async throws {
    try await TestDatabase.with { store in try await body(HookDesk(store: store, client: HTTPClient())) }
  }

  private init(store: DeskStore, client: HTTPClient) {
    self.store = store
    self.client = client
  }

  func hook(_ id: HookID = "shop", at url: String, allowsPrivateAddress: Bool = true, lanes: Int = 4) -> Hook {
    Hook(
      id: id, url: url, secrets: [HookDesk.secret], kinds: [.ticketQueued], allowsPrivateAddress: allowsPrivateAddress,
      parallelDeliveries: lanes)
  }

  func worker(
    _ hook: Hook, timeout: Duration = .seconds(20), schedule: RetrySchedule = .standardWebhooks,
    scheduleOf: (@Sendable (ClaimedNotice) -> RetrySchedule)? = nil, logger: Logger = .silent
  ) async throws -> HookWorker {
    try await HookWorker(
      hook: hook, store: store, me: fresh(), clock: DatabaseClock(asking: store),
      messenger: DeliverySender(client: client, timeout: timeout), metrics: NotifierMetrics(metrics),
      logger: logger, schedule: scheduleOf ?? { _ in schedule })
  }

  /// Makes workers, as the dispatcher asks for them.
  func workers() async throws -> @Sendable (Hook) -> HookWorker {
    let (me, clock): (InstanceID, DatabaseClock) = (try await fresh(), try await DatabaseClock(asking: store))
    return { [store, client, metrics] hook in
      HookWorker(
        hook: hook, store: store, me: me, clock: clock,
        messenger: DeliverySender(client: client, timeout: .seconds(20)),
        metrics: NotifierMetrics(metrics), logger: .silent)
    }
  }

  /// Applies a policy and follows it.
  func follow(_ document: String) async throws -> PolicyFollower {
    _ = try await store.access.applyPolicy(document: document, by: "test")
    let follower = PolicyFollower(store: store, logger: .silent)
    try await follower.look()
    return follower
  }

  /// Leads while the test says so.
  func leadership(_ leads: @escaping @Sendable () -> Bool) async throws -> Leadership {
    let fence = try await Fence(lease: NotifierService.lease, holder: fresh(), term: 1)
    return Leadership { leads() ? fence : nil }
  }

  func run(_ script: String) async throws {
    try await store.pool.executeScript(script)
  }

  func fresh<Subject>() async throws -> Identifier<Subject> { try await store.fresh() }

  /// Commits a step that causes deliveries.
  /// - Returns: their ids.
  func enqueueNotices(_ count: Int = 1, to hook: HookID, customer: String = "ann", kind: NoticeKind = .ticketQueued)
    async throws -> [NoticeID]
  {
    let acceptance = try await store.accept(store.message(from: customer, externalID: "m-\(customer)-\(hook)"))
    let ticket = try await store.ticket(of: acceptance)
    var notices: [Notice] = []
    for number in 0..<count {
      notices.append(
        Notice(
          id: try await fresh(), hook: hook, kind: kind, ticket: ticket.id,
          body: .object([.init("number", .integer(Int64(number)))])))
    }
    try await store.take(
      ticket,
      .routed(
        RoutingDecision(
          queue: "general", priority: .normal, skills: [], weight: 1, labels: .of(category: "c"), needsTriage: false,
          targets: .none, rule: "r", policyVersion: 1, message: acceptance.message)), under: Self.policy,
      decides: [acceptance.message], notices: notices)
    return notices.map(\.id)
  }

  /// How many deliveries wait for a hook.
  func waiting(for hook: HookID = "shop") async throws -> Int64 {
    try await store.reports.outboxFigures().first { $0.hook == hook }?.waiting ?? 0
  }

  /// Makes every postponed or claimed delivery due now.
  func hurry() async throws {
    try await store.pool.executeScript("UPDATE desk.outbox SET next_attempt_at = clock_timestamp() - interval '1 s'")
  }
}
