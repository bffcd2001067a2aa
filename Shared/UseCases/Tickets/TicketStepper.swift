public import DeskCore
public import HTTPService
public import Messaging
internal import Observability
public import ServiceProcess
public import Store
internal import SystemPrimitives

/// Applies one step to one ticket on behalf of an HTTP client: reads it, computes the next state, and commits under the
/// version that was read, and retries while concurrent steps win.
public struct TicketStepper: Sendable {
  /// How often a step is retried because a concurrent one won.
  public static let rounds = 5

  /// The store.
  public let store: DeskStore
  /// The database's clock.
  public let clock: DatabaseClock
  private let policy: PolicyFollower
  private let publish: @Sendable ([HintPublisher.Hint]) async -> Void

  /// - Parameter publish: notifies the other services of changes.
  public init(
    store: DeskStore, clock: DatabaseClock, policy: PolicyFollower,
    publish: @escaping @Sendable ([HintPublisher.Hint]) async -> Void
  ) {
    self.store = store
    self.clock = clock
    self.policy = policy
    self.publish = publish
  }

  /// What to do with a ticket as it was read.
  public enum Move: Sendable {
    /// Apply a state transition, and write a message with it, and what a rule of the policy found in the message; delete the draft that the
    /// message was.
    case take(
      TicketEvent, writing: OutgoingMessage? = nil, recording: Interception? = nil, sending: SentDraft? = nil)
    /// It was already done.
    case nothing
  }

  /// The policy in force.
  /// - Throws: `HTTPProblem` 503 before the first one.
  public func currentPolicy() throws(HTTPProblem) -> Policy {
    guard let policy = policy.current else { throw TicketProblem.noPolicy }
    return policy
  }

  /// - Parameters:
  ///   - seen: the ticket as the caller has just read it, which saves reading it again; nil to read it.
  ///   - showing: whether the client may learn of an ended ticket; otherwise it counts as not found.
  ///   - expecting: throws when the ticket is not what the client takes it for. A step that would change nothing is not asked: what the
  ///     client wants is there.
  ///   - move: called at each attempt, with the current ticket.
  /// - Returns: the ticket after the step; unchanged, if the step would change nothing.
  /// - Throws: `HTTPProblem` 404 when there is no such ticket, 409 when it has ended, its state refuses or concurrent steps always win, 503
  ///   before the first policy.
  public func step(
    _ id: TicketID, from seen: Ticket? = nil, showing: (ClosedTicket) -> Bool = { _ in true },
    expecting: ((Ticket) async throws -> Void)? = nil, _ move: (Ticket) async throws -> Move
  ) async throws -> Ticket {
    let policy = try currentPolicy()
    var (read, last) = (seen, seen)
    for _ in 0..<TicketStepper.rounds {
      if read == nil { read = try await store.tickets.tickets([id])[id] }
      guard let ticket = read else { throw try await absence(of: id, showing) }
      (read, last) = (nil, ticket)
      guard case .take(let event, let message, let interception, let draft) = try await move(ticket),
        var step = try await expected(
          ticket, expecting, { try step(event, on: ticket, under: policy, writing: message) })
      else { return ticket }
      step.interception = interception
      step.sentDraft = draft
      if try await store.tickets.commit([step]).contains(id) {
        await publish(TicketStepper.hints(for: step))
        return step.ticket
      }
    }
    throw TicketProblem.alwaysLate(last.map { [$0] } ?? [])
  }

  /// What was refused because the ticket has changed is said as the change.
  private func expected(
    _ ticket: Ticket, _ expecting: ((Ticket) async throws -> Void)?, _ step: () throws -> TicketStep?
  ) async throws -> TicketStep? {
    let result = Result { try step() }
    if case .success(nil) = result { return nil }
    try await expecting?(ticket)
    return try result.get()
  }

  /// Why there is no live ticket.
  private func absence(of id: TicketID, _ showing: (ClosedTicket) -> Bool) async throws -> HTTPProblem {
    guard let closed = try await store.conversations.closedTicket(id), showing(closed) else {
      return TicketProblem.notFound("ticket")
    }
    return TicketProblem.over(closed)
  }

  /// Applies a step to each of two tickets, both or none.
  /// - Parameter expecting: throws when the first ticket is not what the client takes it for.
  /// - Returns: the tickets after their steps, in order.
  /// - Throws: as `step(_:_:)`.
  public func steps(
    _ ids: (TicketID, TicketID), expecting: ((Ticket) async throws -> Void)? = nil,
    _ events: (Ticket, Ticket) async throws -> (TicketEvent, TicketEvent)
  ) async throws -> (Ticket, Ticket) {
    let policy = try currentPolicy()
    var seen: [Ticket] = []
    for _ in 0..<TicketStepper.rounds {
      let found = try await store.tickets.tickets([ids.0, ids.1])
      guard let first = found[ids.0] else { throw try await absence(of: ids.0) { _ in true } }
      guard let second = found[ids.1] else { throw try await absence(of: ids.1) { _ in true } }
      seen = [first, second]
      try await expecting?(first)
      let taken = try await events(first, second)
      guard let one = try step(taken.0, on: first, under: policy, writing: nil),
        let other = try step(taken.1, on: second, under: policy, writing: nil)
      else { return (first, second) }
      if try await store.tickets.commit(together: [one, other]) {
        await publish(TicketStepper.hints(for: one) + TicketStepper.hints(for: other))
        return (one.ticket, other.ticket)
      }
    }
    throw TicketProblem.alwaysLate(seen)
  }

  /// - Returns: nil if the step would change nothing.
  private func step(
    _ event: TicketEvent, on ticket: Ticket, under policy: Policy, writing message: OutgoingMessage?
  ) throws -> TicketStep? {
    var random = SystemRandom()
    do {
      return try TicketStep(
        event, on: ticket, at: clock.now(), under: policy, writing: message,
        traceparent: TraceContext.current?.traceparent, using: &random)
    } catch .changesNothing {
      return nil
    } catch {
      throw TicketProblem.refused(error, of: ticket)
    }
  }

  /// Notifies the other services of changes that accompany a step.
  public func sendHints(_ hints: [HintPublisher.Hint]) async {
    await publish(hints)
  }

  /// Notifies those who may have work now: its queue, the agent who has capacity again or gets an offer, the notifier.
  private static func hints(for step: TicketStep) -> [HintPublisher.Hint] {
    var hints: Set<HintPublisher.Hint> = []
    for effect in step.effects {
      switch effect {
      case .wakeQueue(let queue): hints.insert(.init(topic: HintTopics.queue, key: queue.rawValue))
      case .changeLoad(let agent, let change) where change < 0:
        hints.insert(.init(topic: HintTopics.agent, key: agent.rawValue))
      case .changeLoad(let agent, _): hints.insert(.init(topic: HintTopics.offer, key: agent.rawValue))
      default: break
      }
    }
    if !step.notices.isEmpty { hints.insert(.init(topic: HintTopics.outbox)) }
    return Array(hints)
  }
}
