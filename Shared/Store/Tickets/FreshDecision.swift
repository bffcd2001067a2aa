import DeskCore
import PostgreSQL

/// The statement for what most decisions are: a new ticket's first routing, by its one message, with one timeline entry.
///
/// It has the conditions of `CommitStatement`, and reaches them with less work: the messages are not locked first and deleted later, but
/// deleted at once, by which the statement learns which of them were still undecided; and a ticket's row is written without
/// `ON CONFLICT`, because only a first step that failed before leaves one. Where there is one, the statement fails with
/// `PostgresCondition.unique` and has no effect, and `CommitStatement` writes the whole batch.
///
/// Two routers that decide the same message both delete its row: the second waits, and finds it gone.
struct FreshDecision: Sendable {
  let hasNotices: Bool
  let hasProgress: Bool

  /// Whether this statement can write a step.
  static func canWrite(_ step: TicketStep) -> Bool {
    guard step.isFirstRouting, step.decides.count == 1, step.outgoing == nil, step.ticket.callBack == nil,
      step.ticket.fields.isEmpty
    else { return false }
    var entries = 0
    for effect in step.effects {
      switch effect {
      case .record: entries += 1
      case .changeLoad, .setAway, .archive, .deadLetter: return false
      default: break
      }
    }
    return entries == 1
  }

  /// Creates the form of the statement that some steps need, all of which it can write.
  init(for steps: [TicketStep]) {
    self.init(
      hasNotices: steps.contains { !$0.notices.isEmpty },
      hasProgress: steps.contains { $0.ticket.progress != ProgressState() })
  }

  private init(hasNotices: Bool, hasProgress: Bool) {
    self.hasNotices = hasNotices
    self.hasProgress = hasProgress
  }

  var statement: PostgresStatement<TicketID> {
    FreshDecision.statements[(hasNotices ? 1 : 0) + (hasProgress ? 2 : 0)]
  }

  /// The values, in the order in which `text` numbers them.
  func parameters(for steps: [TicketStep]) -> [any PostgresEncodable] {
    let events = EventColumns(steps)
    let values: [any PostgresEncodable] =
      [steps.map { $0.decides[0] }, steps.map(\.ticket.id), steps.map(\.ticket.customer)]
      + columns.map { $0.values(steps) }
      + [events.kinds, events.actors, events.moments, events.details, events.traces]
    return hasNotices ? values + CommitStatement.notices(of: steps) : values
  }

  /// All forms, created once.
  private static let statements = [(false, false), (true, false), (false, true), (true, true)].map {
    hasNotices, hasProgress in
    PostgresStatement<TicketID>(
      "fresh_decisions\(hasNotices ? "_with_notices" : "")\(hasProgress ? "_with_progress" : "")",
      FreshDecision(hasNotices: hasNotices, hasProgress: hasProgress).text, planning: .once)
  }

  /// A ticket that is routed waits in its queue, and has neither call-back nor answers.
  private var columns: [StepColumn] {
    FreshDecision.usualColumns + (hasProgress ? StepColumn.progress : [])
  }

  private static let usualColumns = StepColumn.whenFirstRouted.filter { column in
    !["waiting_queue", "call_back", "fields"].contains(column.name)
  }
}

// MARK: - Text

extension FreshDecision {
  private static let entry = [
    ("kind", "text"), ("actor", "text"), ("at", "timestamptz"), ("detail", "jsonb"), ("traceparent", "text"),
  ]

  /// Whatever the server assumes of the inbox's size when it plans, its rows are looked up by their keys: it is never joined. The `CASE`s
  /// keep the server from making joins of the look-ups in the batch, which are hashed as they are.
  private var text: String {
    var number = CommitStatement.Numbering()
    let names = columns.map(\.name).joined(separator: ", ")
    let input = number.rows(
      [("message_id", "uuid"), ("id", "uuid"), ("customer", "text")] + columns.map { ($0.name, $0.type) }
        + FreshDecision.entry)
    var tables = [
      """
      input AS MATERIALIZED (
        SELECT i.*, o.channel, o.tier, o.opened_at, o.previous_ticket FROM (\(input)) i
          JOIN LATERAL (SELECT * FROM desk.open_ticket o WHERE o.ticket_id = i.id AND o.merged_into IS NULL LIMIT 1) o
            ON coalesce(o.known_as, o.customer) = i.customer)
      """,
      """
      taken AS (
        DELETE FROM desk.inbox b
         WHERE b.message_id = ANY(ARRAY(SELECT i.message_id FROM input i))
           AND CASE WHEN (b.message_id, b.ticket_id) IN (SELECT i.message_id, i.id FROM input i) THEN true ELSE false END
        RETURNING b.message_id)
      """,
      """
      changed AS MATERIALIZED (
        SELECT i.* FROM input i WHERE CASE WHEN i.message_id IN (SELECT t.message_id FROM taken t) THEN true ELSE false END)
      """,
      """
      written AS (
        INSERT INTO desk.ticket (id, channel, customer, tier, opened_at, previous_ticket, waiting_queue, \(names))
        SELECT id, channel, customer, tier, opened_at, previous_ticket, queue, \(names) FROM changed)
      """,
      """
      timeline_entries AS (
        INSERT INTO desk.ticket_event (ticket_id, version, position, kind, actor, at, detail, traceparent)
        SELECT id, version, 0, kind, actor, at, detail, traceparent FROM changed)
      """,
    ]
    if hasNotices { tables.append(CommitStatement.outboxDue(&number)) }
    return "WITH " + tables.joined(separator: ",\n") + "\nSELECT id FROM changed"
  }
}

extension CommitStatement.Numbering {
  /// Rows from arrays, one for each column. Unlike `unnest` of all of them in `FROM`, it stores no column before the first row is read.
  mutating func rows(_ columns: [(name: String, type: String)]) -> String {
    "SELECT " + columns.map { "unnest(\(next($0.type + "[]"))) AS \($0.name)" }.joined(separator: ", ")
  }
}
