import DeskCore
import HTTPTypes
import Logging
import PostgreSQL
import ServiceKit
import TestPostgres
import Testing

@testable import Intake
@testable import Store

@Suite("FeedbackRoute")
struct FeedbackRouteTests {
  private func form(_ json: String) throws -> FeedbackRoute.Form {
    try FeedbackRoute.Form(JSONBody(bytes: Array(json.utf8)))
  }

  @Test("feedback is read with its comment, and null counts as left out")
  func readsFeedbackWithItsComment() throws {
    let form = try form(#"{"solved":false,"rating":2,"comment":"还没好 🙁"}"#)
    #expect(form.solved == false && form.rating == 2 && form.comment == "还没好 🙁")
    let bare = try self.form(#"{"solved":true,"rating":null,"comment":null}"#)
    #expect(bare.solved && bare.rating == nil && bare.comment == nil)
    #expect(try self.form(#"{"solved":true,"solved":false}"#).solved == false, "the last one wins, as for messages")
  }

  @Test(
    "names each invalid field, in one of intake's problem types",
    arguments: [
      ("{}", ["/solved"]), (#"{"solved":"true"}"#, ["/solved"]), (#"{"solved":true,"rating":0}"#, ["/rating"]),
      (#"{"solved":true,"rating":6}"#, ["/rating"]), (#"{"solved":true,"rating":4.5}"#, ["/rating"]),
      (#"{"solved":true,"rating":9223372036854775808}"#, ["/rating"]),
      (#"{"solved":true,"rating":1e400}"#, ["/rating"]),
      (#"{"solved":true,"rating":"5"}"#, ["/rating"]), (#"{"solved":true,"comment":""}"#, ["/comment"]),
      (#"{"solved":true,"comment":"\u200b\u3164 "}"#, ["/comment"]),
      (#"{"solved":true,"comment":"a\u0000"}"#, ["/comment"]),
      (#"{"solved":true,"comment":7,"score":1}"#, ["/comment", "/score"]),
    ])
  func refusesInvalidFields(json: String, fields: [String]) {
    let problem = #expect(throws: HTTPProblem.self) { try form(json) }
    #expect(problem?.status == .unprocessableContent && problem?.type == .invalidRequest)
    #expect(problem?.errors.map(\.field) == fields)
  }

  @Test(
    "anything but a JSON object is malformed",
    arguments: ["", "[]", "true", #"{"solved":true} {}"#, #"{"solved":true,"comment":"\ud83d"}"#, "{'solved':true}"])
  func refusesMalformedBodies(json: String) {
    let problem = #expect(throws: HTTPProblem.self) { try form(json) }
    #expect(problem?.status == .badRequest && problem?.type == .malformedBody)
  }

  @Test("a closed ticket is a conflict for its own channel, and not found for any other")
  func closedTicketsConflictOnlyOnTheirChannel() async throws {
    let pool = PostgresPool(
      DeskStore.configure(try await PrivatePostgres.shared().createDatabase()),
      limits: PostgresPoolLimits(connectionsMinimum: 0, connectionsMaximum: 2))
    do {
      try await over(pool)
    } catch {
      await pool.shutdown()
      throw error
    }
    await pool.shutdown()
  }

  private func over(_ pool: PostgresPool) async throws {
    _ = try await PostgresMigrator(DeskMigrations.all).migrate(pool)
    let store = DeskStore(pool: pool)
    _ = try await store.privacy.ensurePartitions()
    _ = try await store.access.applyPolicy(
      document: """
        version: 1
        queues: { general: {} }
        rules:
          - { name: rest, queue: general }
        default_queue: general
        triage: { queue: general, below: 0.35 }
        agents:
          - { id: ann, capacity: 4 }
        channels: { web: {}, app: {} }

        """, by: "test")
    let policy = PolicyFollower(store: store, logger: Logger(label: "test"))
    try await policy.look()
    let clock = DatabaseClock(try await store.now())
    let route = FeedbackRoute(
      stepper: TicketStepper(store: store, clock: clock, policy: policy) { _ in },
      metrics: IntakeMetrics(registry: MetricsRegistry()), masksPersonalData: { _ in false })
    var random = SystemRandom()
    let now = try await store.now()
    let incoming = IncomingMessage(
      id: MessageID(at: now, using: &random), ticket: TicketID(at: now, using: &random), channel: "web",
      customer: "cara",
      externalID: "m", digest: Array(repeating: 1, count: 32), subject: nil, body: "words", attributes: nil,
      attachments: nil, sentAt: nil, traceparent: nil)
    guard case .accepted(let acceptance)? = try await store.inbox.accept([incoming], owner: nil).first,
      var ticket = try await store.tickets.tickets([acceptance.ticket])[acceptance.ticket]
    else { throw CancellationError() }
    let version = ticket.version
    let effects = try ticket.handle(.rejected(reason: "poison"), now: now, under: #require(policy.current))
    let step = TicketStep(
      expectedVersion: version, ticket: ticket, at: now, effects: effects, decides: [acceptance.message],
      traceparent: nil, reopenWindow: .seconds(3600))
    #expect(try await store.tickets.commit([step]) == [ticket.id])

    let solved = try form(#"{"solved":true}"#)
    let own = await #expect(throws: HTTPProblem.self) { try await route.record(ticket.id, of: "web", solved) }
    #expect(own?.status == .conflict && own?.errors.first?.value == "rejected")
    #expect(own?.detail?.contains("\(ticket.id)") == true)
    let foreign = await #expect(throws: HTTPProblem.self) { try await route.record(ticket.id, of: "app", solved) }
    #expect(foreign?.status == .notFound)
    let nothing = await #expect(throws: HTTPProblem.self) {
      try await route.record(TicketID(high: 1, low: 1), of: "web", solved)
    }
    #expect(nothing?.status == .notFound)
  }
}
