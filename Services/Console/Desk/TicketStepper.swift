import DeskCore
import HTTPTypes
import Messaging
import ServiceKit
import Store

/// Takes one step of one ticket: reads it, asks the ticket's life, and commits under the version that was read, again and again
/// while others come first.
struct TicketStepper: Sendable {
  let store: DeskStore
  let clock: DatabaseClock
  let policy: PolicyFollower
  /// Tells the other services what changed.
  let publish: @Sendable ([HintPublisher.Hint]) async -> Void

  /// What to do with the ticket as it was read.
  enum Move: Sendable {
    /// Take a step of its life, and write a message with it.
    case take(TicketEvent, writing: OutgoingMessage? = nil)
    /// Write a message that is no step of its life: an internal note.
    case write(OutgoingMessage)
    /// It was done before.
    case nothing
  }

  /// - Parameter move: asked at each attempt, with the ticket as it is then.
  /// - Returns: the ticket after the step.
  /// - Throws: `HTTPProblem` 404 when no such ticket lives, 409 when its life refuses or others always come first, 503 before the
  ///   first policy.
  func step(_ id: TicketID, _ move: (Ticket) async throws -> Move) async throws -> Ticket {
    guard let policy = policy.current else { throw ConsoleProblem.noPolicy }
    var seen: Ticket?
    for _ in 0..<ConsoleBounds.stepRounds {
      guard let ticket = try await store.tickets([id])[id] else { throw ConsoleProblem.notFound("ticket") }
      seen = ticket
      let now = clock.now()
      var changed = ticket
      var effects: [TicketEffect] = []
      var outgoing: OutgoingMessage?
      switch try await move(ticket) {
      case .nothing: return ticket
      case .write(let note): outgoing = note
      case .take(let event, let message):
        outgoing = message
        do {
          effects = try changed.handle(event, now: now, under: policy)
        } catch {
          throw ConsoleProblem.refused(error, of: ticket)
        }
      }
      var random = SystemRandomNumberGenerator()
      let step = TicketStep(
        expectedVersion: ticket.version, ticket: changed, at: now, effects: effects, outgoing: outgoing,
        notices: TicketStep.notices(for: effects, of: changed, under: policy, at: now, using: &random),
        traceparent: TraceContext.current?.traceparent, reopenWindow: policy.reopenWindow(of: ticket.channel))
      if try await store.commit([step]).contains(id) {
        await publish(hints(for: step))
        return changed
      }
    }
    throw ConsoleProblem.alwaysLate(seen)
  }

  /// Who may have something to do now: the queue in which it waits, the agent who has room again, the notifier.
  private func hints(for step: TicketStep) -> [HintPublisher.Hint] {
    var hints: Set<HintPublisher.Hint> = []
    for effect in step.effects {
      switch effect {
      case .wakeQueue(let queue): hints.insert(.init(topic: HintTopics.queue, key: queue.rawValue))
      case .changeLoad(let agent, let change) where change < 0:
        hints.insert(.init(topic: HintTopics.agent, key: agent.rawValue))
      default: break
      }
    }
    if !step.notices.isEmpty { hints.insert(.init(topic: HintTopics.outbox)) }
    return Array(hints)
  }
}
