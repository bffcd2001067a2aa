import DeskCore
import HTTPService
import HTTPTypes
import Observability
import ServiceProcess
import TestService
import TestStore
import Testing
import UseCases

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
    try await TestDatabase.with(connections: 2, hasPartitions: true) { try await over($0) }
  }

  private func over(_ store: DeskStore) async throws {
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
    let policy = PolicyFollower(store: store, logger: .silent)
    try await policy.look()
    let clock = try await DatabaseClock(asking: store)
    let route = FeedbackRoute(
      stepper: TicketStepper(store: store, clock: clock, policy: policy) { _ in },
      metrics: IntakeMetrics(registry: MetricsRegistry()), masksPersonalData: { _ in false })
    let acceptance = try await store.accept(store.message(from: "cara"))
    let ticket = try await store.take(
      store.ticket(of: acceptance), .rejected(reason: "poison"), under: #require(policy.current),
      decides: [acceptance.message])

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
