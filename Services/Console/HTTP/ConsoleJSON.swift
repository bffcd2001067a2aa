import DeskCore
import PolicyReading
import Store

/// The JSON responses of the console. `/openapi.json` describes them.
enum ConsoleJSON {
  // MARK: Tickets

  /// - Parameter messages: the conversation that is returned with the ticket.
  static func ticket(_ ticket: Ticket, messages: [StoredMessage]) -> JSONValue {
    guard case .object(let fields) = self.ticket(ticket) else { return .null }
    return .object(fields + [.init("messages", .list(messages.map(message)))])
  }

  static func ticket(_ ticket: Ticket) -> JSONValue {
    .object([
      .init("ticket_id", .text(ticket.id.description)), .init("version", .integer(Int64(ticket.version))),
      .init("state", .text(ticket.state.rawValue)), .init("channel", .text(ticket.channel.rawValue)),
      .init("customer", .text(ticket.customer)), .init("tier", .text(ticket.tier.rawValue)),
      .init("queue", text(ticket.queue)), .init("priority", .text(ticket.priority.name)),
      .init("skills", .list(ticket.skills.map(skill))),
      .init("weight", ticket.weight == TicketWeight.whole ? "whole" : .integer(Int64(ticket.weight))),
      .init("agent", text(ticket.agent)), .init("last_agent", text(ticket.lastAgent)),
      .init("opened_at", time(ticket.openedAt)), .init("waiting_since", time(ticket.waitingSince)),
      .init("reply_due_since", time(ticket.replyDueSince)), .init("answered_at", time(ticket.answeredAt)),
      .init("resolved_at", time(ticket.resolvedAt)), .init("confirmed_at", time(ticket.confirmedAt)),
      .init("reopened", .integer(Int64(ticket.reopenCount))),
      .init("labels", ticket.labels.map(labels) ?? .null), .init("offer", ticket.offer.map(offer) ?? .null),
      .init(
        "clocks",
        .object([
          .init("first_response", clock(ticket.clocks.firstResponse)),
          .init("next_response", clock(ticket.clocks.nextResponse)),
          .init("resolution", clock(ticket.clocks.resolution)),
        ])),
      .init("service_level", text(ticket.clocks.serviceLevel)),
      .init("escalation_steps", .integer(Int64(ticket.clocks.escalationSteps))),
      .init(
        "reply_to",
        .object([
          .init("channel", .text(ticket.addressee.channel.rawValue)),
          .init("customer", .text(ticket.addressee.customer)),
        ])),
      .init("offer_pauses", .list(ticket.pauses.map(pause))),
      .init("suggested_move", suggestedMove(of: ticket)),
      .init("held_until", time(ticket.conversation.heldUntil)),
      .init("progress", progress(of: ticket)),
      .init("call_back", ticket.callBack?.detail ?? .null),
      .init("fields", .object(ticket.fields.names.map { .init($0.rawValue, .text(ticket.fields[$0] ?? "")) })),
      .init("question", question(of: ticket)),
    ])
  }

  /// The question whose answer the ticket waits for; null when it waits for none.
  private static func question(of ticket: Ticket) -> JSONValue {
    guard let question = ticket.conversation.question else { return .null }
    return .object([
      .init("questionnaire", .text(question.questionnaire)), .init("field", text(question.field)),
      .init("attempts", .integer(Int64(question.attempts))),
    ])
  }

  /// The move that the agent can accept or decline; null when there is none.
  static func suggestedMove(of ticket: Ticket) -> JSONValue {
    guard let suggestion = ticket.conversation.suggestion else { return .null }
    return .object([
      .init("queue", text(suggestion.queue)), .init("priority", .text(suggestion.priority.name)),
      .init("rule", text(suggestion.rule)),
    ])
  }

