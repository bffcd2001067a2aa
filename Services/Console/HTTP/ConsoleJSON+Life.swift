import DeskCore
import Foundation
import PolicyReading
import Store

extension ConsoleJSON {
  /// A ticket in full, as an agent sees it: with its conversation, links, suggested articles, guessed labels and rating.
  /// - Parameter crm: what the CRM says about the customer; nil leaves it out.
  static func whole(
    _ ticket: JSONValue, _ context: TicketContext, language: String, crm: JSONValue? = nil
  ) -> JSONValue {
    guard case .object(let fields) = ticket else { return ticket }
    return .object(
      fields + [
        .init("messages", .list(context.conversation.elements.map(message))),
        .init("messages_next", place(context.conversation.earlier)),
        .init("links", .list(context.links.map(link))),
        .init("articles", .list(context.articles.map { article($0.article, $0.coverage, language) })),
        .init("guesses", .list(context.guesses.map(guess))),
        .init("rating", context.rating.map(rating) ?? .null),
        .init("attributes", attributes(of: context.conversation.elements)),
      ] + (crm.map { [.init("crm", $0)] } ?? []))
  }

  private static func guess(_ guess: LabelGuess) -> JSONValue {
    .object([
      .init("category", .text(guess.category)), .init("intent", .text(guess.intent)),
      .init("share", .number(guess.share)),
    ])
  }

  private static func link(_ link: LinkedTicket) -> JSONValue {
    .object([.init("ticket_id", .text(link.ticket.description)), .init("kind", .text(link.kind))])
  }

  private static func rating(_ rating: StoredRating) -> JSONValue {
    .object([
      .init("solved", .flag(rating.solved)), .init("rating", rating.rating.map { .integer(Int64($0)) } ?? .null),
      .init("comment", rating.comment.map { .text($0.description) } ?? .null), .init("at", time(rating.ratedAt)),
    ])
  }

  /// An article in the customer's language, with the steps that an agent follows.
  private static func article(_ article: Article, _ coverage: Double, _ language: String) -> JSONValue {
    let version = article.version(for: language)
    return .object([
      .init("article", .text(article.id.rawValue)), .init("coverage", .number(coverage)),
      .init("title", version.map { .text($0.title) } ?? .null),
      .init("answer", version.map { .text($0.answer) } ?? .null),
      .init("steps", .list((version?.steps ?? []).map { .text($0) })),
    ])
  }

  /// What the channels sent about the customer in the shown messages: of each name the newest value.
  private static func attributes(of messages: [StoredMessage]) -> JSONValue {
    var newest: [(name: ExactString, field: JSONValue.Field)] = []
    for message in messages where message.direction == 1 {
      guard case .object(let fields) = attributes(message.attributes) else { continue }
      for field in fields {
        newest.removeAll { $0.name == ExactString(field.name) }
        newest.append((ExactString(field.name), field))
      }
    }
    return .object(newest.sorted { $0.name < $1.name }.map(\.field))
  }

  /// The attributes of one message; an empty object for none.
  static func attributes(_ json: String?) -> JSONValue { json.flatMap { JSONValue(json: $0) } ?? .object([]) }

  static func lookUp(_ record: LookUpRecord, state: LookUpRecord.State, shown: [String]) -> JSONValue {
    .object([
      .init("state", .text(state.rawValue)), .init("at", time(record.fetchedAt)),
      .init("fields", record.fields.flatMap { CustomerFields(kept: $0, shown: shown) }?.json ?? .object([])),
    ])
  }

  static func historyTicket(_ ticket: HistoryTicket, isVisible: Bool) -> JSONValue {
    .object([
      .init("ticket_id", .text(ticket.id.description)), .init("state", .text(ticket.state)),
      .init("channel", .text(ticket.customer.channel.rawValue)), .init("customer", .text(ticket.customer.customer)),
      .init("shared", .flag(ticket.isShared)), .init("queue", ticket.queue.map { .text($0.rawValue) } ?? .null),
      .init("category", ticket.category.map { .text($0) } ?? .null), .init("opened_at", time(ticket.openedAt)),
      .init("closed_at", time(ticket.closedAt)), .init("rating", ticket.rating.map { .integer(Int64($0)) } ?? .null),
      .init("visible", .flag(isVisible)),
    ])
  }

