import Crypto
import DeskCore
import HTTPService
import HTTPTypes
import Messaging
import ServiceProcess
import Store
import SystemPrimitives
import UseCases

/// The operations of an agent. Every change is one step of one ticket.
struct AgentDesk: Sendable {
  let stepper: TicketStepper
  var inspector = ReplyInspector()

  var store: DeskStore { stepper.store }

  // MARK: Offers

  /// Accepts an offer. An offer that the agent accepted before returns its ticket again.
  func accept(_ offer: OfferID, by agent: AgentID, reason: String? = nil) async throws -> Ticket {
    if let asked = try await store.tickets.ticket(offeredAs: offer, to: agent) {
      do {
        return try await stepper.step(asked.id, from: asked) { _ in .take(.accepted(offer, by: agent, reason: reason)) }
      } catch let problem as HTTPProblem where problem.status == .conflict {
        // Another request of the same agent may have been faster.
        if let taken = try await taken(offer, by: agent) { return taken }
        throw problem
      }
    }
    guard let taken = try await taken(offer, by: agent) else { throw ConsoleProblem.offerIsOver }
    return taken
  }

  /// Declines an offer.
  func decline(_ offer: OfferID, by agent: AgentID, reason: String? = nil) async throws -> Ticket {
    guard let asked = try await store.tickets.ticket(offeredAs: offer, to: agent) else {
      throw ConsoleProblem.offerIsOver
    }
    return try await stepper.step(asked.id, from: asked) { _ in .take(.declined(offer, by: agent, reason: reason)) }
  }

  /// The ticket that the agent has through this offer. An agent's capacity limits how many are read.
  private func taken(_ offer: OfferID, by agent: AgentID) async throws -> Ticket? {
    for ticket in try await store.tickets.tickets(heldBy: agent) where ticket.agent == agent {
      let accepted = try await store.conversations.timelinePage(of: ticket.id, kinds: [.accepted], limit: 1).elements
        .last
      if case .accepted(let taken) = accepted?.content, taken.offer == offer { return ticket }
    }
    return nil
  }

  // MARK: Messages

  /// Answers the customer.
  ///
  /// - Parameters:
  ///   - seen: the ticket as it was read for this request; nil to read it.
  ///   - attachments: references to files, a JSON list.
  ///   - language: the agent's, for a refusal.
  ///   - expected: what the agent takes the ticket for; nil for whatever it is.
  ///   - key: makes a repetition find the reply that was written the first time; what the agent acknowledges may differ.
  /// - Returns: the ticket after the step, nil if it has been closed since the reply; the reply's identifier; whether the reply existed
  ///   already.
  /// - Throws: `HTTPProblem` 422 when a rule of the policy refuses the reply; nothing is sent, and the interception is recorded.
  func reply(
    _ reply: ReplyInspector.Reply, awaitsCustomer: Bool, attachments: String? = nil, on ticket: TicketID,
    from seen: Ticket? = nil, by agent: AgentID, language: StaffLanguage = .english,
    expecting expected: ExpectedTicket? = nil, key: RequestKey?
  ) async throws -> (ticket: Ticket?, message: MessageID, isRepetition: Bool) {
    let content = "\(ticket)\n\(awaitsCustomer)\n\(reply.text)" + (attachments.map { "\n\($0)" } ?? "")
    let policy = try stepper.currentPolicy()
    var recorded: Interception?
    do {
      let written = try await write(
        .reply, on: ticket, from: seen, by: agent, key: key, content: content, expecting: expected
      ) { message, current, draft in
        recorded = try inspector.inspect(
          reply, as: message, on: current, by: agent, under: policy, at: stepper.clock.now())
        return .take(
          .replied(message, by: agent, awaitsCustomer: awaitsCustomer),
          writing: OutgoingMessage(
            id: message, isPublic: true, author: agent, body: reply.text, attachments: attachments),
          recording: recorded, sending: draft)
      }
      if let recorded, !written.isRepetition { inspector.count(recorded) }
      return written
    } catch let refusal as ReplyInspector.Refusal {
      try await store.interceptions.record(refusal.interception)
      inspector.count(refusal.interception)
      throw ConsoleProblem.refused(refusal.inspection, under: policy.replyRules, in: language)
    }
  }

