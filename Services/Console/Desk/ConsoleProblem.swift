import DeskCore
import HTTPTypes
import ServiceKit

/// The problems that the console tells of (RFC 9457). Types are URNs that a client can tell apart.
enum ConsoleProblem {
  /// The same answer for what does not exist and for what the bearer may not see.
  static func notFound(_ what: String) -> HTTPProblem {
    HTTPProblem(.notFound, detail: "There is no \(what) of that id that this key may see.")
  }

  static let noPolicy = HTTPProblem.retryLater(
    .serviceUnavailable, after: .seconds(1), detail: "No policy has been applied yet.")

  /// The life of the ticket does not allow the step.
  static func refused(_ refusal: TicketRefusal, of ticket: Ticket) -> HTTPProblem {
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

  /// An offer that is not open to the agent, and that the agent did not take.
  static let offerIsOver = HTTPProblem(
    .conflict, type: "urn:frontdesk:offer-over", detail: "The offer is not open to this agent any more.")

  /// Other steps always came first.
  static func alwaysLate(_ ticket: Ticket?) -> HTTPProblem {
    HTTPProblem(
      .conflict, type: "urn:frontdesk:busy",
      detail: "Other steps came first \(ConsoleBounds.stepRounds) times in a row; nothing was changed.",
      errors: ticket.map { [state(of: $0)] } ?? [], headers: [.retryAfter: "1"])
  }

  /// A key was used for something else.
  static let requestKeyReused = HTTPProblem(
    .unprocessableContent, type: "urn:frontdesk:idempotency-key-reused",
    detail: "The Idempotency-Key was used for another request.",
    errors: [
      .init(field: "Idempotency-Key", detail: "It was used for another body or ticket.", remedy: "Use a fresh key.")
    ])

  private static func state(of ticket: Ticket) -> HTTPProblem.FieldError {
    .init(
      field: "state", value: ticket.state.rawValue, detail: "The ticket's state now, at version \(ticket.version).",
      remedy: "Read the ticket again.")
  }
}
