import DeskCore
import HTTPService
import HTTPTypes
import ServiceProcess
import Store
import SystemPrimitives
import UseCases

// Moving, linking and relabelling tickets, by agents and leads.

extension AgentDesk {
  /// A label set by a person.
  struct Label: Sendable {
    let category: String
    let intent: String?
    /// The labelled message; nil: the customer's newest.
    let message: MessageID?
    let reason: String
  }

  /// Corrects a label. A ticket in triage is then routed by the rules.
  func label(_ ticket: TicketID, _ label: Label, by hand: ActingAgent) async throws -> Ticket {
    let policy = try stepper.currentPolicy()
    try await requireKnown(label, of: ticket, was: try await store.tickets.tickets([ticket])[ticket]?.labels)
    let message = try await meant(by: label, on: ticket)
    let productLine = try await store.conversations.productLine(on: ticket, upTo: message.id)
    return try await stepper.step(ticket) { ticket in
      guard var labels = ticket.labels else {
        // A ticket without a label has not been routed yet either.
        throw TicketProblem.refused(.notInState(ticket.state, needed: [.triage, .queued]), of: ticket)
      }
      let correction = Correction(
        message: message.id, category: label.category, by: hand, modelVersion: labels.modelVersion)
      labels.category = label.category
      labels.intent = label.intent ?? label.category
      labels.confidence = Labels.certain
      var facts = RoutingFacts(
        channel: ticket.channel, tier: ticket.tier, labels: labels, text: message.body, openedAt: ticket.openedAt,
        productLine: productLine ?? "")
      facts.answers = .values(ticket.fields)
      let decision = policy.decide(facts)
      return .take(.labelled(decision, correction, reason: label.reason))
    }
  }

  /// Corrects the label of a closed ticket: stored for training the next model, and recorded in the audit log.
  func label(closed ticket: ClosedTicket, _ label: Label, by hand: ActingAgent) async throws {
    try await requireKnown(label, of: ticket.id, was: nil)
    let message = try await meant(by: label, on: ticket.id)
    try await store.tickets.add(
      Correction(message: message.id, category: label.category, by: hand, modelVersion: ticket.modelVersion ?? ""),
      onClosed: ticket.id)
    try await store.audit.note(
      "ticket.labelled", of: ticket.id.description,
      detail: .object([
        .init("by", .text(hand.agent.rawValue)), .init("was", ticket.category.map { .text($0) } ?? .null),
        .init("category", .text(label.category)), .init("reason", .text(label.reason)),
      ]))
  }

  /// A label must be one that the policy or the models name: free text would appear in every metric, and might name a person.
  /// - Throws: `HTTPProblem` 422 that names the field and its allowed values.
  private func requireKnown(_ label: Label, of ticket: TicketID, was: Labels?) async throws {
    let policy = try stepper.currentPolicy()
    // exact-keys: a set finds the candidate, its bytes decide.
    func names(_ known: Set<String>, _ former: String?, _ given: String) -> Bool {
      known.contains { $0.hasSameBytes(as: given) } || former?.hasSameBytes(as: given) == true
    }
    // An intent that repeats the category is none.
    let intent = label.intent.flatMap { $0.hasSameBytes(as: label.category) ? nil : $0 }
    if names(policy.categories, was?.category, label.category),
      intent.map({ names(policy.intents, was?.intent, $0) }) ?? true
    {
      return
    }
    let guesses = try await store.conversations.newestSuggestion(of: ticket)?.content?.routed?.guesses ?? []
    // exact-keys: only listed in the problem; membership is checked byte by byte.
    let categories = policy.categories.union(guesses.map(\.category))
    var isKnown = names(categories, was?.category, label.category)
    if !isKnown { isKnown = try await store.learning.hasArrivals(of: label.category) }
    guard isKnown else {
      throw ConsoleProblem.unknown("category", field: "category", label.category, known: categories)
    }
    // exact-keys: as for the categories.
    let intents = policy.intents.union(guesses.map(\.intent))
    if let intent, !names(intents, was?.intent, intent) {
      throw ConsoleProblem.unknown("intent", field: "intent", intent, known: intents)
    }
  }

  private func meant(by label: Label, on ticket: TicketID) async throws -> StoredMessage {
    let message =
      if let named = label.message { try await store.conversations.message(named) } else {
        try await store.conversations.newestMessageOfCustomer(on: ticket)
      }
    guard let message, message.ticket == ticket, message.direction == 1 else {
      throw ConsoleProblem.notFound("message")
    }
    return message
  }

  /// Transfers a ticket to a queue, which requires its own skills.
  func transfer(
    _ ticket: TicketID, from seen: Ticket? = nil, to queue: QueueID, by hand: ActingAgent, reason: String,
    expecting expected: ExpectedTicket? = nil
  ) async throws -> Ticket {
    guard let target = try stepper.currentPolicy().queues[queue] else {
      throw ConsoleProblem.unknown("queue", field: "queue", queue.rawValue)
    }
    return try await stepper.step(ticket, from: seen, expecting: { try await require(expected, $0) }) { _ in
      .take(.transferred(.queue(queue, skills: target.skills), by: hand, reason: reason))
    }
  }

