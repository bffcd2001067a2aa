import Curl
import PostgreSQL
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives
import TestKit
import TestService
import TestStore
import Testing

@testable import DeskCore
@testable import Notifier
@testable import Observability

/// What the notifier asks of a CRM, and what it does with the answers.
@Suite struct LookUpWorkerTests {
  /// A CRM on the loopback that answers as the test says.
  private final class CRM: Sendable {
    let server: LocalServer
    let lines = PthreadMutex<[(line: String, headers: [String: String])]>([])

    /// - Parameter answer: status, further headers, and body, by the customer's id; nil answers nothing until the client gives up.
    init(_ answer: @escaping @Sendable (String) -> (status: String, headers: [String], body: String)?) throws {
      server = try LocalServer { [lines] connection in
        while let request = connection.readRequest() {
          lines.withLock { $0.append((request.line, request.headers)) }
          let customer = request.line.split(separator: " ")[1].split(separator: "/").last.map(String.init) ?? ""
          if let answer = answer(customer) {
            connection.respond(answer.status, headers: answer.headers, body: answer.body)
          } else {
            connection.waitForPeerToClose()
          }
        }
      }
    }
  }

  private struct Desk {
    let store: DeskStore
    let worker: LookUpWorker
    let registry: MetricsRegistry

    func want(_ customers: [String]) async throws {
      for customer in customers {
        _ = try await store.accept(store.message(from: customer))
        try await store.privacy.wantLookUp(of: Correspondent(customer, on: "web"), timeout: .seconds(5))
      }
    }

    func record(of customer: String) async throws -> LookUpRecord? {
      try await store.privacy.lookUp(of: Correspondent(customer, on: "web"), timeout: .seconds(5))
    }
  }

  private func with(
    _ crm: CRM, allowsPrivateAddress: Bool = true, secrets: [String] = [HookDesk.secret],
    _ body: (Desk) async throws -> Void
  ) async throws {
    try await TestDatabase.with { store in
      let client = try HTTPClient()
      let registry = MetricsRegistry()
      let lookUp = CustomerLookUp(
        template: crm.server.url("/c/{channel}/{customer}"), secrets: secrets, missingSecrets: ["CRM_SECRET"],
        shown: ["name"], keeps: .seconds(600), allowsPrivateAddress: allowsPrivateAddress)
      let policy = Policy(
        version: 1, teams: [:], agents: [:], queues: [:], rules: [], defaultQueue: "general", triageQueue: "general",
        triageThreshold: 0, serviceLevels: [], calendars: [:], channels: [:], hooks: [:], customerLookUp: lookUp)
      let resolver = AddressResolver()
      let worker = try await LookUpWorker(
        store: store, clock: DatabaseClock(asking: store), policy: { policy }, client: client,
        resolve: { try await resolver.resolve($0) }, hints: nil, metrics: NotifierMetrics(registry), logger: .silent,
        restingFrom: .seconds(3_600))
      do {
        try await body(Desk(store: store, worker: worker, registry: registry))
      } catch {
        await client.shutDown()
        throw error
      }
      await client.shutDown()
    }
  }

  @Test func answersAreSignedForOneCustomerAndStored() async throws {
    let crm = try CRM { customer in
      customer == "nobody" ? ("404 Not Found", [], "") : ("200 OK", [], #"{"name":"Ann","secret":"x"}"#)
    }
    try await with(crm) { desk in
      try await desk.want(["ann", "nobody"])
      let pause = try await desk.worker.round()
      #expect(pause == .regular)
      let known = try #require(try await desk.record(of: "ann"))
      #expect(
        known.fields.flatMap { CustomerFields(kept: $0, shown: ["name", "secret"]) }?.json.json == #"{"name":"Ann"}"#)
      let unknown = try #require(try await desk.record(of: "nobody"))
      #expect(unknown.fetchedAt != nil && unknown.fields == nil && unknown.failedAt == nil)
      let asked = crm.lines.withLock { $0 }
      #expect(asked.count == 2)
      for request in asked {
        let target = String(request.line.split(separator: " ")[1])
        let timestamp = try #require(request.headers["webhook-timestamp"].flatMap { Int64($0) })
        #expect(
          request.headers["webhook-signature"]
            == WebhookSignature.header(
              secrets: [HookDesk.secret], id: try #require(request.headers["webhook-id"]), timestamp: timestamp,
              body: Array(target.utf8)))
      }
      // Nothing is asked twice.
      _ = try await desk.worker.round()
      #expect(crm.lines.withLock { $0.count } == 2)
    }
  }

  @Test func hostileAndBrokenAnswersAreFailuresAndOpenTheCircuit() async throws {
    let crm = try CRM { customer in
      switch customer {
      case "html": ("200 OK", [], "<html>")
      case "huge": ("200 OK", [], #"{"name":""# + String(repeating: "x", count: 100_000) + #""}"#)
      case "redirect": ("302 Found", ["Location: http://169.254.169.254/"], "")
      case "mute": nil
      default: ("500 Internal Server Error", [], "")
      }
    }
    try await with(crm) { desk in
      try await desk.want(["html", "huge", "redirect", "mute", "broken"])
      await #expect(throws: LookUpWorker.Failure.self) { _ = try await desk.worker.round() }
      for customer in ["html", "huge", "redirect", "mute", "broken"] {
        let record = try #require(try await desk.record(of: customer))
        #expect(record.failedAt != nil && record.fetchedAt == nil && record.wantedAt == nil, "\(customer)")
      }
      #expect(desk.registry.render().contains("frontdesk_crm_circuit_open 1"))
      let asked = crm.lines.withLock { $0.count }
      // Others are not asked about, and their agents know at once.
      try await desk.want(["later"])
      await #expect(throws: LookUpWorker.Failure.self) { _ = try await desk.worker.round() }
      #expect(crm.lines.withLock { $0.count } == asked)
      #expect(try await desk.record(of: "later")?.failedAt != nil)
    }
  }

  @Test func privateAddressesAreNotAskedUnlessAllowed() async throws {
    let crm = try CRM { _ in ("200 OK", [], "{}") }
    try await with(crm, allowsPrivateAddress: false) { desk in
      try await desk.want(["ann"])
      _ = try await desk.worker.round()
      #expect(try await desk.record(of: "ann")?.failedAt != nil)
      #expect(crm.server.connectionCount == 0)
    }
  }

  @Test func withoutASecretNothingIsAsked() async throws {
    let crm = try CRM { _ in ("200 OK", [], "{}") }
    try await with(crm, secrets: []) { desk in
      try await desk.want(["ann"])
      await #expect(throws: LookUpWorker.Failure.self) { _ = try await desk.worker.round() }
      #expect(crm.server.connectionCount == 0)
    }
  }
}