  /// Adds an internal note. Returns as `reply(_:awaitsCustomer:attachments:on:from:by:language:expecting:key:)`.
  func note(
    _ text: String, on ticket: TicketID, from seen: Ticket? = nil, by agent: AgentID,
    expecting expected: ExpectedTicket? = nil, key: RequestKey?
  ) async throws -> (ticket: Ticket?, message: MessageID, isRepetition: Bool) {
    let content = "\(ticket)\nnote\n\(text)"
    return try await write(
      .note, on: ticket, from: seen, by: agent, key: key, content: content, expecting: expected
    ) { message, _, draft in
      .take(
        .noted(message, by: agent), writing: OutgoingMessage(id: message, isPublic: false, author: agent, body: text),
        sending: draft)
    }
  }

  private func write(
    _ kind: Draft.Kind, on ticket: TicketID, from seen: Ticket?, by agent: AgentID, key: RequestKey?, content: String,
    expecting expected: ExpectedTicket?, _ move: (MessageID, Ticket, SentDraft?) throws -> TicketStepper.Move
  ) async throws -> (ticket: Ticket?, message: MessageID, isRepetition: Bool) {
    // Nothing can have been written before this request has claimed its key; what is written afterwards, by a repetition at the same time,
    // raises the version of the ticket that was read before.
    var mayBeWritten = seen == nil
    if let key {
      let digest = Array(SHA256.hash(data: Array(content.utf8)))
      switch try await store.inbox.claimRequestKey(
        key.text, channel: ChannelID("console:\(agent.rawValue)"), digest: digest)
      {
      case .new: break
      case .repeated:
        if let written = try await message(under: key, on: ticket) {
          return (try await store.tickets.tickets([ticket])[ticket], written, true)
        }
        mayBeWritten = true
      case .taken: throw ConsoleProblem.requestKeyReused
      }
    }
    let draft = try await draft(kind, on: ticket, by: agent, under: key)
    var message = fresh(key)
    var isRepetition = false
    let changed = try await stepper.step(ticket, from: seen) { current in
      defer { mayBeWritten = true }
      // Read after the ticket: what was committed in between has raised its version, and the commit would fail.
      if mayBeWritten, let key, let written = try await self.message(under: key, on: ticket) {
        message = written
        isRepetition = true
        return .nothing
      }
      // Before the text is read: the sender may write another one after learning that the ticket has changed.
      try await require(expected, current)
      message = fresh(key)
      return try move(message, current, draft)
    }
    return (changed, message, isRepetition)
  }

  /// The draft that is sent under its key.
  private func draft(
    _ kind: Draft.Kind, on ticket: TicketID, by agent: AgentID, under key: RequestKey?
  ) async throws -> SentDraft? {
    guard let key = key.flatMap({ DraftKey($0.text) }) else { return nil }
    let draft = try await store.drafts.draft(at: Draft.Place(ticket: ticket, agent: agent, kind: kind))
    return draft?.key == key ? SentDraft(agent: agent, kind: kind, key: key) : nil
  }

  private func fresh(_ key: RequestKey?) -> MessageID {
    if let key { return key.message(at: stepper.clock.now()) }
    var random = SystemRandom()
    return IdentifierSource.process.next(at: stepper.clock.now(), using: &random)
  }

  private func message(under key: RequestKey, on ticket: TicketID) async throws -> MessageID? {
    try await store.conversations.writtenMessages(on: ticket, endingWith: key.tail).first { key.wrote($0) }
  }

  // MARK: Resolution and presence

  /// Settles a ticket.
  func resolve(
    _ ticket: TicketID, from seen: Ticket? = nil, by agent: AgentID, reason: String? = nil,
    expecting expected: ExpectedTicket? = nil
  ) async throws -> Ticket {
    try await stepper.step(ticket, from: seen, expecting: { try await require(expected, $0) }) { _ in
      .take(.resolved(by: agent, reason: reason))
    }
  }

  /// Sets an agent's presence. A router takes back the tickets of an agent who goes offline.
  /// - Throws: `HTTPProblem` 404 when the policy does not have the agent.
  func setPresence(_ presence: Presence, of agent: AgentID, during pause: AgentBreak? = nil) async throws {
    guard try await store.matching.setPresence(presence, of: agent) else { throw ConsoleProblem.notFound("agent") }
    try await store.matching.setBreak(of: agent, reason: pause?.reason, until: pause?.until)
    await stepper.sendHints([HintPublisher.Hint(topic: HintTopics.agent, key: agent.rawValue)])
  }
}
