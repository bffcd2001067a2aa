import Crypto
import DeskCore
import HTTPService
import HTTPTypes
import ServiceProcess
import Store
import SystemPrimitives
import UseCases

// Questions to colleagues about tickets, which stay where they are.

extension AgentDesk {
  /// Asks an agent, or the interface people of a product line, about a ticket.
  /// - Parameter key: makes a repetition find the consult that was asked the first time.
  /// - Returns: the consult, and whether it existed already.
  func consult(
    _ recipient: Consult.Recipient, question: String, on ticket: TicketID, by hand: ActingAgent, key: RequestKey?
  ) async throws -> (consult: StoredConsult, isRepetition: Bool) {
    try requireRecipient(recipient, by: hand.agent)
    if let key {
      let content = "\(ticket)\nconsult\n\(ConsoleJSON.recipient(recipient).json)\n\(question)"
      guard
        try await store.inbox.claimRequestKey(
          key.text, channel: ChannelID("console:\(hand.agent.rawValue)"),
          digest: Array(SHA256.hash(data: Array(content.utf8)))) != .taken
      else { throw ConsoleProblem.requestKeyReused }
      if let asked = try await consult(under: key, on: ticket) { return (asked, true) }
    }
    var known: StoredConsult?
    var made: Consult?
    _ = try await stepper.step(ticket) { _ in
      // Read after the ticket: what was committed in between has raised its version, and the commit would fail.
      if let key, let asked = try await consult(under: key, on: ticket) {
        known = asked
        return .nothing
      }
      guard try await store.consults.open(on: ticket).count < StoreBounds.openConsultsPerTicket else {
        throw ConsoleProblem.consultsAreFull
      }
      let now = stepper.clock.now()
      let new = Consult(
        id: identifier(under: key, at: now), asker: hand.agent, recipient: recipient, question: question, askedAt: now)
      made = new
      return .take(.consulted(new, by: hand))
    }
    if let known { return (known, true) }
    guard let made else { throw ConsoleProblem.notFound("consult") }
    return (StoredConsult(made, on: ticket), false)
  }

  /// Answers a consult with an internal note. A repetition by the same agent with the same text changes nothing.
  func answer(_ id: ConsultID, with text: String, by agent: AgentID) async throws -> StoredConsult {
    let policy = try stepper.currentPolicy()
    let found = try await existing(id)
    guard found.consult.isPut(to: agent, under: policy) else { throw ConsoleProblem.notFound("consult") }
    if Self.isAnswered(found, with: text, by: agent) { return found }
    guard found.consult.phase == .open else { throw ConsoleProblem.consultIsOver(found.consult.state) }
    return try await step(id, on: found.ticket, by: ActingAgent(agent, leads: false)) { current, _ in
      if Self.isAnswered(current, with: text, by: agent) { return nil }
      let now = stepper.clock.now()
      var random = SystemRandom()
      let message: MessageID = IdentifierSource.process.next(at: now, using: &random)
      return (
        .answered(message, by: agent), OutgoingMessage(id: message, isPublic: false, author: agent, body: text)
      )
    }
  }

  /// Withdraws a consult. A repetition changes nothing.
  /// - Parameter seesTicket: whether the agent may see the ticket: who may not, and did not ask, learns nothing of the consult.
  func withdraw(
    _ id: ConsultID, by hand: ActingAgent, seesTicket: (TicketID) async throws -> Bool
  ) async throws -> StoredConsult {
    let found = try await existing(id)
    if found.consult.asker != hand.agent {
      guard try await seesTicket(found.ticket) else { throw ConsoleProblem.notFound("consult") }
    }
    if found.consult.state == .withdrawn { return found }
    guard found.consult.phase == .open else { throw ConsoleProblem.consultIsOver(found.consult.state) }
    return try await step(id, on: found.ticket, by: hand) { _, _ in (.withdrawn(by: hand), nil) }
  }

  // MARK: Steps

  /// Takes a step of a consult as a step of its ticket.
  /// - Parameter next: the event, from the newest state of both; nil when nothing remains to be done.
  private func step(
    _ id: ConsultID, on ticket: TicketID, by hand: ActingAgent,
    _ next: (StoredConsult, Ticket) throws -> (Consult.Event, OutgoingMessage?)?
  ) async throws -> StoredConsult {
    let policy = try stepper.currentPolicy()
    _ = try await stepper.step(ticket) { ticket in
      // Read after the ticket, as above.
      let current = try await existing(id)
      guard let (event, message) = try next(current, ticket) else { return .nothing }
      var consult = current.consult
      do throws(Consult.Refusal) {
        guard try consult.handle(event, holder: ticket.agent, under: policy, now: stepper.clock.now()) else {
          return .nothing
        }
      } catch {
        switch error {
        case .isOver(let state): throw ConsoleProblem.consultIsOver(state)
        case .notPutTo: throw ConsoleProblem.notFound("consult")
        case .notYours: throw TicketProblem.refused(.notYours(owner: ticket.agent), of: ticket)
        }
      }
      return .take(.consulted(consult, by: hand), writing: message)
    }
    return try await existing(id)
  }

  private func existing(_ id: ConsultID) async throws -> StoredConsult {
    guard let found = try await store.consults.consult(id) else { throw ConsoleProblem.notFound("consult") }
    return found
  }

  private static func isAnswered(_ found: StoredConsult, with text: String, by agent: AgentID) -> Bool {
    guard case .answered(let answerer, _, _) = found.consult.phase else { return false }
    return answerer == agent && found.answer?.hasSameBytes(as: text) == true
  }

  private func requireRecipient(_ recipient: Consult.Recipient, by asker: AgentID) throws {
    let policy = try stepper.currentPolicy()
    switch recipient {
    case .agent(let agent):
      guard policy.agents[agent] != nil else { throw ConsoleProblem.unknown("agent", field: "agent", agent.rawValue) }
      guard agent != asker else {
        throw ConsoleProblem.contradiction(
          "An agent cannot consult themselves.", fields: ["agent"], remedy: "Name another agent, or a product line.")
      }
    case .productLine(let line):
      guard policy.life.interfaces[line] != nil else {
        throw ConsoleProblem.unknown("product line", field: "product_line", line.rawValue)
      }
      guard policy.hasInterface(line, except: asker) else {
        throw ConsoleProblem.contradiction(
          "The product line has no other interface person.", fields: ["product_line"], remedy: "Name an agent.")
      }
    }
  }

  // MARK: Identifiers

  private func identifier(under key: RequestKey?, at now: Instant) -> ConsultID {
    if let key { return key.message(at: now).of(Consult.self) }
    var random = SystemRandom()
    return IdentifierSource.process.next(at: now, using: &random)
  }

  private func consult(under key: RequestKey, on ticket: TicketID) async throws -> StoredConsult? {
    try await store.consults.consults(on: ticket, endingWith: key.tail).first {
      key.wrote($0.consult.id.of(Labels.self))
    }
  }
}

extension ConsoleProblem {
  /// The ticket has as many open consults as it may have.
  static let consultsAreFull = HTTPProblem(
    .conflict, type: .consultClosed,
    detail:
      "The ticket has \(StoreBounds.openConsultsPerTicket) open consults. Wait for an answer, or withdraw one of them.")

  /// A consult that was answered, withdrawn or ended.
  static func consultIsOver(_ state: Consult.State) -> HTTPProblem {
    HTTPProblem(.conflict, type: .consultClosed, detail: "The consult is no longer open: it is \(state.rawValue).")
  }
}
