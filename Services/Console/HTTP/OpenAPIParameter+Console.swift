import DeskCore
import HTTPService
import Store
import UntrustedInput
import UseCases

// The parameters of the console's endpoints.

extension OpenAPIParameter {
  /// The parameters in paths.
  static let inPaths = [
    OpenAPIParameter(
      "ID", in: .path, name: "id",
      description:
        "The identifier of the ticket, offer, notice, interception, inspection, consult, crisis, intent, dead letter or key, or the name of the agent or hook.",
      schema: .string),
    OpenAPIParameter(
      "Channel", in: .path, name: "channel", description: "A channel of the policy.",
      schema: .string(.none, pattern: "^[a-z0-9._-]{1,64}$")),
    OpenAPIParameter(
      "Customer", in: .path, name: "customer", description: "The channel's id of the customer, percent-encoded UTF-8.",
      schema: .string(.within(1...InputBounds.customerCharacters))),
    OpenAPIParameter(
      "Number", in: .path, name: "number", description: "The number of the ticket's call-back, from 1.",
      schema: .integer),
    OpenAPIParameter(
      "Kind", in: .path, name: "kind", description: "What the draft becomes when it is sent.",
      schema: .choice(Draft.Kind.allCases.map(\.rawValue))),
    OpenAPIParameter(
      "Version", in: .path, name: "version", description: "The number of a version of the policy.", schema: .integer),
    OpenAPIParameter(
      "By", in: .path, name: "by", description: "What the rows are grouped by.",
      schema: .choice(ReportGrouping.allCases.map(\.rawValue))),
  ]

  /// The key of a reply, a note, a consult or an intent.
  static let messageKey = idempotencyKey(
    "The same key, path and body return what was written the first time.")

  /// What the sender takes a ticket for.
  static let ifMatch = OpenAPIParameter(
    "IfMatch", in: .header, name: "If-Match",
    description:
      "The ETag that was read with the ticket: the act is refused with 412 when the ticket has changed since. A repetition of what was done is answered as before. Default: whatever the ticket is.",
    schema: .string)

  static let draftKey = OpenAPIParameter(
    "DraftKey", in: .query, name: "key",
    description: "Delete the draft only if this is still its key; default: whatever its text is.", schema: .uuid)

  static let asked = OpenAPIParameter(
    "Asked", in: .query, name: "asked",
    description: "Whether to list what was asked of the agent, or by the agent; default: to_me.",
    schema: .choice(["to_me", "by_me"]))

  static let consultState = OpenAPIParameter(
    "ConsultState", in: .query, name: "state",
    description:
      "States, separated by commas: \(Consult.State.allCases.map(\.rawValue).joined(separator: ", ")); default: all.",
    schema: .string)

  static let beforeNotice = OpenAPIParameter(
    "BeforeNotice", in: .query, name: "before",
    description: "The value of `next` in the page before; default: the newest notices.", schema: .string)

  static let acceptLanguage = OpenAPIParameter(
    "AcceptLanguage", in: .header, name: "Accept-Language",
    description:
      "The agent's languages, for a refusal or a result: zh or en; default: a language that the agent serves.",
    schema: .string)

  static let done = OpenAPIParameter(
    "Done", in: .query, name: "done",
    description: "Whether to list completed follow-ups instead of open ones; default: false.",
    schema: .choice(["true", "false"]))

  // MARK: Lists of tickets

