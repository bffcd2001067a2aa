import Curl
import DeskCore
import HTTPTypes
import Observability
import PostgreSQL
import ServiceHealth
import Store
import SystemPrimitives
import TestKit
import TestService
import TestStore
import Testing

@testable import Console

/// What a console with a replica answers from it, and what it never does.
@Suite(.timeLimit(.minutes(10))) struct ReplicaRoutesTests {
  /// One that wrote anything, or needed what a standby lacks, would be answered by the primary.
  @Test func everyEndpointForReplicasIsAnsweredByOne() async throws {
    try await ReplicatedConsole.with { console in
      let ticket = try await console.desk.queued()
      try await console.date(old: .seconds(7))
      let keys = try await console.keys()
      for endpoint in ConsoleEndpoint.table where endpoint.mayUseReplica {
        #expect(endpoint.method == .get, "\(endpoint.name)")
        let path = endpoint.path.replacing("{by}", with: "queue").replacing("{id}", with: ticket.id.description)
        let key = endpoint.roles.contains(.lead) ? keys.lead : keys.operator
        let answer = try await console.ask(path + Self.query(of: endpoint.name), key)
        #expect(answer.status == 200, "\(endpoint.name): \(answer.body)")
        #expect(answer.age == "7" && answer.isOld == nil, "\(endpoint.name)")
      }
      let counts = console.reader.counts
      #expect(counts.answered == Int64(ConsoleEndpoint.fromReplicas.count) && counts.fellBack.isEmpty)

      // Everything else is read from the primary, whatever the replica's age, and says nothing about it.
      for path in [
        "/v1/me", "/v1/agents/me", "/v1/agents/me/tickets", "/v1/tickets", "/v1/tickets/\(ticket.id)",
        "/v1/tickets/\(ticket.id)/messages", "/v1/tickets/\(ticket.id)/timeline", "/v1/customers/web/cara",
        "/v1/directory",
        "/v1/notices", "/v1/callbacks", "/v1/inspections", "/v1/interceptions", "/v1/crises", "/v1/follow-ups",
        "/v1/sessions",
        "/v1/wallboard", "/v1/agents", "/v1/workers", "/v1/leases", "/v1/policy", "/v1/dead-letters", "/v1/hooks",
      ] {
        let answer = try await console.ask(path, keys.lead)
        #expect(answer.status == 200 && answer.age == nil, "\(path): \(answer.status)")
      }
      #expect(console.reader.counts.answered == counts.answered)
    }
  }

  @Test func anOldReplicaSaysSoAndATooOldOneIsNotAsked() async throws {
    try await ReplicatedConsole.with { console in
      _ = try await console.desk.queued(from: "cara")
      try await console.date(old: .zero)
      try await console.database.pauseReplay()
      let late = try await console.desk.queued(from: "dora")
      let key = try await console.keys().lead
      func counts(_ answer: ReplicatedConsole.Answer, _ tickets: Int) -> Bool {
        answer.body.contains(#""group":"parcels","tickets":\#(tickets),"#)
      }
      try await console.date(old: .seconds(10), isReplaying: false)
      let old = try await console.ask("/v1/reports/queue", key)
      #expect(counts(old, 1) && old.age == "10" && old.isOld == "true")
      // What the replica does not know of is looked for on the primary.
      let explanation = try await console.ask("/v1/tickets/\(late.id)/explanation", key)
      #expect(explanation.age == "0")
      #expect(JSONValue(json: explanation.body)?["decisions"]?.list?.isEmpty == false)
      #expect(console.reader.counts.fellBack == [.missing: 1])
      #expect(try await console.ask("/v1/reports/weather", key).status == 404)

      try await console.date(old: .seconds(61), isReplaying: false)
      let new = try await console.ask("/v1/reports/queue", key)
      #expect(counts(new, 2) && new.age == "0" && new.isOld == nil)
      #expect(console.reader.counts.fellBack == [.missing: 2, .late: 1])
    }
  }

  /// A replica can only forget what the primary forgot when it replays that: until then, and no longer than the limit, it is still found.
  @Test func whatWasErasedIsNotFoundBeyondTheReplicasAge() async throws {
    try await ReplicatedConsole.with { console in
      let store = console.database.store
      _ = try await console.desk.queued(from: "cara")
      let search = SearchReader(name: "search", distance: .seconds(-2))
      try await store.pool.executeScript(
        "UPDATE desk.watch_cursor SET up_to = '00000000-0000-0000-0000-000000000000' WHERE name = 'search'")
      let reading = try #require(try await store.search.read(by: search))
      #expect(try await store.search.index(reading.messages, of: reading, by: search, upTo: reading.upTo))
      try await console.date(old: .zero)
      try await console.database.pauseReplay()
      _ = try await store.privacy.erase(customer: "cara", of: "web", reason: "asked for it", receipt: "r")
      let key = try await console.keys().lead
      func finds() async throws -> Bool { try await console.ask("/v1/search?q=words", key).body.contains("cara") }
      try await console.date(old: .seconds(60), isReplaying: false)
      #expect(try await finds())
      try await console.date(old: .seconds(61), isReplaying: false)
      #expect(try await !finds())
      try await console.database.resumeReplay()
      try await console.date(old: .zero)
      #expect(try await !finds())
      #expect(console.reader.counts.answered == 2)
    }
  }

  @Test func theFlowIsCountedUpToWhatTheReplicaHas() async throws {
    try await ReplicatedConsole.with { console in
      let heartbeat = try await console.date(old: .seconds(30))
      let desk = console.desk
      let hub = WallboardHub(
        store: desk.store, policy: desk.policy, clock: desk.clock, metrics: MetricsRegistry(), reader: console.reader)
      #expect(try await hub.flow().countedUntil == heartbeat)
      #expect(try await hub.figures().today != nil)
      #expect(console.reader.counts.answered == 2)
    }
  }

  @Test func aReplicaThatIsBehindIsAFailingTask() async throws {
    try await ReplicatedConsole.with { console in
      let metrics = MetricsRegistry()
      console.reader.export(to: metrics, clock: console.desk.clock)
      let watch = ReplicaWatch(
        console.replica, number: 1, limits: console.reader.limits, instance: console.instance,
        clock: console.desk.clock, logger: .silent)
      _ = try await console.database.store.fleet.heartbeat(console.instance)
      try await console.database.catchUp()
      #expect(try await watch.round() == .regular)
      let name = console.replica.name
      #expect(
        metrics.render().contains(#"frontdesk_console_reader_reachable{replica="\#(name)"} 1"#), "\(metrics.render())")
      #expect(metrics.render().contains(#"frontdesk_console_reader_lag_seconds{replica="\#(name)"} "#))
      #expect(metrics.render().contains(#"frontdesk_console_reader_fallbacks_total{reason="late"} 0"#))

      // The newest heartbeat that it has is a minute old.
      try await console.database.store.pool.executeScript(
        "UPDATE desk.service_instance SET heartbeat_at = heartbeat_at - interval '1 minute'")
      try await console.database.catchUp()
      await #expect(throws: ReplicaWatch.ReplicaIsBehind.self) { try await watch.round() }
      for _ in 1...TaskBounds.failuresBeforeWarning { await watch.periodic.runOnce { try await watch.round() } }
      #expect(watch.task.problem?.kind == "ReplicaIsBehind" && watch.task.name == "postgres_reader")
    }
  }

  /// What an endpoint needs besides its path.
  private static func query(of name: ConsoleEndpoint.Name) -> String {
    switch name {
    case .search: "?q=words"
    case .readPlan, .exportPlan, .drawPlan: "?handling=300&within=60"
    default: ""
    }
  }
}

/// A console with a replica of its database.
private struct ReplicatedConsole: Sendable {
  struct Answer {
    let status: Int
    let body: String
    /// The headers about the data's age.
    let age: String?
    let isOld: String?
  }

  let database: ReplicatedDatabase
  let desk: StaffedDesk
  let instance: InstanceID
  let replica: DeskReplica
  let reader: DeskReader
  private let now: PthreadMutex<Instant>
  private let client: HTTPClient
  private let url: String

  static func with(_ body: @escaping @Sendable (ReplicatedConsole) async throws -> Void) async throws {
    try await ReplicatedDatabase.with { database in
      let desk = try await StaffedDesk(store: database.store)
      let instance = try await database.store.fresh(ServiceInstance.self)
      try await database.store.fleet.register(
        ServiceInstance(
          id: instance, service: "console", build: "b", host: "h", processID: 1, state: .ready, linkEndpoint: nil,
          hintEndpoint: nil, httpEndpoint: nil, operationsEndpoint: nil,
          curvePublicKey: Array(repeating: 1, count: 32), startedAt: Instant(seconds: 0),
          heartbeatAt: Instant(seconds: 0)))
      let replica = DeskReplica(
        database.standby, connections: 2, setAside: SetAsideRows(), patience: HangLimit.duration)
      let now = PthreadMutex(Instant(seconds: 0))
      let reader = DeskReader(primary: database.store, replicas: [replica]) { now.withLock { $0 } }
      var routes = desk.routes
      routes.reader = reader
      do {
        try await StaffedDesk.serving(routes) { client, url in
          try await body(
            ReplicatedConsole(
              database: database, desk: desk, instance: instance, replica: replica, reader: reader, now: now,
              client: client, url: url))
        }
        await replica.close()
      } catch {
        await replica.close()
        throw error
      }
    }
  }

  /// Dates the replica, and sets the clock so that its data is of an age.
  /// - Parameter isReplaying: whether it replays what was written until now.
  /// - Returns: up to when it has everything.
  @discardableResult
  func date(old age: Duration, isReplaying: Bool = true) async throws -> Instant {
    if isReplaying {
      _ = try await database.store.fleet.heartbeat(instance)
      try await database.catchUp()
    }
    let seen = PostgresStatement<Instant>(
      "seen", "SELECT heartbeat_at FROM desk.service_instance WHERE id = $1")
    let pool = PostgresPool(database.standby, limits: PostgresPoolLimits(connectionsMaximum: 1))
    let heartbeat = try #require(try await pool.query(seen, [instance]).first)
    await pool.shutdown()
    now.withLock { $0 = heartbeat + age }
    try await replica.look(for: [instance], now: heartbeat + age)
    return heartbeat
  }

  func keys() async throws -> (lead: String, operator: String) {
    (try await desk.key(.lead, agent: "bob"), try await desk.key(.operator))
  }

  func ask(_ path: String, _ key: String) async throws -> Answer {
    let response = try await client.send(
      HTTPClient.Request(method: "GET", url: url + path, headers: ["authorization": "Bearer \(key)"]))
    return Answer(
      status: response.status, body: String(decoding: response.body, as: UTF8.self),
      age: response.headers["frontdesk-data-age"], isOld: response.headers["frontdesk-data-old"])
  }
}