  private static func person(_ person: Person) -> JSONValue {
    .object([
      .init("person_id", .text(person.id.description)), .init("tier", .text(person.tier.rawValue)),
      .init("dedicated_agent", person.dedicatedAgent.map { .text($0.rawValue) } ?? .null),
      .init(
        "identities",
        .list(
          person.identities.map { identity in
            .object(
              named(identity.customer) + [
                .init("tier", .text(identity.tier.rawValue)),
                .init("dedicated_agent", identity.dedicatedAgent.map { .text($0.rawValue) } ?? .null),
              ])
          })),
      .init(
        "joins",
        .list(
          person.joins.map { join in
            .object([
              .init("join_id", .text(join.id.description)), .init("how", .text(join.proof?.rawValue ?? "agent")),
              .init("joined_at", time(join.joinedAt)),
              .init("between", .list([.object(named(join.first)), .object(named(join.second))])),
            ])
          })),
    ])
  }

  private static func named(_ customer: Correspondent) -> [JSONValue.Field] {
    [.init("channel", .text(customer.channel.rawValue)), .init("customer", .text(customer.customer))]
  }

  /// - Parameter person: the person with this and other identities; nil for a customer with one.
  static func customer(_ record: CustomerRecord, person: Person?) -> JSONValue {
    .object([
      .init("channel", .text(record.channel.rawValue)), .init("customer", .text(record.customer)),
      .init("tier", .text(record.tier.rawValue)),
      .init("dedicated_agent", record.dedicatedAgent.map { .text($0.rawValue) } ?? .null),
      .init("last_ticket", record.lastTicket.map { .text($0.description) } ?? .null),
      .init("person", person.map { Self.person($0) } ?? .null),
    ])
  }

  static func followUp(_ followUp: StoredFollowUp) -> JSONValue {
    .object([
      .init("ticket_id", .text(followUp.ticket.description)),
      .init("lead", followUp.lead.map { .text($0.rawValue) } ?? .null),
      .init("rating", .integer(Int64(followUp.rating))),
      .init("opened_at", time(followUp.openedAt)), .init("done_at", time(followUp.doneAt)),
      .init("done_by", followUp.doneBy.map { .text($0) } ?? .null),
      .init("outcome", followUp.outcome.map { .text($0) } ?? .null),
    ])
  }

  static func feedback(_ figures: FeedbackFigures) -> JSONValue {
    .object([
      .init("group", .text(figures.id.description)), .init("category", .text(figures.category)),
      .init("messages", .integer(figures.messages)), .init("last_week", .integer(figures.lastWeek)),
      .init("week_before", .integer(figures.weekBefore)), .init("opened_at", time(figures.openedAt)),
      .init("last_at", time(figures.lastAt)), .init("example", figures.example.map { .text($0) } ?? .null),
      .init("tickets", .list(figures.tickets.map { .text($0.description) })),
    ])
  }

  static func hotIssue(_ issue: HotIssue) -> JSONValue {
    .object([
      .init("category", .text(issue.category)), .init("raised_at", time(issue.raisedAt)),
      .init("ended_at", time(issue.endedAt)), .init("tickets", .integer(issue.tickets)),
      .init("expected", .number(issue.expected)),
      .init("examples", .list(issue.examples.map { .text($0.description) })),
      .init("group", issue.group.map { .text($0.description) } ?? .null), .init("first_seen", time(issue.firstSeen)),
    ])
  }

  /// The reason comes from the system or an operator, and contains nothing that the endpoint sent except its status.
  static func hook(_ hook: Hook, _ state: HookState) -> JSONValue {
    .object([
      .init("hook", .text(hook.id.rawValue)), .init("endpoint", .text(PolicyMask.address(hook.url))),
      .init("enabled", .flag(state.pausedAt == nil)), .init("held", .flag(state.holdReason != nil)),
      .init("paused_at", time(state.pausedAt)), .init("failing_since", time(state.failingSince)),
      .init("failures", .integer(Int64(state.failures))), .init("reason", state.reason.map { .text($0) } ?? .null),
      .init("kinds", .list(hook.kinds.map(\.rawValue).sorted().map { .text($0) })),
    ])
  }

  /// Attachments by reference: the system stores URLs, never files.
  static func attachments(_ json: String?) -> JSONValue {
    struct Attachment: Decodable {
      let url: String
      let mediaType: String?
      let name: String?

      enum CodingKeys: String, CodingKey {
        case url, name
        case mediaType = "media_type"
      }
    }
    guard let json, let read = try? JSONDecoder().decode([Attachment].self, from: Data(json.utf8)) else {
      return .list([])
    }
    return .list(
      read.map { attachment in
        .object([
          .init("url", .text(attachment.url)), .init("media_type", attachment.mediaType.map { .text($0) } ?? .null),
          .init("name", attachment.name.map { .text($0) } ?? .null),
        ])
      })
  }
}
