import DeskCore
import PostgreSQL

/// The encoding of a ticket's compound values in single columns.
enum TicketCodec {
  /// `billing:3 zh:5`; names contain neither spaces nor colons.
  static func text(of skills: [SkillRequirement]) -> String {
    skills.map { "\($0.skill.rawValue):\($0.proficiency)" }.joined(separator: " ")
  }

  static func skills(from text: String) throws -> [SkillRequirement] {
    try text.split(separator: " ").map { part in
      let pieces = part.split(separator: ":")
      guard pieces.count == 2, let proficiency = Int(pieces[1]) else { throw StoreError.unreadable("skills") }
      return SkillRequirement(SkillID(String(pieces[0])), proficiency: proficiency)
    }
  }

  /// Names separated by spaces.
  static func text(of agents: [AgentID]) -> String {
    agents.map(\.rawValue).joined(separator: " ")
  }

  static func agents(from text: String) -> [AgentID] {
    text.split(separator: " ").map { AgentID(String($0)) }
  }

  /// `ann:3:1772442045000000`: who released it how often, and until when they are excluded, in microseconds since 1970.
  static func text(of pauses: [OfferPause]) -> String {
    pauses.map { "\($0.agent.rawValue):\($0.times):\($0.until.microseconds)" }.joined(separator: " ")
  }

  static func pauses(from text: String) throws -> [OfferPause] {
    try text.split(separator: " ").map { part in
      let pieces = part.split(separator: ":")
      guard pieces.count == 3, let times = Int32(pieces[1]), let until = Int64(pieces[2]) else {
        throw StoreError.unreadable("offer_pauses")
      }
      return OfferPause(agent: AgentID(String(pieces[0])), times: times, until: Instant(microseconds: until))
    }
  }

  /// The columns that `readTicket` reads, in its order, of the table alias `t`.
  static let columns = """
    t.id, t.version, t.state, t.channel, t.customer, t.tier, t.opened_at, t.queue, t.priority, t.skills, t.weight,
    t.waiting_since, t.category, t.intent, t.confidence, t.urgency, t.sentiment, t.language, t.model_version,
    t.offer_id, t.offer_agent, t.offered_at, t.offer_expires_at, t.refused_by, t.agent, t.last_agent,
    \(ClockCodec.columns), t.resolved_at, t.reopen_count, t.policy_version, t.needs_triage,
    t.reply_due_since, t.answered_at, t.confirmed_at, t.guest_channel, t.guest_customer, t.offer_pauses,
    t.conversation::text, t.progress::text, t.call_back::text, t.fields::text
    """

  /// The same for a ticket waiting for its first decision, of the table alias `o`.
  static let columnsWhenReceived = """
    o.ticket_id, 1, 'received', o.channel, coalesce(o.known_as, o.customer), o.tier, o.opened_at, NULL::text, 3::smallint, '', 1,
    NULL::timestamptz, NULL::text, NULL::text, NULL::double precision, NULL::smallint, NULL::smallint, NULL::text, NULL::text,
    NULL::uuid, NULL::text, NULL::timestamptz, NULL::timestamptz, '', NULL::text, NULL::text,
    \(ClockCodec.columnsWhenReceived), NULL::timestamptz, 0, 0, false, NULL::timestamptz, NULL::timestamptz,
    NULL::timestamptz, NULL::text, NULL::text, '', NULL::text, NULL::text, NULL::text, NULL::text
    """

  static let readTicket: @Sendable (inout PostgresRowReader) throws -> Ticket = { row in
    let id = try row.next(TicketID.self)
    let version = try row.next(Int32.self)
    let state = try row.next(TicketState.self)
    let channel = try row.next(ChannelID.self)
    let customer = try row.next(String.self)
    let tier = try row.next(CustomerTier.self)
    let openedAt = try row.next(Instant.self)
    let queue = try row.next(QueueID?.self)
    guard let priority = try Priority(rawValue: Int(row.next(Int16.self))) else {
      throw StoreError.unreadable("priority")
    }
    let skills = try skills(from: row.next(String.self))
    let weight = try row.next(Int32.self)
    let waitingSince = try row.next(Instant?.self)
    let labels = try InboxStore.readLabels(&row)
    let offerID = try row.next(OfferID?.self)
    let offerAgent = try row.next(AgentID?.self)
    let offeredAt = try row.next(Instant?.self)
    let offerExpiresAt = try row.next(Instant?.self)
    var offer: Offer?
    if let offerID, let offerAgent, let offeredAt, let offerExpiresAt {
      offer = Offer(id: offerID, agent: offerAgent, offeredAt: offeredAt, expiresAt: offerExpiresAt)
    }
    let refusedBy = try agents(from: row.next(String.self))
    let agent = try row.next(AgentID?.self)
    let lastAgent = try row.next(AgentID?.self)
    let clocks = try ClockCodec.read(&row, openedAt: openedAt)
    let resolvedAt = try row.next(Instant?.self)
    let reopenCount = try row.next(Int32.self)
    let policyVersion = try row.next(Int32.self)
    let needsTriage = try row.next(Bool.self)
    let replyDueSince = try row.next(Instant?.self)
    let answeredAt = try row.next(Instant?.self)
    let confirmedAt = try row.next(Instant?.self)
    let phase: TicketPhase? =
      switch state {
      case .received: .received
      case .triage, .queued: .waiting(since: waitingSince ?? openedAt)
      case .offered: offer.map { .offered($0, waitingSince: waitingSince ?? openedAt) }
      case .assigned: agent.map { .assigned($0, replyDueSince: replyDueSince) }
      case .pending: .pending(agent)
      case .answered: .answered(at: answeredAt ?? openedAt)
      case .resolved: .resolved(at: resolvedAt ?? openedAt, confirmedAt: confirmedAt)
      case .closed: .closed(settledAt: resolvedAt ?? openedAt, confirmedAt: confirmedAt)
      case .rejected: .rejected
      }
    guard let phase else { throw StoreError.unreadable("state") }
    return try Ticket(
      id: id, version: version, phase: phase, channel: channel, customer: customer, tier: tier, openedAt: openedAt,
      queue: queue, priority: priority, skills: skills, weight: weight,
      // The state says it of a ticket that waits.
      needsTriage: state.waitsForAgent ? state == .triage : needsTriage, labels: labels, refusedBy: refusedBy,
      lastAgent: lastAgent, clocks: clocks, reopenCount: reopenCount, policyVersion: policyVersion,
      guest: readGuest(&row), pauses: pauses(from: row.next()),
      conversation: ConversationCodec.state(from: row.next()), progress: ProgressCodec.state(from: row.next()),
      callBack: CallBackCodec.callBack(from: row.next()), fields: FieldsCodec.fields(from: row.next()))
  }

  private static func readGuest(_ row: inout PostgresRowReader) throws -> Correspondent? {
    let channel = try row.next(ChannelID?.self)
    let customer = try row.next(String?.self)
    guard let channel, let customer else { return nil }
    return Correspondent(customer, on: channel)
  }
}
