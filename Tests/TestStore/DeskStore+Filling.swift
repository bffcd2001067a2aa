public import DeskCore
public import Store

/// Of these fillings alone: tests give the process's own source other times.
private let fillingIdentifiers = IdentifierSource()

// Fills an installation as the services do, dated by the database.
extension DeskStore {
  /// Returns a new identifier of the database's time.
  public func fresh<Subject>(_ subject: Subject.Type = Subject.self) async throws -> Identifier<Subject> {
    // As the services do: what is made later sorts later, also within a millisecond.
    var random = SystemRandomNumberGenerator()
    return fillingIdentifiers.next(at: try await now(), using: &random)
  }

  /// Returns a message with new identifiers, which is not accepted yet.
  /// - Parameter externalID: nil for one that contains the customer.
  public func message(
    from customer: String, on channel: ChannelID = "web", externalID: String? = nil, digest: UInt8 = 1,
    text: String = "words", traceparent: String? = nil
  ) async throws -> IncomingMessage {
    try await .sample(
      id: fresh(), ticket: fresh(), on: channel, from: customer, externalID: externalID ?? "m-\(customer)",
      digest: digest, text: text, traceparent: traceparent)
  }

  /// Accepts a new message.
  /// - Throws: `FixtureError` where it is a duplicate or held up.
  public func accept(_ message: IncomingMessage) async throws -> Acceptance {
    guard case .accepted(let acceptance)? = try await inbox.accept([message], owner: nil).first else {
      throw FixtureError("the message \(message.id) was not accepted")
    }
    return acceptance
  }

  /// Returns the ticket of an accepted message.
  /// - Throws: `FixtureError` where there is none.
  public func ticket(of acceptance: Acceptance) async throws -> Ticket {
    guard let ticket = try await tickets.tickets([acceptance.ticket])[acceptance.ticket] else {
      throw FixtureError("there is no ticket \(acceptance.ticket)")
    }
    return ticket
  }

  /// Takes a step of a ticket and writes it, dated by the database.
  /// - Returns: the ticket after it.
  /// - Throws: `TicketRefusal`; `FixtureError` where another step was written first.
  @discardableResult
  public func take(
    _ ticket: Ticket, _ event: TicketEvent, under policy: Policy, decides: [MessageID] = [],
    outgoing: OutgoingMessage? = nil, notices: [Notice] = []
  ) async throws -> Ticket {
    var changed = ticket
    let now = try await now()
    let effects = try changed.handle(event, now: now, under: policy)
    let step = TicketStep(
      expectedVersion: ticket.version, ticket: changed, at: now, effects: effects, decides: decides,
      outgoing: outgoing, notices: notices, traceparent: nil, reopenWindow: .seconds(3600))
    guard try await tickets.commit([step]) == [ticket.id] else {
      throw FixtureError("the step of ticket \(ticket.id) was not written")
    }
    return changed
  }
}
