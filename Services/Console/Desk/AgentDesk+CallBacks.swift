import DeskCore
import HTTPService
import HTTPTypes
import ServiceProcess
import Store
import UseCases

// Call-backs that people promise, move and finish.

extension AgentDesk {
  /// What a person wants of a ticket's call-back; nil leaves that as it is.
  struct CallBackRequest: Sendable {
    let dueAt: Instant?
    let owner: AgentID?
    /// `kept` or `broken`, which finishes it.
    let outcome: CallBack.State?
    let reason: String?
  }

  /// Promises a call-back under the number that follows the newest one, or moves, hands over or finishes the newest one.
  ///
  /// The number makes it idempotent: a repetition finds the call-back as it wanted it, and one that was finished meanwhile is not
  /// promised again.
  /// - Throws: `HTTPProblem` 422 for a request that cannot be carried out, 409 for another number or a call-back that is finished.
  func setCallBack(
    _ number: Int32, of ticket: TicketID, _ wanted: CallBackRequest, by hand: ActingAgent
  ) async throws -> Ticket {
    if let owner = wanted.owner, try stepper.currentPolicy().agents[owner] == nil {
      throw ConsoleProblem.unknown("agent", field: "owner", owner.rawValue)
    }
    return try await stepper.step(ticket) { ticket in
      guard let change = try Self.change(number, of: ticket.callBack, wanted, by: hand, now: stepper.clock.now()) else {
        return .nothing
      }
      return .take(.callBackChanged(change, by: hand, reason: wanted.reason))
    }
  }

  /// - Returns: nil when nothing remains to be changed.
  static func change(
    _ number: Int32, of newest: CallBack?, _ wanted: CallBackRequest, by hand: ActingAgent, now: Instant
  ) throws(HTTPProblem) -> CallBackChange? {
    let last = newest?.number ?? 0
    if number == last + 1, newest?.isUnfinished != true {
      guard let due = wanted.dueAt, wanted.outcome == nil else {
        throw ConsoleProblem.contradiction(
          "The ticket has no call-back \(number) yet.", fields: ["due_at", "state"],
          remedy: "Promise it with due_at, and leave state out.")
      }
      try requireFuture(due, now: now)
      return .promise(dueAt: due, owner: wanted.owner ?? hand.agent)
    }
    guard let newest, number == last else { throw ConsoleProblem.callBackIsOver(number, newest) }
    guard newest.isUnfinished else {
      if isFulfilled(wanted, by: newest) { return nil }
      throw ConsoleProblem.callBackIsOver(number, newest)
    }
    if let outcome = wanted.outcome {
      guard wanted.dueAt == nil, wanted.owner == nil else {
        throw ConsoleProblem.contradiction(
          "A call-back is finished or moved, not both.", fields: ["state", "due_at", "owner"],
          remedy: "Send state alone, or leave it out.")
      }
      return .finish(isDone: outcome == .kept)
    }
    guard wanted.dueAt != nil || wanted.owner != nil else {
      throw ConsoleProblem.contradiction(
        "Nothing is to be changed.", fields: ["due_at", "owner", "state"], remedy: "Send one of them.")
    }
    if isFulfilled(wanted, by: newest) { return nil }
    if let due = wanted.dueAt, due != newest.dueAt {
      guard newest.brokenAt == nil else { throw ConsoleProblem.callBackIsOver(number, newest) }
      try requireFuture(due, now: now)
    }
    return .move(dueAt: wanted.dueAt, owner: wanted.owner)
  }

  /// Whether the call-back is as the request wants it: a repetition. One that is done after its due time stays broken.
  private static func isFulfilled(_ wanted: CallBackRequest, by newest: CallBack) -> Bool {
    if let outcome = wanted.outcome {
      return newest.endedAt != nil && (outcome == newest.state || newest.state == .broken)
    }
    return (wanted.dueAt ?? newest.dueAt) == newest.dueAt && (wanted.owner ?? newest.owner) == newest.owner
  }

  private static func requireFuture(_ due: Instant, now: Instant) throws(HTTPProblem) {
    guard due > now, due <= now + ConsoleBounds.longestCallBack else { throw ConsoleProblem.dueTime(due, now: now) }
  }
}
