import DeskCore
import HTTPService
import Store

// What the search accepts and returns, for `/openapi.json`.

extension ConsoleSchemas {
  static let search: [(name: String, schema: JSONSchema)] = [
    (
      "SearchResults",
      .object([
        .required("tickets", .array(of: .reference("FoundTicket"), .atMost(ConsoleBounds.foundTicketsPerPage))),
        .required(
          "customers",
          .array(of: .reference("FoundCustomer"), .atMost(ConsoleBounds.foundCustomers)).described(
            "Customers whose name or id contains the words, those who wrote last first. On the first page only.")),
        .required("next", .string.orNull.described("The `cursor` of the next page; null on the last page.")),
        .required(
          "words_encrypted",
          .boolean.described(
            "Whether what people write is encrypted in the database. Encrypted messages are found by customers' names and tickets' signs, not by their words."
          )),
      ])
    ),
    (
      "FoundTicket",
      .object([
        .required("ticket_id", .uuid), .required("state", .choice(TicketState.allCases.map(\.rawValue))),
        .required("channel", .string), .required("customer", .string), .required("queue", .string.orNull),
        .required("agent", .string.orNull.described("Who has it; of an ended ticket, who had it last.")),
        .required("priority", .string.orNull), .required("opened_at", .time),
        .required("message", .reference("FoundMessage")),
      ])
    ),
    (
      "FoundMessage",
      .object([
        .required("message_id", .uuid), .required("kind", .choice(["customer", "reply", "note"])),
        .required("author", .string), .required("at", .time), .required("subject", .string.orNull),
        .required("excerpt", .string.described("The part of the text around the first match, unchanged.")),
        .required(
          "matches",
          .array(
            of: .object([.required("at", .integer), .required("length", .integer)]),
            .atMost(SearchLimits.matchesPerExcerpt)
          ).described(
            "Where the words are in `excerpt`, in Unicode characters (code points) from its beginning. Empty when they are in the subject, an attribute or a name."
          )),
        .required("cut_before", .boolean), .required("cut_behind", .boolean),
      ]).described("The ticket's newest message that matches.")
    ),
    (
      "FoundCustomer",
      .object([
        .required("channel", .string), .required("customer", .string), .required("tier", .string),
        .required(
          "ticket_id", .uuid.described("The newest ticket on which the customer wrote and the caller may see.")),
        .required("at", .time.described("When the customer wrote last on it.")),
      ])
    ),
  ]
}

extension OpenAPIParameter {
  static let search = [
    OpenAPIParameter(
      "Words", in: .query, name: "q",
      description:
        "Required. Words that all must be in one message, its subject, its attributes or its customer's name, the last one also by its beginning; Chinese texts; order numbers; the last four digits of a ticket, or its identifier. At least one letter, digit or Chinese character. Case, width, accents, and simplified or traditional characters make no difference.",
      schema: .string(.within(SearchLimits.queryCharacters))),
    OpenAPIParameter(
      "FoundState", in: .query, name: "state",
      description:
        "States, separated by commas: \(TicketState.allCases.map(\.rawValue).joined(separator: ", ")); default: all.",
      schema: .string),
    OpenAPIParameter(
      "FoundQueue", in: .query, name: "queue", description: "Queues, separated by commas; default: all.",
      schema: .string),
    .cursor, .limit,
  ]
}
