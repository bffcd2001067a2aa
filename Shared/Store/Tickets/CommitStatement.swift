import DeskCore
import PostgreSQL

/// The one statement that changes tickets. A step takes effect with everything that belongs to it, or not at all.
///
/// A step takes effect only when
/// - the ticket's `version` is the one that the step began with (compare-and-set), and its customer still has the name: data of a customer
///   erased meanwhile must not be reintroduced by the step,
/// - every message that it decides is still undecided and belongs to this ticket,
/// - the agent whose load it raises is available, or in reserve, and has capacity for everything that the statement assigns, and so
///   have the agents of all steps before it,
/// - a ticket that ends would leave no undecided message behind,
/// - the fence, if there is one, is still valid: the lease row is locked for the duration of the statement, so that a successor
///   takes over before it or after it, never during it.
///
/// Why two routers that decide the same message cannot both succeed: a message leaves the inbox only in a statement that also
/// raises its ticket's version. A router that read the version before that fails the compare-and-set; one that read it after finds the
/// message decided. A ticket's first step creates the version: it writes the row, which can be written once.
struct CommitStatement: Sendable {
  /// The parts that a call needs beyond tickets and timeline; unneeded parts are omitted from the statement's text.
  struct Parts: OptionSet, Hashable, Sendable {
    let rawValue: Int
    static let decides = Parts(rawValue: 1)
    static let notices = Parts(rawValue: 2)
    static let loads = Parts(rawValue: 4)
    static let outgoing = Parts(rawValue: 8)
    static let fence = Parts(rawValue: 16)
    static let archive = Parts(rawValue: 32)
    /// All steps route new tickets, whose rows they write: the hot path, on which many columns need not be sent.
    static let firstRouting = Parts(rawValue: 64)
    /// Some ticket has had a progress notice, or is to get one.
    static let progress = Parts(rawValue: 128)

    /// The number of combinations.
    static let combinations = 256
  }

  let parts: Parts

  /// All statements, created once: one for each combination of parts.
  private static let statements: [PostgresStatement<TicketID>] = (0..<Parts.combinations).map { raw in
    PostgresStatement<TicketID>(
      "commit_steps_\(raw)", CommitStatement(parts: Parts(rawValue: raw)).text, planning: .once)
  }

  static func statement(for parts: Parts) -> PostgresStatement<TicketID> {
    statements[parts.rawValue]
  }

  /// The parts' common tables are written in the order in which `parameters(for:fence:)` lists their values.
  private var text: String {
    var number = Numbering()
    var tables = [steps(&number)]
    let events = number.unnest(["uuid", "integer", "smallint", "text", "text", "timestamptz", "jsonb", "text"])
    if parts.contains(.decides) { tables += decided(&number) }
    if parts.contains(.loads) { tables += seats(&number) }
    if parts.contains(.fence) { tables.append(fence(&number)) }
    tables += parts.contains(.archive) ? archived(&number) : [parts.contains(.firstRouting) ? inserted : updated]
    tables.append(
      """
      timeline_entries AS (
        INSERT INTO desk.ticket_event (ticket_id, version, position, kind, actor, at, detail, traceparent)
        SELECT e.* FROM \(events) AS e(ticket_id, version, position, kind, actor, at, detail, traceparent)
         WHERE \(CommitStatement.tookEffect("e.ticket_id")))
      """)
    if parts.contains(.decides) { tables.append(deleted) }
    if parts.contains(.notices) { tables.append(CommitStatement.outboxDue(&number)) }
    if parts.contains(.loads) { tables.append(loadChanges) }
    if parts.contains(.outgoing) { tables += written(&number) }
    if parts.contains(.archive) { tables.append(deadLettered(&number)) }
    return "WITH " + tables.joined(separator: ",\n") + "\nSELECT id FROM changed"
  }

  /// Hands out `$1`, `$2`, … in turn.
  struct Numbering {
    private var last = 0

    mutating func next(_ type: String) -> String {
      last += 1
      return "$\(last)::\(type)"
    }

    mutating func unnest(_ types: [String]) -> String {
      "unnest(" + types.map { next($0 + "[]") }.joined(separator: ", ") + ")"
    }
  }
}

