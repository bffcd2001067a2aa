public import DeskCore
public import HTTPService
import HTTPTypes
public import Store

/// The problems of a step requested over HTTP (RFC 9457). Types are URNs that clients can distinguish.
public enum TicketProblem {
  /// The same answer for what does not exist and for what the key may not see.
  public static func notFound(_ what: String) -> HTTPProblem {
    HTTPProblem(.notFound, detail: "No \(what) with this id is visible to this key.")
  }

  /// Nothing can be decided yet.
  public static let noPolicy = HTTPProblem.retryLater(
    .serviceUnavailable, after: .seconds(1), detail: "No policy has been applied yet.")

  /// The ticket's state does not allow the step. The problem names the ticket and its state: a step may involve two.
  public static func refused(_ refusal: TicketRefusal, of ticket: Ticket) -> HTTPProblem {
    let detail =
      switch refusal {
      case .notInState(_, let needed):
        "The ticket must be \(needed.map(\.rawValue).listed(with: "or")) for this, but \(ticket.id) is \(ticket.state.rawValue)."
      case .offerIsOver: "The offer of the ticket \(ticket.id) is no longer open."
      case .notYours: "The ticket \(ticket.id) is not assigned to this agent."
      case .changesNothing: "The ticket \(ticket.id) is already in that state."
      }
    return HTTPProblem(.conflict, type: .ticketState, detail: detail, errors: [state(of: ticket)])
  }

  /// The ticket is over: closed, merged into another, or rejected.
  public static func over(_ ticket: ClosedTicket) -> HTTPProblem {
    HTTPProblem(
      .conflict, type: .ticketState,
      detail: "The ticket \(ticket.id) is \(ticket.state) and cannot be changed.",
      errors: [
        .init(
          field: "state", value: ticket.state,
          detail: "The state of the ticket \(ticket.id) since \(RFC3339.text(ticket.closedAt)).",
          remedy:
            "Read the ticket again; act on the one that it was merged into or that follows it, if any.")
      ])
  }

  /// Concurrent steps always won.
  static func alwaysLate(_ tickets: [Ticket]) -> HTTPProblem {
    HTTPProblem(
      .conflict, type: .concurrentChanges,
      detail:
        "Concurrent changes won \(TicketStepper.rounds) times in a row, or an agent had no capacity; nothing was changed.",
      errors: tickets.map(state), headers: [.retryAfter: "1"])
  }

  private static func state(of ticket: Ticket) -> HTTPProblem.FieldError {
    .init(
      field: "state", value: ticket.state.rawValue,
      detail: "The state of the ticket \(ticket.id) now, at version \(ticket.version).",
      remedy: "Read the ticket again.")
  }
}
