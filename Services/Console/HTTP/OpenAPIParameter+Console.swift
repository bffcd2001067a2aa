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
      description: "The identifier of the ticket or offer, or the name of the agent or hook.",
      schema: .string),
    OpenAPIParameter(
      "Channel", in: .path, name: "channel", description: "A channel of the policy.",
      schema: .string(.none, pattern: "^[a-z0-9._-]{1,64}$")),
    OpenAPIParameter(
      "Customer", in: .path, name: "customer", description: "The channel's id of the customer, percent-encoded UTF-8.",
      schema: .string(.within(1...InputBounds.customerCharacters))),
    OpenAPIParameter(
      "By", in: .path, name: "by", description: "What the rows are grouped by.",
      schema: .choice(ReportGrouping.allCases.map(\.rawValue))),
  ]

  /// The key of a reply or a note.
  static let messageKey = idempotencyKey(
    "The same key, ticket and body return the reply that was written the first time, with 200.")

  static let done = OpenAPIParameter(
    "Done", in: .query, name: "done",
    description: "Whether to list completed follow-ups instead of open ones; default: false.",
    schema: .choice(["true", "false"]))

  // MARK: Reports

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