// MARK: - Input

extension CommitStatement {
  /// The columns that are sent.
  var columns: [StepColumn] {
    (parts.contains(.firstRouting) ? StepColumn.whenFirstRouted : StepColumn.all)
      + (parts.contains(.progress) ? StepColumn.progress : [])
  }

  private func steps(_ number: inout Numbering) -> String {
    """
    step AS (
      SELECT * FROM \(number.unnest(["uuid", "integer", "integer", "text"] + columns.map(\.type)))
        AS s(id, expected_version, decides, customer, \(columns.map(\.name).joined(separator: ", "))))
    """
  }

  /// The inbox is a table that fills and empties, so the server's estimate of its size is often wrong; both here and where the
  /// rows are deleted, the statement is written so that they are looked up one by one and never joined with the batch.
  ///
  /// When tickets get their rows, there is no version yet that a competitor would have raised: the messages are locked instead, so that
  /// a competitor that removes one of them runs before this statement, and is noticed, or after it.
  private func decided(_ number: inout Numbering) -> [String] {
    let lock = parts.contains(.firstRouting) ? " FOR UPDATE" : ""
    return [
      "decided AS MATERIALIZED (SELECT * FROM \(number.unnest(["uuid", "uuid"])) AS d(message_id, ticket_id))",
      """
      present AS MATERIALIZED (
        SELECT d.ticket_id, count(*) AS messages FROM decided d
          JOIN LATERAL (
            SELECT b.ticket_id FROM desk.inbox b WHERE b.message_id = d.message_id LIMIT 1\(lock)) b
                ON b.ticket_id = d.ticket_id
         GROUP BY d.ticket_id)
      """,
    ]
  }

  /// An agent without capacity for a ticket is `full_at` there: with the agent's load and the statement's earlier assignments, it must fit
  /// the capacity, and a ticket that takes a whole agent (`TicketWeight`) is only assigned to an idle one. A statement assigns in the order
  /// of its input: tickets behind one that cannot be assigned are `crowded` out as well, because they would overtake it.
  ///
  /// Agents are locked in the order of their names and before any ticket, so that two statements that use the same agents wait
  /// for each other in one direction only.
  private func seats(_ number: inout Numbering) -> [String] {
    [
      """
      load AS MATERIALIZED (
        SELECT ticket_id, agent, change, away, position,
               sum(greatest(change, 0)) OVER (PARTITION BY agent ORDER BY position) - greatest(change, 0) AS before
          FROM \(number.unnest(["uuid", "text", "integer", "boolean"]))
            WITH ORDINALITY AS l(ticket_id, agent, change, away, position))
      """,
      """
      agent_load AS MATERIALIZED (
        SELECT a.agent, a.presence, a.capacity, a.load FROM desk.agent_state a
         WHERE a.agent IN (SELECT agent FROM load) ORDER BY a.agent FOR UPDATE)
      """,
      """
      full_at AS MATERIALIZED (
        SELECT min(l.position) AS position FROM load l LEFT JOIN agent_load USING (agent)
         WHERE l.change > 0 AND (agent_load.agent IS NULL OR agent_load.presence NOT IN ('available', 'reserve')
            OR agent_load.load + l.before > CASE l.change WHEN \(TicketWeight.whole) THEN 0 ELSE agent_load.capacity - l.change END))
      """,
      """
      crowded AS MATERIALIZED (
        SELECT DISTINCT l.ticket_id FROM load l, full_at f WHERE l.change > 0 AND l.position >= f.position)
      """,
    ]
  }

  private func fence(_ number: inout Numbering) -> String {
    let lease = number.next("text")
    let holder = number.next("uuid")
    let term = number.next("bigint")
    return """
      fence AS MATERIALIZED (
        SELECT name FROM desk.lease WHERE name = \(lease) AND holder = \(holder) AND term = \(term)
           AND expires_at > clock_timestamp() FOR SHARE)
      """
  }
}

// MARK: - Which steps take effect

extension CommitStatement {
  /// The source of the steps and the condition for writing them, for `UPDATE … FROM` and `DELETE … USING`.
  private var source: String {
    parts.contains(.decides) ? "step s LEFT JOIN present p ON p.ticket_id = s.id" : "step s"
  }

