import DeskCore
import Observability
import ServiceProcess
import Store
import SystemPrimitives
import Testing
import UseCases

@testable import Router

/// Prepared answers of crisis cases, through the decision maker and PostgreSQL.
@Suite("A crisis answers all who ask, once") struct CrisisAnswersTests {
  private static let policy = """
    version: 1
    teams: {desk: {}}
    agents: [{id: ann, teams: [desk], capacity: 5}]
    queues: {general: {teams: [desk]}}
    rules: [{name: rest, queue: general}]
    default_queue: general
    triage: {queue: general, below: 0.3}
    channels: {web: {greeting: {wait: 10m, answer: {en: How can we help?}}}}
    questions:
      wait: 2m
      fields: {order_number: {kind: order_number}}
      ask:
        - name: parcel
          when: {category: logistics}
          questions: [{field: order_number, en: Which order?, zh: 请问是哪个订单？}]
    crises:
      topics: {recall: {words: [召回, recall]}}
      answers: {checking: {en: We are checking., zh: 正在核实。}}
    """

  /// Opens a case and switches its answer on.
  private func open(_ cause: CrisisCause, on desk: RouterDesk) async throws -> CrisisCase {
    let policy = try #require(desk.policy.current)
    let now = desk.clock.now()
    var crisis = CrisisCase(
      id: desk.fresh(), cause: cause, evidence: CrisisEvidence(firstSeen: now), by: .service("sla-watcher"),
      under: policy.life.crisis, now: now)
    #expect(try await desk.store.crises.open(crisis, notifying: []))
    _ = try crisis.handle(.answerSwitched("checking", on: true, by: .agent("ann")), now: now, under: policy)
    #expect(try await desk.store.crises.update(crisis, from: 1, notifying: []))
    return crisis
  }

  private func write(
    _ texts: [String], from customer: String, category: String = "other", on desk: RouterDesk
  ) async throws -> Ticket {
    var items: [UndecidedItem] = []
    for text in texts {
      let accepted = try #require(await desk.accept("\(customer) \(text)", from: customer))
      items.append(desk.item(accepted, from: customer, category: category, text: text))
    }
    #expect(try await desk.decisions.decide(items) == items.count)
    let id = try #require(items.first?.ticket)
    return try #require(await desk.store.tickets.tickets([id])[id])
  }

  private func answers(to ticket: Ticket, on desk: RouterDesk) async throws -> [String] {
    try await desk.store.conversations.messages(of: ticket.id, limit: 20).filter { $0.direction == 2 }
      .map { "\($0.author): \($0.body)" }
  }

  @Test func aMatchingMessageIsAnsweredAndItsTicketWaitsForAPerson() async throws {
    try await RouterDesk.with(policy: Self.policy) { desk in
      let crisis = try await open(.words("recall"), on: desk)
      let asked = try await write(["Is there a recall?"], from: "cara", on: desk)
      #expect(asked.state == .queued && asked.queue == "general")
      #expect(try await answers(to: asked, on: desk) == ["crisis:checking: We are checking."])
      let timeline = try await desk.store.conversations.timeline(of: asked.id)
      #expect(timeline.map(\.kind) == ["queued", "crisis_answered"])
      let other = try await write(["Where is my parcel?"], from: "dora", on: desk)
      #expect(try await answers(to: other, on: desk) == [])
      #expect(desk.metrics.readings[.crisisAnswered]?.value == 1)
      #expect(try await desk.store.crises.figures(of: crisis).answered == 1)
      // The same decision results when it is replayed.
      #expect(
        try await TicketExplanation(of: asked.id, timeline: timeline, in: desk.store).isReplayed == true)
    }
  }

  @Test func severalMessagesOfACustomerGetOneAnswer() async throws {
    try await RouterDesk.with(policy: Self.policy) { desk in
      _ = try await open(.words("recall"), on: desk)
      let asked = try await write(["Is there a recall?", "A recall of the kettle?"], from: "cara", on: desk)
      _ = try await write(["Any news of the recall?"], from: "cara", on: desk)
      #expect(try await answers(to: asked, on: desk).count == 1)
      // One who asks for something else first is answered later.
      let late = try await write(["Where is my parcel?"], from: "dora", on: desk)
      #expect(try await answers(to: late, on: desk) == [])
      #expect(try await write(["And is there a recall?"], from: "dora", on: desk).id == late.id)
      #expect(try await answers(to: late, on: desk).count == 1)
      let timeline = try await desk.store.conversations.timeline(of: late.id)
      #expect(timeline.map(\.kind) == ["queued", "customer_wrote", "crisis_answered"])
    }
  }

  /// A step writes one message: a question after a later message of the batch would replace the answer that the timeline names.
  @Test func noQuestionReplacesTheAnswerToAnEarlierMessageOfTheBatch() async throws {
    try await RouterDesk.with(policy: Self.policy) { desk in
      _ = try await open(.words("recall"), on: desk)
      let asked = try await write(
        ["Is there a recall?", "And where is my parcel?"], from: "cara", category: "logistics", on: desk)
      #expect(try await answers(to: asked, on: desk) == ["crisis:checking: We are checking."])
      #expect(asked.conversation.question == nil && asked.conversation.crises.count == 1)
      let timeline = try await desk.store.conversations.timeline(of: asked.id)
      #expect(timeline.map(\.kind) == ["queued", "crisis_answered", "customer_wrote"])
    }
  }

  @Test func whatIsSwitchedOffOrEndedAnswersNoOne() async throws {
    try await RouterDesk.with(policy: Self.policy) { desk in
      var crisis = try await open(.byHand("flood"), on: desk)
      let policy = try #require(desk.policy.current)
      #expect(try await answers(to: write(["My flat is wet"], from: "cara", on: desk), on: desk).count == 1)
      #expect(
        try await answers(to: write(["Hi"], from: "dora", on: desk), on: desk) == ["greeting:web: How can we help?"],
        "a greeting does not ask")
      _ = try crisis.handle(
        .answerSwitched("checking", on: false, by: .agent("ann")), now: desk.clock.now(), under: policy)
      #expect(try await desk.store.crises.update(crisis, from: 2, notifying: []))
      #expect(try await answers(to: write(["My flat is wet"], from: "emma", on: desk), on: desk) == [])
      _ = try crisis.handle(
        .answerSwitched("checking", on: true, by: .agent("ann")), now: desk.clock.now(), under: policy)
      _ = try crisis.handle(
        .ended(reason: "dry", by: .agent("ann"), CrisisFigures()), now: desk.clock.now(), under: policy)
      #expect(try await desk.store.crises.update(crisis, from: 3, notifying: []))
      #expect(try await answers(to: write(["My flat is wet"], from: "fay", on: desk), on: desk) == [])
    }
  }
}
