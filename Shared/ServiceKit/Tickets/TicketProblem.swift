public import DeskCore
import HTTPTypes
public import Store

/// The problems of a step that somebody asked for over HTTP (RFC 9457). Types are URNs that a client can tell apart.
public enum TicketProblem {
  /// The same answer for what does not exist and for what the bearer may not see.
  public static func notFound(_ what: String) -> HTTPProblem {
    HTTPProblem(.notFound, detail: "There is no \(what) of that id that this key may see.")
  }

  /// Nothing can be decided yet.
  public static let noPolicy = HTTPProblem.retryLater(
    .serviceUnavailable, after: .seconds(1), detail: "No policy has been applied yet.")

  /// The life of the ticket does not allow the step. The problem names the ticket and its state: a step may be about two.
  public static func refused(_ refusal: TicketRefusal, of ticket: Ticket) -> HTTPProblem {
    let detail =
      switch refusal {
      case .notInState(_, let needed):
        "The ticket must be \(needed.map(\.rawValue).joined(separator: " or ")) for this, and \(ticket.id) is \(ticket.state.rawValue)."
      case .offerIsOver: "The offer of the ticket \(ticket.id) is not open any more."
      case .notYours: "The ticket \(ticket.id) is not this agent's."
      case .changesNothing: "The ticket \(ticket.id) is in that state already."
      }
    return HTTPProblem(.conflict, type: "urn:frontdesk:refused", detail: detail, errors: [state(of: ticket)])
  }

  /// The ticket is over: closed, merged into another, or rejected.
  public static func over(_ ticket: ClosedTicket) -> HTTPProblem {
    HTTPProblem(
      .conflict, type: "urn:frontdesk:refused",
      detail: "The ticket \(ticket.id) is \(ticket.state), and nothing can be done with it.",
      errors: [
        .init(
          field: "state", value: ticket.state,
          detail: "The state of the ticket \(ticket.id) since \(RFC3339.text(ticket.closedAt)).",
          remedy:
            "Read the ticket again; act on the one that it was merged into or that follows it, where there is one.")
      ])
  }

  /// Other steps always came first.
  static func alwaysLate(_ tickets: [Ticket]) -> HTTPProblem {
    HTTPProblem(
      .conflict, type: "urn:frontdesk:busy",
      detail:
        "Other steps came first \(TicketStepper.rounds) times in a row, or an agent had no room; nothing was changed.",
      errors: tickets.map(state), headers: [.retryAfter: "1"])
  }

  private static func state(of ticket: Ticket) -> HTTPProblem.FieldError {
    .init(
      field: "state", value: ticket.state.rawValue,
      detail: "The state of the ticket \(ticket.id) now, at version \(ticket.version).",
      remedy: "Read the ticket again.")
  }
}