  /// - Parameter floor: the parameter below which ended tickets have no messages but older ones; nil where none ends.
  private func condition(_ floor: String? = nil) -> String {
    var conditions = ["t.id = s.id", "t.version = s.expected_version", "t.customer = s.customer"]
    if parts.contains(.decides) { conditions.append("s.decides = coalesce(p.messages, 0)") }
    if parts.contains(.loads) {
      conditions.append("(SELECT count(*) FROM agent_load) >= 0")
      conditions.append("s.id NOT IN (SELECT ticket_id FROM crowded)")
    }
    if parts.contains(.fence) { conditions.append("EXISTS (SELECT FROM fence)") }
    if let floor {
      // `MessageFloor`, and what lies below it. Two counts, so that the first opens no other days.
      conditions.append(
        """
        (SELECT count(*) FROM desk.message m JOIN desk.inbox b ON b.message_id = m.id WHERE m.ticket_id = s.id AND m.id >= \(floor))
         + (SELECT count(*) FROM desk.older_message o JOIN desk.inbox b ON b.message_id = o.message_id
             WHERE o.ticket_id = s.id AND o.message_id < \(floor)) = s.decides
        """)
    }
    return conditions.joined(separator: "\n     AND ")
  }

  private var updated: String {
    let assignments = columns.map { "\($0.name) = \($0.assigned)" }.joined(separator: ", ")
    return """
      changed AS (
        UPDATE desk.ticket t SET \(assignments) FROM \(source)
         WHERE \(condition())
        RETURNING t.id)
      """
  }

  /// Of two statements that write the same ticket's row the second waits and leaves it unchanged. A first routing changes no agent's load.
  private var inserted: String {
    let names = columns.map(\.name)
    var conditions = [
      "coalesce(o.known_as, o.customer) = s.customer",
      parts.contains(.decides) ? "s.decides = p.messages" : "s.decides = 0",
    ]
    if parts.contains(.fence) { conditions.append("EXISTS (SELECT FROM fence)") }
    let present = parts.contains(.decides) ? "JOIN present p ON p.ticket_id = s.id" : ""
    return """
      changed AS (
        INSERT INTO desk.ticket (id, channel, customer, tier, opened_at, previous_ticket, \(names.joined(separator: ", ")))
        SELECT s.id, o.channel, coalesce(o.known_as, o.customer), o.tier, o.opened_at, o.previous_ticket, \(names.map { "s.\($0)" }.joined(separator: ", "))
          FROM step s \(present)
          JOIN LATERAL (SELECT * FROM desk.open_ticket o WHERE o.ticket_id = s.id AND o.merged_into IS NULL LIMIT 1) o ON true
         WHERE \(conditions.joined(separator: " AND "))
        ON CONFLICT (id) DO NOTHING
        RETURNING id)
      """
  }

  /// A row can be written once in a statement: a ticket that ends is deleted, and kept in its final state. All customers whose open ticket
  /// it was have none any more, including those whose own was merged into it. (The row of a merged ticket points to the other one
  /// by then, and stays.) A ticket with a continuation is not its customer's last.
  private func archived(_ number: inout Numbering) -> [String] {
    let floor = number.next("uuid")
    return [
      """
      changed AS (
        DELETE FROM desk.ticket t USING \(source)
         WHERE \(condition(floor))
        RETURNING t.id, t.channel, t.customer, t.opened_at, s.queue AS last_queue, s.state AS last_state,
                  (to_jsonb(t) || to_jsonb(s)) - 'expected_version' - 'decides' AS document)
      """,
      """
      archived AS (
        INSERT INTO desk.closed_ticket (id, state, channel, customer, queue, opened_at, closed_at, ticket)
        SELECT id, last_state, channel, customer, last_queue, opened_at, now(), document FROM changed)
      """,
      """
      freed AS (
        DELETE FROM desk.open_ticket
         WHERE (ticket_id = ANY(ARRAY(SELECT id FROM changed)) AND merged_into IS NULL)
            OR (merged_into IS NOT NULL AND merged_into = ANY(ARRAY(SELECT id FROM changed)))
        RETURNING channel, customer, coalesce(merged_into, ticket_id) AS ticket_id, known_as)
      """,
      """
      remembered AS (
        INSERT INTO desk.customer (channel, external_id, last_ticket)
        SELECT f.channel, f.customer, f.ticket_id FROM freed f JOIN changed c ON c.id = f.ticket_id
         WHERE c.last_state = 'closed' AND f.known_as IS NULL ORDER BY f.channel, f.customer
        ON CONFLICT (channel, external_id) DO UPDATE SET last_ticket = excluded.last_ticket)
      """,
    ]
  }