  static let ticketFilters = [
    OpenAPIParameter(
      "State", in: .query, name: "state",
      description:
        "States, separated by commas: \(TicketListQuery.states.map(\.rawValue).joined(separator: ", ")); default: all.",
      schema: .string),
    OpenAPIParameter(
      "Queue", in: .query, name: "queue", description: "Queues, separated by commas; default: all.", schema: .string),
    OpenAPIParameter(
      "AgentOfTicket", in: .query, name: "agent",
      description: "The agents who have the ticket or are offered it, separated by commas.", schema: .string),
    OpenAPIParameter(
      "Priority", in: .query, name: "priority",
      description:
        "Priorities, separated by commas: \(Priority.allCases.map(\.name).joined(separator: ", ")); default: all.",
      schema: .string),
    OpenAPIParameter(
      "Late", in: .query, name: "late",
      description: "Whether a running SLA clock is past its due time.", schema: .choice(["true", "false"])),
    OpenAPIParameter(
      "Escalated", in: .query, name: "escalated",
      description: "Whether a step of the escalation ladder has been taken.", schema: .choice(["true", "false"])),
    OpenAPIParameter(
      "OpenedFrom", in: .query, name: "opened_from", description: "Opened at or after this time.", schema: .time),
    OpenAPIParameter(
      "OpenedBefore", in: .query, name: "opened_before", description: "Opened before this time.", schema: .time),
    OpenAPIParameter(
      "ChannelOfTicket", in: .query, name: "channel", description: "The ticket's channel; with `customer`, theirs.",
      schema: .string(.none, pattern: "^[a-z0-9._-]{1,64}$")),
    OpenAPIParameter(
      "CustomerOfTicket", in: .query, name: "customer",
      description: "The channel's id of the customer. Needs `channel`.",
      schema: .string(.within(1...InputBounds.customerCharacters))),
    OpenAPIParameter(
      "Text", in: .query, name: "text",
      description:
        "A text that is, ignoring case, in the subject or body of one of the ticket's newest \(StoreBounds.messagesSearchedPerTicket) messages, replies and notes.",
      schema: .string(.within(ConsoleBounds.searchCharacters))),
  ]

  static let callBackFilters = [
    OpenAPIParameter(
      "Mine", in: .query, name: "mine", description: "Whether only the caller's own are listed; default: false.",
      schema: .choice(["true", "false"])),
    OpenAPIParameter(
      "OwnerOfCallBack", in: .query, name: "owner", description: "The agent who calls; default: all.", schema: .string),
    OpenAPIParameter(
      "QueueOfCallBack", in: .query, name: "queue",
      description: "The queues of the tickets, separated by commas; default: all.", schema: .string),
    OpenAPIParameter(
      "StateOfCallBack", in: .query, name: "state",
      description:
        "States, separated by commas: \(CallBack.State.allCases.map(\.rawValue).joined(separator: ", ")); default: all.",
      schema: .string),
    OpenAPIParameter(
      "Finished", in: .query, name: "finished",
      description: "Whether nothing remains to be done; default: false without `state`, else both.",
      schema: .choice(["true", "false"])),
    OpenAPIParameter(
      "DueFrom", in: .query, name: "due_from", description: "Due at or after this time.", schema: .time),
    OpenAPIParameter(
      "DueBefore", in: .query, name: "due_before", description: "Due before this time.", schema: .time),
  ]

  static let cursor = OpenAPIParameter(
    "Cursor", in: .query, name: "cursor",
    description: "The value of `next` from the page before, with the same filters; default: the first page.",
    schema: .string)

  static let inspectionState = OpenAPIParameter(
    "InspectionState", in: .query, name: "state", description: "Only inspections in this state; default: all.",
    schema: .choice(InspectionState.allCases.map(\.rawValue)))

  // MARK: Reports

  static let inspectionGrouping = OpenAPIParameter(
    "InspectionGrouping", in: .query, name: "by", description: "What the rows are grouped by; default: agent.",
    schema: .choice(InspectionGrouping.allCases.map(\.rawValue)))

  static let from = OpenAPIParameter(
    "From", in: .query, name: "from",
    description: "The first day on which tickets were opened; default: six days before the last.", schema: .date)
  static let to = OpenAPIParameter(
    "To", in: .query, name: "to", description: "The last day; default: today.", schema: .date)
  static let zone = OpenAPIParameter(
    "Zone", in: .query, name: "zone",
    description: "The time zone of the days, any name in the tz database of the console's host; default: UTC.",
    schema: .string)
  static let groupedBy = OpenAPIParameter(
    "GroupedBy", in: .query, name: "by", description: "What the rows are grouped by; default: agent.",
    schema: .choice(ReportGrouping.allCases.map(\.rawValue)))
  static let figure = OpenAPIParameter(
    "Figure", in: .query, name: "figure", description: "The figure whose change is decomposed; default: volume.",
    schema: .choice(ReportFigure.allCases.map(\.rawValue)))
  static let language = OpenAPIParameter(
    "Language", in: .query, name: "language", description: "Of the chart; default: en.",
    schema: .choice(ReportLanguage.allCases.map(\.rawValue)))
}
