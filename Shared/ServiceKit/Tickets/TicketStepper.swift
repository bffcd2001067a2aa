public import DeskCore
public import Messaging
public import Store

/// Takes one step of one ticket for somebody who asked for it over HTTP: reads it, asks the ticket's life, and commits under the
/// version that was read, again and again while others come first.
public struct TicketStepper: Sendable {
  /// How often a step is taken again because another one came first.
  public static let rounds = 5

  /// The desk's truth.
  public let store: DeskStore
  /// The database's time.
  public let clock: DatabaseClock
  private let policy: PolicyFollower
  private let publish: @Sendable ([HintPublisher.Hint]) async -> Void

  /// - Parameter publish: tells the other services what changed.
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
    /// Take a step of its life, and write a message with it.
    case take(TicketEvent, writing: OutgoingMessage? = nil)
    /// It was done before.
    case nothing
  }

  /// The policy that holds.
  /// - Throws: `HTTPProblem` 503 before the first one.
  public func currentPolicy() throws(HTTPProblem) -> Policy {
    guard let policy = policy.current else { throw TicketProblem.noPolicy }
    return policy
  }

  /// - Parameters:
  ///   - showing: whether whoever asks may know of a ticket that is over; otherwise it counts as none.
  ///   - move: asked at each attempt, with the ticket as it is then.
  /// - Returns: the ticket after the step; as it is, where the step would change nothing.
  /// - Throws: `HTTPProblem` 404 when there is no such ticket, 409 when it is over, when its life refuses or others always come first, 503
  ///   before the first policy.
  public func step(
    _ id: TicketID, showing: (ClosedTicket) -> Bool = { _ in true }, _ move: (Ticket) async throws -> Move
  ) async throws -> Ticket {
    let policy = try currentPolicy()
    var seen: Ticket?
    for _ in 0..<TicketStepper.rounds {
      guard let ticket = try await store.tickets([id])[id] else { throw try await absence(of: id, showing) }
      seen = ticket
      guard case .take(let event, let message) = try await move(ticket),
        let step = try step(event, on: ticket, under: policy, writing: message)
      else { return ticket }
      if try await store.commit([step]).contains(id) {
        await publish(TicketStepper.hints(for: step))
        return step.ticket
      }
    }
    throw TicketProblem.alwaysLate(seen.map { [$0] } ?? [])
  }

  /// Why there is no live ticket.
  private func absence(of id: TicketID, _ showing: (ClosedTicket) -> Bool) async throws -> HTTPProblem {
    guard let closed = try await store.closedTicket(id), showing(closed) else {
      return TicketProblem.notFound("ticket")
    }
    return TicketProblem.over(closed)
  }

  /// Takes a step of each of two tickets, both or none.
  /// - Returns: the tickets after their steps, in order.
  /// - Throws: as `step(_:_:)`.
  public func steps(
    _ ids: (TicketID, TicketID), _ events: (Ticket, Ticket) async throws -> (TicketEvent, TicketEvent)
  ) async throws -> (Ticket, Ticket) {
    let policy = try currentPolicy()
    var seen: [Ticket] = []
    for _ in 0..<TicketStepper.rounds {
      let found = try await store.tickets([ids.0, ids.1])
      guard let first = found[ids.0] else { throw try await absence(of: ids.0) { _ in true } }
      guard let second = found[ids.1] else { throw try await absence(of: ids.1) { _ in true } }
      seen = [first, second]
      let taken = try await events(first, second)
      guard let one = try step(taken.0, on: first, under: policy, writing: nil),
        let other = try step(taken.1, on: second, under: policy, writing: nil)
      else { return (first, second) }
      if try await store.commit(together: [one, other]) {
        await publish(TicketStepper.hints(for: one) + TicketStepper.hints(for: other))
        return (one.ticket, other.ticket)
      }
    }
    throw TicketProblem.alwaysLate(seen)
  }

  /// - Returns: nil where the step would change nothing.
  private func step(
    _ event: TicketEvent, on ticket: Ticket, under policy: Policy, writing message: OutgoingMessage?
  ) throws -> TicketStep? {
    let now = clock.now()
    var changed = ticket
    let effects: [TicketEffect]
    do {
      effects = try changed.handle(event, now: now, under: policy)
    } catch .changesNothing {
      return nil
    } catch {
      throw TicketProblem.refused(error, of: ticket)
    }
    var random = SystemRandom()
    return TicketStep(
      expectedVersion: ticket.version, ticket: changed, at: now, effects: effects, outgoing: message,
      notices: TicketStep.notices(for: effects, of: changed, under: policy, at: now, using: &random),
      traceparent: TraceContext.current?.traceparent, reopenWindow: policy.settledTime(of: changed))
  }

  /// Tells the other services what changed beside a step.
  public func tell(_ hints: [HintPublisher.Hint]) async {
    await publish(hints)
  }

  /// Who may have something to do now: the queue in which it waits, the agent who has room again or is asked, the notifier.
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