  private static func tookEffect(_ ticket: String) -> String {
    "\(ticket) IN (SELECT id FROM changed)"
  }
}

// MARK: - Effects of a step

extension CommitStatement {
  private var deleted: String {
    """
    deleted AS (
      DELETE FROM desk.inbox
       WHERE message_id = ANY(ARRAY(SELECT d.message_id FROM decided d WHERE \(CommitStatement.tookEffect("d.ticket_id")))))
    """
  }

  static func outboxDue(_ number: inout Numbering) -> String {
    """
    outbox_due AS (
      INSERT INTO desk.outbox (id, hook, kind, ticket_id, body, created_at, next_attempt_at, traceparent)
      SELECT n.id, n.hook, n.kind, n.ticket_id, n.body, now(), now(), n.traceparent
        FROM \(number.unnest(["uuid", "text", "text", "uuid", "text", "text"]))
          AS n(id, hook, kind, ticket_id, body, traceparent)
       WHERE \(tookEffect("n.ticket_id")))
    """
  }

  private var loadChanges: String {
    """
    load_changes AS (
      UPDATE desk.agent_state a
         SET load = a.load + sums.change,
             idle_since = CASE WHEN sums.given THEN clock_timestamp() ELSE a.idle_since END,
             presence = CASE WHEN sums.away AND a.presence IN ('available', 'reserve') THEN 'away' ELSE a.presence END,
             presence_at = CASE WHEN sums.away AND a.presence IN ('available', 'reserve') THEN clock_timestamp() ELSE a.presence_at END
        FROM (SELECT l.agent, sum(l.change)::integer AS change, bool_or(l.change > 0) AS given, bool_or(l.away) AS away
                FROM load l WHERE \(CommitStatement.tookEffect("l.ticket_id")) GROUP BY l.agent) sums
       WHERE a.agent = sums.agent)
    """
  }

  private func written(_ number: inout Numbering) -> [String] {
    [
      """
      outgoing AS MATERIALIZED (
        SELECT * FROM \(number.unnest(["uuid", "uuid", "smallint", "text", "text", "text", "text", "jsonb", "text", "text"]))
          AS o(id, ticket_id, direction, channel, addressee, author, body, attachments, traceparent, hook)
         WHERE \(CommitStatement.tookEffect("o.ticket_id")))
      """,
      """
      written AS (
        INSERT INTO desk.message (id, ticket_id, direction, channel, addressee, author, body, attachments, received_at, traceparent)
        SELECT o.id, o.ticket_id, o.direction, o.channel, o.addressee, o.author, o.body, o.attachments, now(), o.traceparent
          FROM outgoing o)
      """,
      """
      replies AS (
        INSERT INTO desk.reply (id, channel, customer, hook, state_at, written_at)
        SELECT o.id, o.channel, coalesce(o.addressee, s.customer), o.hook, now(), now()
          FROM outgoing o JOIN step s ON s.id = o.ticket_id WHERE o.direction = 2)
      """,
    ]
  }

  private func deadLettered(_ number: inout Numbering) -> String {
    """
    dead_lettered AS (
      INSERT INTO desk.dead_letter (id, kind, ticket_id, reason, body)
      SELECT x.id, 'message', x.ticket_id, x.reason, c.document
        FROM \(number.unnest(["uuid", "uuid", "text"])) AS x(id, ticket_id, reason)
        JOIN changed c ON c.id = x.ticket_id
      ON CONFLICT (id) DO UPDATE SET ticket_id = excluded.ticket_id, reason = excluded.reason, body = excluded.body,
        failed_at = now(), replayed_at = NULL)
    """
  }
}
