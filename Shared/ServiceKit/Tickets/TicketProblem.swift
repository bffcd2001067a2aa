public import DeskCore
import HTTPTypes

/// The problems of a step that somebody asked for over HTTP (RFC 9457). Types are URNs that a client can tell apart.
public enum TicketProblem {
  /// The same answer for what does not exist and for what the bearer may not see.
  public static func notFound(_ what: String) -> HTTPProblem {
    HTTPProblem(.notFound, detail: "There is no \(what) of that id that this key may see.")
  }

  /// Nothing can be decided yet.
  public static let noPolicy = HTTPProblem.retryLater(
    .serviceUnavailable, after: .seconds(1), detail: "No policy has been applied yet.")

  /// The life of the ticket does not allow the step.
  public static func refused(_ refusal: TicketRefusal, of ticket: Ticket) -> HTTPProblem {
    let detail =
      switch refusal {
      case .notInState(_, let needed):
        "The ticket must be \(needed.map(\.rawValue).joined(separator: " or ")) for this."
      case .offerIsOver: "The offer is not open any more."
      case .notYours: "The ticket is not this agent's."
      case .changesNothing: "It is so already."
      }
    return HTTPProblem(.conflict, type: "urn:frontdesk:refused", detail: detail, errors: [state(of: ticket)])
  }

  /// Other steps always came first.
  static func alwaysLate(_ ticket: Ticket?) -> HTTPProblem {
    HTTPProblem(
      .conflict, type: "urn:frontdesk:busy",
      detail:
        "Other steps came first \(TicketStepper.rounds) times in a row, or an agent had no room; nothing was changed.",
      errors: ticket.map { [state(of: $0)] } ?? [], headers: [.retryAfter: "1"])
  }

  private static func state(of ticket: Ticket) -> HTTPProblem.FieldError {
    .init(
      field: "state", value: ticket.state.rawValue, detail: "The ticket's state now, at version \(ticket.version).",
      remedy: "Read the ticket again.")
  }
}
