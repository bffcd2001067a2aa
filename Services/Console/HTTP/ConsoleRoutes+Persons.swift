import DeskCore
import HTTPService
import HTTPTypes
import Hummingbird
import Messaging
import PostgreSQL
import ServiceProcess
import Store
import UntrustedInput
import UseCases

// Persons: customers with several identities, their history, and what the company's CRM says about them.

extension ConsoleRoutes {
  /// The tickets of all identities. Of tickets that the bearer may not read, agents see that they exist and how they ended, as that is what
  /// a history is for; their texts stay behind the tickets.
  func history(_ call: Call) async throws -> Response {
    let (channel, name) = try customer(call)
    let page = try PageQuery<TicketID>(call, most: ConsoleBounds.ticketsPerHistory)
    let customer = Correspondent(name, on: channel)
    try await requireSight(of: customer, call)
    let found = try await store.privacy.history(of: customer, before: page.before, limit: page.limit)
    return Self.json(
      .object([
        .init(
          "tickets",
          .list(found.tickets.map { ConsoleJSON.historyTicket($0, isVisible: sees(call.bearer, $0)) })),
        .init("next", ConsoleJSON.place(found.hasMore ? found.tickets.last?.id : nil)),
      ]))
  }

  private func sees(_ bearer: APIKey, _ ticket: HistoryTicket) -> Bool {
    let agents: [AgentID?] = ticket.agents.isEmpty ? [nil] : ticket.agents
    return agents.contains { sees(bearer, CustomerTrace(queue: ticket.queue, agent: $0)) }
  }

  func join(_ call: Call) async throws -> Response {
    let (channel, name) = try customer(call)
    var body = try await JSONBody(call)
    let otherChannel: ChannelID? = body.key("channel")
    if body.isMissing("channel") {
      body.refuse("channel", "The field is missing.", remedy: "Send the channel of the other customer.")
    }
    let otherName = body.text("customer") { value throws(InputFault) in try InputRules.customer(value) }
    let reason = body.reason()
    try body.finish()
    guard let otherChannel, policy.current?.channels[otherChannel] != nil else {
      throw ConsoleProblem.unknown("channel", field: "channel", otherChannel?.rawValue ?? "")
    }
    let (customer, other) = (Correspondent(name, on: channel), Correspondent(otherName, on: otherChannel))
    guard customer != other else {
      throw ConsoleProblem.contradiction(
        "A customer cannot be joined with itself.", fields: ["channel", "customer"], remedy: "Name the other customer.")
    }
    try await requireSight(of: customer, call)
    try await requireSight(of: other, call)
    if try await store.privacy.join(customer, with: other, detail: noting(call, reason, [])) == .full {
      throw ConsoleProblem.contradiction(
        "A person has at most \(StoreBounds.identitiesPerPerson) identities.", fields: ["customer"],
        remedy: "Separate identities that belong to others first.")
    }
    return try await answer(customer)
  }

  func separate(_ call: Call) async throws -> Response {
    let (channel, name) = try customer(call)
    var body = try await JSONBody(call)
    let join: JoinID? = body.identifier("join_id")
    if body.isMissing("join_id") {
      body.refuse("join_id", "The field is missing.", remedy: "Send the `join_id` that the customer shows.")
    }
    let reason = body.reason()
    try body.finish()
    let customer = Correspondent(name, on: channel)
    try await requireSight(of: customer, call)
    guard let join else { throw ConsoleProblem.notFound("join") }
    let person = try await store.privacy.person(of: customer)
    if person?.joins.contains(where: { $0.id == join }) == true {
      _ = try await store.privacy.separate(join, detail: noting(call, reason, []))
    } else if try await !store.privacy.wasSeparated(join, of: [customer] + (person?.identities.map(\.customer) ?? [])) {
      throw ConsoleProblem.notFound("join")
    }
    return try await answer(customer)
  }

  // MARK: The CRM

  /// What the CRM says about a ticket's customer, for those who answer customers; nil when nothing may be shown. The ticket never waits for
  /// the CRM: an answer that is not stored yet is asked for, and a later request finds it.
  func lookUp(of customer: Correspondent, _ call: Call) async throws -> JSONValue? {
    guard let lookUp = policy.current?.customerLookUp, [.agent, .lead].contains(call.bearer.role) else { return nil }
    do {
      let known = try await store.privacy.lookUp(of: customer, timeout: ConsoleBounds.lookUpTimeout) ?? LookUpRecord()
      let now = clock.now()
      if known.needsAnswer(now: now, keeps: lookUp.keeps), call.bearer.access == .full {
        try await store.privacy.wantLookUp(of: customer, timeout: ConsoleBounds.lookUpTimeout)
        await desk.stepper.sendHints([HintPublisher.Hint(topic: HintTopics.lookUp)])
      }
      return ConsoleJSON.lookUp(known, state: known.state(now: now, keeps: lookUp.keeps), shown: lookUp.shown)
    } catch is PostgresError {
      // The ticket itself was read; it is shown without this.
      return ConsoleJSON.lookUp(LookUpRecord(), state: .unavailable, shown: [])
    }
  }
}
