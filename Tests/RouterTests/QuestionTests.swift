import DeskCore
import Observability
import Store
import SystemPrimitives
import Testing
import UseCases

@testable import Router

/// Questions through the decision maker and PostgreSQL.
@Suite("Customers are asked before an agent gets their ticket, each question once") struct QuestionTests {
  private static let policy = """
    version: 1
    teams: {desk: {}}
    agents: [{id: ann, teams: [desk], capacity: 5}]
    queues:
      general: {teams: [desk]}
      damages: {teams: [desk]}
      triage: {teams: [desk]}
    questions:
      turns: 3
      wait: 2m
      fields:
        order_number: {kind: order_number}
        state: {choice: {damaged: [damaged, 破损], missing: [missing, 没收到]}}
      ask:
        - name: parcel
          when: {category: logistics}
          questions:
            - {field: order_number, en: Which order?, zh: 请问是哪个订单？, again: {en: "The number, please?", zh: 请提供订单号。}}
            - {field: state, attempts: 1, en: "{order_number}, damaged or missing?", zh: "{order_number}，破损还是没收到？"}
    rules:
      - {name: damage, when: {field: {state: damaged}}, queue: damages}
    default_queue: general
    triage: {queue: triage, below: 0.3}
    channels:
      web: {}
    """

  private func item(
    _ text: String, on desk: RouterDesk, _ id: String, category: String = "logistics", confidence: Double = 0.9
  ) async throws -> UndecidedItem {
    let accepted = try #require(await desk.accept(id, from: "cara"))
    return desk.item(accepted, from: "cara", category: category, confidence: confidence, text: text)
  }

  private func ticket(_ item: UndecidedItem, _ desk: RouterDesk) async throws -> Ticket {
    try #require(await desk.store.tickets.tickets([item.ticket])[item.ticket])
  }

  private func questions(of ticket: TicketID, _ desk: RouterDesk) async throws -> [String] {
    let messages = try await desk.store.conversations.messages(of: ticket, limit: 20)
    return messages.filter { $0.author == "question:parcel" && $0.direction == 2 }.map(\.body)
  }

  @Test func theAnswersBecomeFieldsAndRouteTheTicket() async throws {
    try await RouterDesk.with(policy: Self.policy) { desk in
      let first = try await item("Where is my parcel?", on: desk, "m1")
      #expect(try await desk.decisions.decide([first]) == 1)
      let asked = try await ticket(first, desk)
      #expect(asked.conversation.question?.field == "order_number" && asked.conversation.heldUntil != nil)
      let second = try await item("FD-20263041", on: desk, "m2", category: "other", confidence: 0.2)
      #expect(try await desk.decisions.decide([second]) == 1)
      let third = try await item("it is damaged", on: desk, "m3", category: "other", confidence: 0.2)
      #expect(try await desk.decisions.decide([third]) == 1)
      let done = try await ticket(first, desk)
      #expect(done.fields == TicketFields(["order_number": "FD-20263041", "state": "damaged"]))
      #expect(done.queue == "damages" && done.conversation.heldUntil == nil && done.conversation.question == nil)
      #expect(done.clocks == asked.clocks, "a question stops no clock")
      #expect(try await questions(of: first.ticket, desk) == ["Which order?", "FD-20263041, damaged or missing?"])
      let timeline = try await desk.store.conversations.timeline(of: first.ticket)
      #expect(
        timeline.map(\.kind) == [
          "queued", "asked", "customer_wrote", "answered_question", "asked", "customer_wrote", "answered_question",
          "rerouted", "questions_ended",
        ])
      #expect(timeline.allSatisfy { !$0.detail.contains("20263041") }, "no value enters the timeline")
      let explanation = try await TicketExplanation(of: first.ticket, timeline: timeline, in: desk.store)
      #expect(explanation.decisions.map(\.kind) == ["queued", "asked", "asked", "rerouted"])
      #expect(explanation.isReplayed == true)
      #expect(desk.metrics.readings[.asked]?.value == 2 && desk.metrics.readings[.questionsEnded]?.value == 1)
      let balance = try #require(await desk.store.audit.balance())
      #expect(balance.lost == 0 && balance.decidedTwice == 0)
    }
  }

  @Test func twoRoutersAskOnce() async throws {
    try await RouterDesk.with(policy: Self.policy) { desk in
      let first = try await item("Where is my parcel?", on: desk, "m1")
      let decided = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<4 { group.addTask { try await desk.decisions.decide([first]) } }
        return try await group.reduce(0, +)
      }
      #expect(decided == 1)
      #expect(try await questions(of: first.ticket, desk) == ["Which order?"])
      // The same for an answer that several routers hold, as after a link has failed.
      let second = try await item("FD-20263041", on: desk, "m2", category: "other", confidence: 0.2)
      _ = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<4 { group.addTask { try await desk.decisions.decide([second]) } }
        return try await group.reduce(0, +)
      }
      #expect(try await questions(of: first.ticket, desk) == ["Which order?", "FD-20263041, damaged or missing?"])
      #expect(try await ticket(first, desk).conversation.questionsAsked == 2)
    }
  }

  @Test func messagesOfOneBatchAreFollowedByOneQuestion() async throws {
    try await RouterDesk.with(policy: Self.policy) { desk in
      let items = [
        try await item("Where is my parcel?", on: desk, "m1"),
        try await item("FD-20263041", on: desk, "m2", category: "other", confidence: 0.2),
      ]
      #expect(try await desk.decisions.decide(items) == 2)
      #expect(try await questions(of: items[0].ticket, desk) == ["FD-20263041, damaged or missing?"])
      let asked = try await ticket(items[0], desk)
      #expect(asked.fields["order_number"] == "FD-20263041" && asked.conversation.question?.field == "state")
    }
  }

  @Test func whoAsksForAPersonIsNotAsked() async throws {
    try await RouterDesk.with(policy: Self.policy) { desk in
      let first = try await item("我的快递呢？转人工", on: desk, "m1")
      #expect(try await desk.decisions.decide([first]) == 1)
      #expect(try await ticket(first, desk).conversation == ConversationState())
      #expect(try await questions(of: first.ticket, desk) == [])
    }
  }
}