  /// The progress notices of the ticket's customer; null when there have been none.
  private static func progress(of ticket: Ticket) -> JSONValue {
    let progress = ticket.progress
    if progress == ProgressState() { return .null }
    let pending = progress.pending.map { notice in
      JSONValue.object([
        .init("event", .text(notice.event.rawValue)), .init("occurrence", .integer(Int64(notice.occurrence))),
        .init("due_at", time(notice.due)),
      ])
    }
    return .object([.init("pending", pending ?? .null), .init("last_sent_at", time(progress.lastSentAt))])
  }

  /// A page of a list. `next` is null when there are no more tickets.
  /// - Parameter wordsAreEncrypted: nil where no text is looked for.
  static func tickets(_ page: TicketPage, filters: UInt64, wordsAreEncrypted: Bool?) -> JSONValue {
    .object(
      [
        .init("tickets", .list(page.tickets.map { ticket($0) })),
        .init("next", place(page.next.map { TicketCursor(after: $0, filters: filters) })),
      ] + (wordsAreEncrypted.map { [.init("words_encrypted", .flag($0))] } ?? []))
  }

  /// A page of a list. `next` is null when there are no more call-backs.
  static func callBacks(_ page: CallBackPage) -> JSONValue {
    .object([.init("callbacks", .list(page.callBacks.map(callBack))), .init("next", place(page.next))])
  }

  private static func callBack(_ callBack: ListedCallBack) -> JSONValue {
    .object([
      .init("ticket_id", .text(callBack.ticket.description)), .init("number", .integer(Int64(callBack.number))),
      .init("state", .text(callBack.state.rawValue)), .init("origin", .text(callBack.origin.rawValue)),
      .init("owner", text(callBack.owner)), .init("queue", text(callBack.queue)),
      .init("due_at", time(callBack.dueAt)), .init("moves", .integer(Int64(callBack.moves))),
      .init("promised_at", time(callBack.promisedAt)), .init("broken_at", time(callBack.brokenAt)),
      .init("ended_at", time(callBack.endedAt)),
    ])
  }

  private static func pause(_ pause: OfferPause) -> JSONValue {
    .object([
      .init("agent", .text(pause.agent.rawValue)), .init("times", .integer(Int64(pause.times))),
      .init("not_before", time(pause.until)),
    ])
  }

  /// A closed ticket: what is known of it without its live row.
  static func ticket(_ ticket: ClosedTicket) -> JSONValue {
    .object([
      .init("ticket_id", .text(ticket.id.description)), .init("state", .text(ticket.state)),
      .init("channel", .text(ticket.channel.rawValue)), .init("customer", .text(ticket.customer)),
      .init("queue", text(ticket.queue)), .init("opened_at", time(ticket.openedAt)),
      .init("closed_at", time(ticket.closedAt)),
    ])
  }

  private static func skill(_ requirement: SkillRequirement) -> JSONValue {
    .object([
      .init("skill", .text(requirement.skill.rawValue)),
      .init("proficiency", .integer(Int64(requirement.proficiency))),
    ])
  }

  private static func offer(_ offer: Offer) -> JSONValue {
    .object([
      .init("offer_id", .text(offer.id.description)), .init("agent", .text(offer.agent.rawValue)),
      .init("expires_at", time(offer.expiresAt)),
    ])
  }

  private static func labels(_ labels: Labels) -> JSONValue {
    .object([
      .init("category", .text(labels.category)), .init("intent", .text(labels.intent)),
      .init("confidence", .number(labels.confidence)), .init("urgency", .text(labels.urgency.name)),
      .init("sentiment", .text(labels.sentiment.name)), .init("language", .text(labels.language)),
      .init("model", .text(labels.modelVersion)),
    ])
  }

  private static func clock(_ clock: ServiceLevelClock) -> JSONValue {
    guard clock.isStarted, let allowed = clock.allowed else { return .null }
    return .object([
      .init("allowed_seconds", .number(allowed.inSeconds)), .init("due_at", time(clock.dueAt)),
      .init("met_at", time(clock.metAt)), .init("ended_at", time(clock.ending?.at)),
      .init("ended_because", clock.ending.map { .text($0.reason.rawValue) } ?? .null),
      .init("paused_at", time(clock.pausedAt)),
      .init("notified_percent", .integer(Int64(clock.notifiedPercent))),
    ])
  }