  /// Offers a ticket to one agent, who has the offer time of its queue to answer.
  func transfer(
    _ ticket: TicketID, from seen: Ticket? = nil, to agent: AgentID, by hand: ActingAgent, reason: String,
    expecting expected: ExpectedTicket? = nil
  ) async throws -> Ticket {
    let policy = try stepper.currentPolicy()
    guard policy.agents[agent] != nil else { throw ConsoleProblem.unknown("agent", field: "agent", agent.rawValue) }
    let row = try await store.matching.agentRow(agent)?.row
    guard let row, row.presence == .available || row.presence == .reserve else { throw ConsoleProblem.absent(agent) }
    return try await stepper.step(ticket, from: seen, expecting: { try await require(expected, $0) }) { ticket in
      guard ticket.agent != agent else { throw ConsoleProblem.hasItAlready(agent) }
      let now = stepper.clock.now()
      var random = SystemRandom()
      let time = ticket.queue.flatMap { policy.queues[$0]?.offerTime } ?? ConsoleBounds.transferTime
      let offer = Offer(
        id: IdentifierSource.process.next(at: now, using: &random), agent: agent, offeredAt: now, expiresAt: now + time)
      return .take(.transferred(.agent(offer), by: hand, reason: reason))
    }
  }

  /// Accepts or declines the move that the rules suggest. Without a suggestion nothing changes.
  func answerMove(
    _ ticket: TicketID, from seen: Ticket? = nil, accepts: Bool, by hand: ActingAgent, reason: String?,
    expecting expected: ExpectedTicket? = nil
  ) async throws -> Ticket {
    try await stepper.step(ticket, from: seen, expecting: { try await require(expected, $0) }) { _ in
      .take(.moveAnswered(accepts: accepts, by: hand, reason: reason))
    }
  }

  /// Links two tickets as related.
  func link(_ ticket: TicketID, to other: TicketID, by hand: ActingAgent, reason: String) async throws -> Ticket {
    let known = try await store.conversations.links(of: ticket).contains { $0.ticket == other && $0.kind == "related" }
    return try await stepper.step(ticket) { _ in known ? .nothing : .take(.linked(other, by: hand, reason: reason)) }
  }

  /// Merges one ticket into another. Customers of both write on the other one from then on, and its next reply goes to the one who wrote
  /// last; a reply pending on the first ticket is pending on the other.
  /// - Parameter acrossCustomers: whether a lead intends to merge tickets of different customers.
  /// - Returns: the other ticket, and whether two customers share it because of this merge. A repetition finds the merge already done.
  func merge(
    _ ticket: TicketID, into other: TicketID, by hand: ActingAgent, reason: String, acrossCustomers: Bool = false,
    expecting expected: ExpectedTicket? = nil
  ) async throws -> (ticket: Ticket, bringsTogether: Bool) {
    guard ticket != other else {
      throw ConsoleProblem.contradiction(
        "A ticket cannot become part of itself.", fields: ["into"], remedy: "Name the other ticket.")
    }
    if try await store.conversations.links(of: ticket).contains(where: {
      $0.ticket == other && $0.kind == "merged_into"
    }),
      let target = try await store.tickets.tickets([other])[other]
    {
      return (target, false)
    }
    var bringsTogether = false
    let merged = try await stepper.steps((ticket, other), expecting: { try await require(expected, $0) }) {
      source, target in
      try Self.requireMerging(of: source, into: target, by: hand, acrossCustomers: acrossCustomers)
      bringsTogether = source.owner != target.owner
      // Read after the tickets: a message written in the meantime raises a version, and both are read again.
      let last = try await store.conversations.lastWriter(of: [ticket, other])
      let addressee = last.flatMap { $0.ticket == ticket ? $0.author : nil }
      return (
        .merged(into: other, by: hand, reason: reason),
        .absorbed(
          ticket, by: hand, reason: reason, addressing: addressee, isReplyDue: source.owesReply,
          callBack: source.callBack)
      )
    }
    return (merged.1, bringsTogether)
  }

  private static func requireMerging(
    of source: Ticket, into target: Ticket, by hand: ActingAgent, acrossCustomers: Bool
  ) throws(HTTPProblem) {
    do throws(Merging.Refusal) {
      try Merging.check(source, into: target, by: hand, acrossCustomers: acrossCustomers)
    } catch {
      switch error {
      case .notHeld(let id, let owner):
        throw TicketProblem.refused(.notYours(owner: owner), of: id == source.id ? source : target)
      case .otherCustomer: throw hand.leads ? ConsoleProblem.mergeIsAcrossCustomers : ConsoleProblem.otherCustomer
      }
    }
  }
}
