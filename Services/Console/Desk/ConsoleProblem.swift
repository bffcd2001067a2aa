import DeskCore
import HTTPService
import HTTPTypes
import UseCases

/// The problems specific to the console (RFC 9457), in addition to `TicketProblem`.
enum ConsoleProblem {
  /// The same response for a missing resource and for one that the bearer may not see.
  static func notFound(_ what: String) -> HTTPProblem {
    TicketProblem.notFound(what)
  }

  /// An offer that is not open to the agent, and that the agent did not accept.
  static let offerIsOver = HTTPProblem(
    .conflict, type: .offerClosed, detail: "The offer is no longer open to this agent.")

  /// A change of a crisis case that has ended.
  static let crisisHasEnded = HTTPProblem(
    .conflict, type: .crisisEnded, detail: "The case has ended. Open another one if the crisis goes on.")

  /// Other changes of a crisis case always came first.
  static let crisisChanges = HTTPProblem(
    .conflict, type: .concurrentChanges,
    detail: "Concurrent changes of the case won \(ConsoleBounds.crisisAttempts) times in a row; nothing was changed.",
    headers: [.retryAfter: "1"])

  /// A refused change of a crisis case.
  static func refused(_ refusal: CrisisRefusal) -> HTTPProblem {
    switch refusal {
    case .hasEnded: crisisHasEnded
    case .noSuchItem: missing("The checklist has no such point.", field: "item")
    case .noSuchAnswer: missing("The policy has no such prepared answer.", field: "answer")
    case .noSuchAgent: missing("The policy has no such agent.", field: "agent")
    }
  }

  private static func missing(_ detail: String, field: String) -> HTTPProblem {
    HTTPProblem(
      .unprocessableContent, type: .invalidRequest, detail: detail,
      errors: [
        .init(field: "/" + field, detail: detail, remedy: "Read the case and the policy, and send one of theirs.")
      ])
  }

  /// A contact that this process cannot decrypt.
  static func contactIsSealed(_ why: String) -> HTTPProblem {
    HTTPProblem(
      .serviceUnavailable, type: .contactSealed,
      detail:
        "The contact cannot be decrypted: \(why). Start the console with --contact-keys and the same keys as intake.")
  }

  /// Something that was written and cannot be decrypted.
  static func wordsAreSealed(_ why: String) -> HTTPProblem {
    HTTPProblem(
      .serviceUnavailable, type: .unavailable,
      detail:
        "What was written cannot be decrypted: \(why). Start the console with the same word keys as the other services."
    )
  }

  /// A call-back that is not the ticket's newest one, is finished, or is broken and cannot be moved.
  static func callBackIsOver(_ number: Int32, _ newest: CallBack?) -> HTTPProblem {
    let detail =
      newest.map {
        "The ticket's newest call-back is number \($0.number), \($0.isUnfinished ? "not finished" : "finished") and \($0.state.rawValue)."
      } ?? "The ticket has no call-back."
    return HTTPProblem(
      .conflict, type: .ticketState, detail: detail,
      errors: [
        .init(
          field: "number", value: "\(number)", detail: detail,
          remedy: "Read the ticket again; promise another call-back under the next number once the newest is finished.")
      ])
  }

  /// A call-back whose due time has passed or is too far ahead.
  static func dueTime(_ due: Instant, now: Instant) -> HTTPProblem {
    let detail = "The time is in the past, or more than \(ConsoleBounds.longestCallBackDays) days ahead."
    return HTTPProblem(
      .unprocessableContent, type: .invalidRequest, detail: detail,
      errors: [
        .init(
          field: "/due_at", value: RFC3339.text(due), detail: detail,
          remedy: "Send a time after \(RFC3339.text(now)), within \(ConsoleBounds.longestCallBackDays) days.")
      ])
  }

  /// A key was used for a different request.
  static let requestKeyReused = IdempotencyKey.reused("body or ticket")

  /// An agent to whom nothing can be transferred.
  static func absent(_ agent: AgentID) -> HTTPProblem {
    notTransferred(
      to: agent, .conflict, type: .agentUnavailable, "The agent is not available.",
      remedy: "Name an agent who is available, or a queue.")
  }

  /// A transfer to the agent who works on the ticket: there would be nothing to accept.
  static func hasItAlready(_ agent: AgentID) -> HTTPProblem {
    notTransferred(
      to: agent, .unprocessableContent, type: .invalidRequest, "The agent has this ticket already.",
      remedy: "Name another agent, or a queue.")
  }

  private static func notTransferred(
    to agent: AgentID, _ status: HTTPResponse.Status, type: ProblemType, _ detail: String, remedy: String
  ) -> HTTPProblem {
    HTTPProblem(
      status, type: type, detail: detail,
      errors: [.init(field: "/agent", value: agent.rawValue, detail: detail, remedy: remedy)])
  }

  /// A field of the body names something that the policy does not declare.
  static func unknown(_ what: String, field: String, _ value: String) -> HTTPProblem {
    HTTPProblem(
      .unprocessableContent, type: .invalidRequest, detail: "The policy does not have this \(what).",
      errors: [
        .init(
          field: "/" + field, value: value, detail: "The policy does not have this \(what).",
          remedy: "Send one that the policy has.")
      ])
  }

  /// A field of the body has a value that neither the policy nor the models name.
  // exact-keys: names that are listed; membership was checked byte by byte before.
  static func unknown(_ what: String, field: String, _ value: String, known: Set<String>) -> HTTPProblem {
    let named = known.sorted().prefix(ConsoleBounds.namesInRemedy).joined(separator: ", ")
    return HTTPProblem(
      .unprocessableContent, type: .invalidRequest,
      detail: "Neither the policy nor a model has this \(what).",
      errors: [
        .init(
          field: "/" + field, value: value, detail: "Neither the policy nor a model has this \(what).",
          remedy: named.isEmpty ? "Leave it out; the policy has none." : "The policy has \(named).")
      ])
  }

  /// Only leads merge tickets of different customers.
  static let otherCustomer = HTTPProblem(
    .forbidden, type: .otherCustomer,
    detail: "The two tickets belong to different customers. Agents may merge tickets of one customer only; ask a lead.")

  /// A lead merges tickets of different customers without confirming it.
  static let mergeIsAcrossCustomers = HTTPProblem(
    .unprocessableContent, type: .invalidRequest, detail: "The two tickets belong to different customers.",
    errors: [
      .init(
        field: "/across_customers", detail: "The two tickets belong to different customers.",
        remedy: "Send true if both customers should share one ticket and be answered from it.")
    ])

  /// Fields that contradict each other.
  static func contradiction(_ detail: String, fields: [String], remedy: String) -> HTTPProblem {
    HTTPProblem(
      .unprocessableContent, type: .invalidRequest, detail: detail,
      errors: fields.map { .init(field: "/" + $0, detail: detail, remedy: remedy) })
  }
}