  static func message(_ message: StoredMessage) -> JSONValue {
    .object([
      .init("message_id", .text(message.id.description)), .init("kind", .text(messageKind(message.direction))),
      .init("channel", .text(message.channel.rawValue)), .init("author", .text(message.author)),
      .init("addressee", text(message.addressee)), .init("subject", text(message.subject)),
      .init("text", .text(message.body)), .init("attachments", attachments(message.attachments)),
      .init("attributes", attributes(message.attributes)),
      .init("at", time(message.receivedAt)), .init("delivery", message.delivery.map(delivery) ?? .null),
    ])
  }

  static func messageKind(_ direction: Int16) -> String {
    switch direction {
    case 1: "customer"
    case 2: "reply"
    default: "note"
    }
  }

  /// How far a reply has come on its way to the customer.
  private static func delivery(_ delivery: ReplyDelivery) -> JSONValue {
    .object([
      .init("state", .text(delivery.state.rawValue)), .init("at", time(delivery.at)),
      .init("reason", text(delivery.reason)),
    ])
  }

  /// The detail of an entry is JSON already, so the text is assembled here.
  static func timeline(_ page: NewestPage<StoredEvent, TimelinePlace>, of ticket: TicketID) -> String {
    let rows = page.elements.map { entry in
      let row = JSONValue.object([
        .init("version", .integer(Int64(entry.version))), .init("position", .integer(Int64(entry.position))),
        .init("kind", .text(entry.kind)), .init("actor", .text(entry.actor)), .init("at", time(entry.at)),
        .init("traceparent", text(entry.traceparent)),
      ])
      return row.json.dropLast() + ",\"detail\":" + entry.detail + "}"
    }
    return "{\"ticket_id\":\"\(ticket)\",\"entries\":[" + rows.joined(separator: ",")
      + "],\"next\":\(place(page.earlier).json)}"
  }

  /// An older page of a conversation.
  static func messages(_ page: NewestPage<StoredMessage, MessageID>, of ticket: TicketID) -> JSONValue {
    .object([
      .init("ticket_id", .text(ticket.description)), .init("messages", .list(page.elements.map(message))),
      .init("next", place(page.earlier)),
    ])
  }

  /// The place from which to request the previous page; null at the beginning.
  static func place(_ earlier: (some CustomStringConvertible)?) -> JSONValue {
    earlier.map { .text($0.description) } ?? .null
  }

  // MARK: People and processes

  static func notice(_ notice: StaffNotice) -> JSONValue {
    .object([
      .init("notice_id", .text(notice.id.description)), .init("kind", .text(notice.kind)),
      .init("ticket_id", notice.ticket.map { .text($0.description) } ?? .null),
      .init("detail", JSONValue(json: notice.detail) ?? .object([])), .init("at", time(notice.createdAt)),
      .init("read_at", time(notice.readAt)),
    ])
  }

  static func agent(_ row: AgentRow, on pause: AgentBreak? = nil) -> JSONValue {
    .object([
      .init("agent", .text(row.agent.rawValue)), .init("presence", .text(row.presence.rawValue)),
      .init("load", .integer(Int64(TicketWeight.used(row.load, of: row.capacity)))),
      .init("capacity", .integer(Int64(row.capacity))),
      .init("idle_since", time(row.idleSince)), .init("seen_at", time(row.seenAt)),
      .init("break_reason", text(pause?.reason)), .init("break_until", time(pause?.until)),
    ])
  }

  static func queue(_ figures: QueueFigures, now: Instant) -> JSONValue {
    .object([
      .init("queue", .text(figures.queue.rawValue)), .init("waiting", .integer(figures.waiting)),
      .init("offered", .integer(figures.offered)), .init("assigned", .integer(figures.assigned)),
      .init("late", .integer(figures.late)), .init("oldest_waiting_since", time(figures.oldestWaiting)),
      .init("oldest_age_seconds", age(figures.oldestWaiting, now)),
    ])
  }

