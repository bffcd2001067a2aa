import DeskCore
import Logging
import Messaging
import ServiceProcess
import Store
import SystemPrimitives

/// Takes the steps of tickets for which a time has come.
///
/// Of two watchers that both believe to lead the database lets one act: the lease fences the commit, the ticket's version decides.
struct TimedStepper: Sendable {
  let store: DeskStore
  let logger: Logger
  /// Is notified of the queues, agents and deliveries that a round has changed.
  let publish: @Sendable ([HintPublisher.Hint]) async -> Void

  /// - Returns: the steps that took effect. A ticket that refuses the step or changed in the meantime is read again later.
  func take(
    _ event: TicketEvent, on tickets: [Ticket], at now: Instant, under policy: Policy, fencedBy fence: Fence
  ) async throws -> [TicketStep] {
    guard !tickets.isEmpty else { return [] }
    var random = SystemRandom()
    let steps = tickets.compactMap { ticket -> TicketStep? in
      do {
        return try TicketStep(event, on: ticket, at: now, under: policy, using: &random)
      } catch {
        // A bug, and one that repeats until it is investigated.
        logger.error(
          "a ticket refused its deadline",
          metadata: ["ticket": "\(ticket.id)", "state": "\(ticket.state.rawValue)", "refusal": "\(error)"])
        store.setAside.setAside(.ticket(ticket.id), because: error)
        return nil
      }
    }
    let committed = try await store.tickets.commitApart(steps, fencedBy: fence)
    let taken = steps.filter { committed.contains($0.ticket.id) }
    let hints = Set(taken.flatMap(Self.hints))
    if !hints.isEmpty { await publish(Array(hints)) }
    return taken
  }

  /// What may be affected now: a queue that got a ticket, an agent who has room again, the notifier.
  private static func hints(for step: TicketStep) -> [HintPublisher.Hint] {
    var hints = step.effects.compactMap { effect -> HintPublisher.Hint? in
      switch effect {
      case .wakeQueue(let queue): .init(topic: HintTopics.queue, key: queue.rawValue)
      case .changeLoad(let agent, let change) where change < 0: .init(topic: HintTopics.agent, key: agent.rawValue)
      default: nil
      }
    }
    if !step.notices.isEmpty { hints.append(.init(topic: HintTopics.outbox)) }
    return hints
  }
}
