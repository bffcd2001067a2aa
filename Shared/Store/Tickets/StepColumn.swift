import DeskCore
import PostgreSQL

/// The mutable columns of `desk.ticket`, each with its value from a step's ticket. One list defines the statement's text, its
/// parameters and their order, so that the three cannot drift apart.
struct StepColumn: Sendable {
  let name: String
  let type: String
  /// Whether the first routing of a ticket can change it. The others then have their defaults.
  let changesWhenFirstRouted: Bool
  let values: @Sendable ([TicketStep]) -> any PostgresEncodable
  /// The value assigned to an existing row, in SQL.
  let assigned: String

  init<Value: PostgresEncodable & SendableMetatype>(
    _ name: String, _ type: String, later: Bool = false, assigned: String? = nil,
    _ value: @escaping @Sendable (TicketStep) -> Value
  ) {
    self.name = name
    self.type = type
    changesWhenFirstRouted = !later
    self.assigned = assigned ?? "s.\(name)"
    values = { steps in steps.map(value) }
  }

  static let all: [StepColumn] = [
    StepColumn("version", "integer") { $0.ticket.version },
    StepColumn("state", "text") { $0.ticket.state },
    StepColumn("queue", "text") { $0.ticket.queue },
    StepColumn("priority", "smallint") { Int16($0.ticket.priority.rawValue) },
    StepColumn("skills", "text") { TicketCodec.text(of: $0.ticket.skills) },
    StepColumn("weight", "integer") { $0.ticket.weight },
    StepColumn("waiting_since", "timestamptz") { $0.ticket.waitingSince },
    StepColumn("needs_triage", "boolean") { $0.ticket.needsTriage },
    StepColumn("category", "text") { $0.ticket.labels?.category },
    StepColumn("intent", "text") { $0.ticket.labels?.intent },
    StepColumn("confidence", "double precision") { $0.ticket.labels?.confidence },
    StepColumn("urgency", "smallint") { $0.ticket.labels.map { Int16($0.urgency.rawValue) } },
    StepColumn("sentiment", "smallint") { $0.ticket.labels.map { Int16($0.sentiment.rawValue) } },
    StepColumn("language", "text") { $0.ticket.labels?.language },
    StepColumn("model_version", "text") { $0.ticket.labels?.modelVersion },
    StepColumn("offer_id", "uuid", later: true) { $0.ticket.offer?.id },
    StepColumn("offer_agent", "text", later: true) { $0.ticket.offer?.agent },
    StepColumn("offered_at", "timestamptz", later: true) { $0.ticket.offer?.offeredAt },
    StepColumn("offer_expires_at", "timestamptz", later: true) { $0.ticket.offer?.expiresAt },
    StepColumn("refused_by", "text", later: true) { TicketCodec.text(of: $0.ticket.refusedBy) },
    StepColumn("agent", "text", later: true) { $0.ticket.agent },
    StepColumn("last_agent", "text", later: true) { $0.ticket.lastAgent },
    StepColumn("first_allowed_us", "bigint") { $0.ticket.clocks.firstResponse.allowed?.wholeMicroseconds },
    StepColumn("first_due_at", "timestamptz") { $0.ticket.clocks.firstResponse.dueAt },
    StepColumn("first_paused_at", "timestamptz", later: true) { $0.ticket.clocks.firstResponse.pausedAt },
    StepColumn("first_met_at", "timestamptz", later: true) { $0.ticket.clocks.firstResponse.stoppedAt },
    StepColumn("first_notified", "smallint", later: true) { $0.ticket.clocks.firstResponse.notifiedPercent },
    StepColumn("resolution_allowed_us", "bigint") { $0.ticket.clocks.resolution.allowed?.wholeMicroseconds },
    StepColumn("resolution_due_at", "timestamptz") { $0.ticket.clocks.resolution.dueAt },
    StepColumn("resolution_paused_at", "timestamptz", later: true) { $0.ticket.clocks.resolution.pausedAt },
    StepColumn("resolution_met_at", "timestamptz", later: true) { $0.ticket.clocks.resolution.stoppedAt },
    StepColumn("resolution_notified", "smallint", later: true) { $0.ticket.clocks.resolution.notifiedPercent },
    StepColumn("clock_state", "jsonb", later: true) { ClockCodec.state(of: $0.ticket) },
    StepColumn("service_level", "text") { $0.ticket.clocks.serviceLevel },
    StepColumn("pauses_while_pending", "boolean") { $0.ticket.clocks.pausesWhilePending },
    StepColumn("resolved_at", "timestamptz", later: true) { $0.ticket.resolvedAt },
    StepColumn("reopen_count", "integer", later: true) { $0.ticket.reopenCount },
    StepColumn("policy_version", "integer") { $0.ticket.policyVersion },
    StepColumn("waiting_queue", "text") { $0.ticket.state.waitsForAgent ? $0.ticket.queue : nil },
    StepColumn("rank", "smallint") { $0.ticket.rank },
    StepColumn("next_check_at", "timestamptz") { $0.ticket.clocks.nextCheckAt },
    StepColumn("holder", "text", later: true) { $0.ticket.capacityHolder },
    StepColumn("close_at", "timestamptz", later: true) { step in
      (step.ticket.resolvedAt ?? step.ticket.answeredAt).map { $0 + step.reopenWindow }
    },
    StepColumn("reply_due_since", "timestamptz", later: true) { $0.ticket.replyDueSince },
    StepColumn("answered_at", "timestamptz", later: true) { $0.ticket.answeredAt },
    StepColumn("confirmed_at", "timestamptz", later: true) { $0.ticket.confirmedAt },
    StepColumn("offer_pauses", "text", later: true) { TicketCodec.text(of: $0.ticket.pauses) },
    StepColumn("conversation", "jsonb") { ConversationCodec.document(of: $0.ticket.conversation) },
    StepColumn("call_back", "jsonb") { CallBackCodec.document(of: $0.ticket.callBack) },
    StepColumn("fields", "jsonb") { FieldsCodec.document(of: $0.ticket.fields) },
    StepColumn("guest_channel", "text", later: true, assigned: guest("channel")) { $0.ticket.guest?.channel },
    StepColumn("guest_customer", "text", later: true, assigned: guest("customer")) { $0.ticket.guest?.customer },
  ]

  /// A guest who was erased since the message was read is not stored again.
  private static func guest(_ part: String) -> String {
    """
    CASE WHEN s.guest_customer IS NOT NULL AND EXISTS (
      SELECT FROM desk.ticket_guest g WHERE g.ticket = s.id AND g.channel = s.guest_channel AND g.customer = s.guest_customer)
    THEN s.guest_\(part) END
    """
  }

  static let whenFirstRouted = all.filter(\.changesWhenFirstRouted)

  /// The columns of progress notices, written only where a ticket has had one: every column costs time at each step.
  static let progress = [
    StepColumn("progress", "jsonb") { ProgressCodec.document(of: $0.ticket.progress) },
    StepColumn("progress_due_at", "timestamptz") { $0.ticket.progress.pending?.due },
  ]
}

extension TicketStep {
  /// Whether the step is the ticket's first. The ticket may have no wide row before.
  var isFirst: Bool { expectedVersion == 1 }

  /// Whether the step routes a newly accepted ticket, and changes nothing else.
  package var isFirstRouting: Bool {
    isFirst && !decides.isEmpty && ticket.state.waitsForAgent && ticket.refusedBy.isEmpty && ticket.lastAgent == nil
      && ticket.reopenCount == 0 && ClockCodec.isUntouched(ticket)
  }
}