  static func serviceLevel(_ figures: ServiceLevelFigures) -> JSONValue {
    .object([
      .init("queue", .text(figures.queue.rawValue)), .init("clock", .text(figures.clock)),
      .init("promised", .integer(figures.promised)), .init("met", .integer(figures.met)),
      .init("warned", .integer(figures.warned)),
      .init("breached", .integer(figures.breached)), .init("unanswered", .integer(figures.unanswered)),
    ])
  }

  static func worker(_ instance: ServiceInstance) -> JSONValue {
    .object([
      .init("instance", .text(instance.id.description)), .init("service", .text(instance.service)),
      .init("state", .text(instance.state.rawValue)), .init("build", .text(instance.build)),
      .init("host", .text(instance.host)), .init("process_id", .integer(Int64(instance.processID))),
      .init("http", text(instance.httpEndpoint)), .init("operations", text(instance.operationsEndpoint)),
      .init("link", text(instance.linkEndpoint)), .init("started_at", time(instance.startedAt)),
      .init("heartbeat_at", time(instance.heartbeatAt)),
    ])
  }

  static func capacity(_ row: CapacityRow) -> JSONValue {
    .object([
      .init("service", .text(row.service)), .init("mode", .text(row.mode.rawValue)),
      .init("wanted", .integer(Int64(row.wanted))), .init("running", .integer(Int64(row.running))),
      .init("base", .integer(Int64(row.base))), .init("limit", .integer(Int64(row.ceiling))),
      .init("changed_at", time(row.changedAt)),
      .init(
        "reason",
        CapacityReason(row.reason).map { reason in
          .object([
            .init("code", .text(reason.code.rawValue)), .init("en", .text(reason.text(in: .english))),
            .init("zh", .text(reason.text(in: .chinese))),
          ])
        } ?? .null),
    ])
  }

  static func peak(_ planned: StoredPeak) -> JSONValue {
    .object([
      .init("name", .text(planned.peak.name)), .init("service", .text(planned.service.rawValue)),
      .init("workers", .integer(Int64(planned.peak.workers))), .init("starts_at", time(planned.peak.start)),
      .init("ends_at", time(planned.peak.end)),
    ])
  }

  static func lease(_ lease: (name: String, holder: InstanceID, term: Int64, expiresAt: Instant)) -> JSONValue {
    .object([
      .init("name", .text(lease.name)), .init("holder", .text(lease.holder.description)),
      .init("term", .integer(lease.term)), .init("expires_at", time(lease.expiresAt)),
    ])
  }

  static func overview(_ inbox: InboxFigures, _ states: [StateFigures], deadLetters: Int64, now: Instant) -> JSONValue {
    .object([
      .init("at", time(now)),
      .init(
        "undecided",
        .object([
          .init("waiting", .integer(inbox.waiting)), .init("labelled", .integer(inbox.labelled)),
          .init("oldest_age_seconds", age(inbox.oldest, now)),
        ])),
      .init("tickets", .object(states.map { .init($0.state, .integer($0.tickets)) })),
      .init("dead_letters", .integer(deadLetters)),
    ])
  }

  /// Hook secrets written in the policy, and addresses that may contain secrets, are masked.
  static func policy(_ policy: StoredPolicy) -> JSONValue {
    .object([
      .init("version", .integer(Int64(policy.version))), .init("applied_by", .text(policy.appliedBy)),
      .init("applied_at", time(policy.appliedAt)),
      .init("document", .text(PolicyMask.document(policy.document))),
    ])
  }

  // MARK: Values

  /// RFC 3339 in UTC.
  static func time(_ instant: Instant?) -> JSONValue { instant.map { .text(RFC3339.text($0)) } ?? .null }

  private static func text<Subject>(_ key: Key<Subject>?) -> JSONValue { key.map { .text($0.rawValue) } ?? .null }

  private static func text(_ text: String?) -> JSONValue { text.map { .text($0) } ?? .null }

  private static func age(_ since: Instant?, _ now: Instant) -> JSONValue {
    since.map { .number(max(0, (now - $0).inSeconds)) } ?? .null
  }
}
