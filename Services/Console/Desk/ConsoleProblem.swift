import DeskCore
import HTTPTypes
import ServiceKit

/// The problems that only the console tells of (RFC 9457), beside `TicketProblem`.
enum ConsoleProblem {
  /// The same answer for what does not exist and for what the bearer may not see.
  static func notFound(_ what: String) -> HTTPProblem {
    TicketProblem.notFound(what)
  }

  /// An offer that is not open to the agent, and that the agent did not take.
  static let offerIsOver = HTTPProblem(
    .conflict, type: "urn:frontdesk:offer-over", detail: "The offer is not open to this agent any more.")

  /// A contact that this process cannot open.
  static func contactIsSealed(_ why: String) -> HTTPProblem {
    HTTPProblem(
      .serviceUnavailable, type: "urn:frontdesk:contact-sealed",
      detail:
        "The contact cannot be opened: \(why). Start the console with --contact-keys and the keys that intake has.")
  }

  /// A key was used for something else.
  static let requestKeyReused = HTTPProblem(
    .unprocessableContent, type: "urn:frontdesk:idempotency-key-reused",
    detail: "The Idempotency-Key was used for another request.",
    errors: [
      .init(field: "Idempotency-Key", detail: "It was used for another body or ticket.", remedy: "Use a fresh key.")
    ])

  /// An agent who cannot be handed anything.
  static func absent(_ agent: AgentID) -> HTTPProblem {
    HTTPProblem(
      .conflict, type: "urn:frontdesk:agent-absent", detail: "The agent is not at the desk.",
      errors: [
        .init(
          field: "/agent", value: agent.rawValue, detail: "The agent is not at the desk.",
          remedy: "Name an agent who is available, or a queue.")
      ])
  }

  /// A field of the body names what the policy does not know.
  static func unknown(_ what: String, field: String, _ value: String) -> HTTPProblem {
    HTTPProblem(
      .unprocessableContent, type: "urn:frontdesk:invalid", detail: "The policy knows no such \(what).",
      errors: [
        .init(
          field: "/" + field, value: value, detail: "The policy knows no such \(what).",
          remedy: "Name one that the policy has.")
      ])
  }

  /// A field of the body holds what neither the policy nor the desk's models name.
  // exact-keys: names that are listed; who belongs to them was asked by bytes before.
  static func unknown(_ what: String, field: String, _ value: String, known: Set<String>) -> HTTPProblem {
    let named = known.sorted().prefix(ConsoleBounds.namesInRemedy).joined(separator: ", ")
    return HTTPProblem(
      .unprocessableContent, type: "urn:frontdesk:invalid",
      detail: "Neither the policy nor a model knows this \(what).",
      errors: [
        .init(
          field: "/" + field, value: value, detail: "Neither the policy nor a model knows this \(what).",
          remedy: named.isEmpty ? "Leave it out; the policy names none." : "The policy names \(named).")
      ])
  }

  /// Only leads bring the tickets of different customers together.
  static let otherCustomer = HTTPProblem(
    .forbidden, type: "urn:frontdesk:other-customer",
    detail: "The two tickets are of different customers. An agent merges tickets of one customer; ask a lead.")

  /// A lead brings different customers together, and does not say that it is meant.
  static let mergeIsAcrossCustomers = HTTPProblem(
    .unprocessableContent, type: "urn:frontdesk:invalid", detail: "The two tickets are of different customers.",
    errors: [
      .init(
        field: "/across_customers", detail: "The two tickets are of different customers.",
        remedy: "Send true if both are to write on one ticket and to be answered from it.")
    ])

  /// Fields that do not go together.
  static func contradiction(_ detail: String, fields: [String], remedy: String) -> HTTPProblem {
    HTTPProblem(
      .unprocessableContent, type: "urn:frontdesk:invalid", detail: detail,
      errors: fields.map { .init(field: "/" + $0, detail: detail, remedy: remedy) })
  }
}
