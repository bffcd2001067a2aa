import DeskCore
import PostgreSQL

/// The one statement that changes tickets. Either a step takes effect with all that belongs to it, or nothing of it does.
///
/// A step takes effect only when
/// - the ticket's `version` is the one that the step began with (compare-and-set), and its customer still bears the name: who was erased
///   meanwhile must not come back by what the step writes,
/// - every message that it decides is still undecided and of this ticket,
/// - the agent whose load it raises is available, or in reserve, and has room for all that the statement asks of that agent, and so
///   have the agents of all steps before it,
/// - no undecided message would be left behind by a ticket that ends,
/// - the fence, if there is one, still stands: the lease row is locked for the length of the statement, so that a successor
///   takes over before it or after it, never within.
///
/// Why two routers that decide the same message cannot both succeed: a message leaves the inbox only in a statement that also
/// raises its ticket's version. Whoever read the version before that fails the compare-and-set; whoever read it after finds the
/// message gone. A ticket's first step raises the version from nothing: it writes the row, which can be written once.
struct CommitStatement: Sendable {
  /// What a call needs beyond tickets and timeline; parts that are not needed are left out of the statement's text.
  struct Parts: OptionSet, Hashable, Sendable {
    let rawValue: Int
    static let decides = Parts(rawValue: 1)
    static let notices = Parts(rawValue: 2)
    static let loads = Parts(rawValue: 4)
    static let outgoing = Parts(rawValue: 8)
    static let fence = Parts(rawValue: 16)
    static let archive = Parts(rawValue: 32)
    /// All steps route fresh tickets, whose rows they write: the hot way, on which many columns need not travel.
    static let firstRouting = Parts(rawValue: 64)

    /// How many combinations there are.
    static let combinations = 128
  }

  let parts: Parts

  /// All statements are made once: one for each combination of parts.
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
    tables += parts.contains(.archive) ? archived : [parts.contains(.firstRouting) ? inserted : updated]
    tables.append(
      """
      told AS (
        INSERT INTO desk.ticket_event (ticket_id, version, position, kind, actor, at, detail, traceparent)
        SELECT e.* FROM \(events) AS e(ticket_id, version, position, kind, actor, at, detail, traceparent)
         WHERE \(tookEffect("e.ticket_id")))
      """)
    if parts.contains(.decides) { tables.append(gone) }
    if parts.contains(.notices) { tables.append(owed(&number)) }
    if parts.contains(.loads) { tables.append(carried) }
    if parts.contains(.outgoing) { tables.append(written(&number)) }
    if parts.contains(.archive) { tables.append(buried(&number)) }
    return "WITH " + tables.joined(separator: ",\n") + "\nSELECT id FROM changed"
  }

  /// Hands out `$1`, `$2`, … in turn.
  private struct Numbering {
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

// MARK: - What is asked

extension CommitStatement {
  /// The columns that travel.
  var columns: [StepColumn] {
    parts.contains(.firstRouting) ? StepColumn.whenFirstRouted : StepColumn.all
  }

  private func steps(_ number: inout Numbering) -> String {
    """
    step AS (
      SELECT * FROM \(number.unnest(["uuid", "integer", "integer", "text"] + columns.map(\.type)))
        AS s(id, expected_version, decides, customer, \(columns.map(\.name).joined(separator: ", "))))
    """
  }

  /// The inbox is a table that fills and empties, so what the server believes of its size is often wrong; both here and where the
  /// rows are deleted, the statement is written so that they are looked up one by one and never joined with the batch.
  ///
  /// Where tickets get their rows, there is no version yet that a rival would have raised: the messages are locked instead, so that
  /// whoever takes one of them away comes before this statement, and is noticed, or after it.
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

  /// Who has no room for a ticket is `full_at` there: beside what the agent has and what the same statement gives before, it must fit into
  /// the capacity, and what takes a whole agent (`TicketWeight`) is given to nobody who has anything. A statement gives in the order in
  /// which it is asked: what comes behind a ticket that cannot be given is `crowded` out as well, for it would overtake.
  ///
  /// Agents are locked in the order of their names and before any ticket, so that two statements that want the same agents wait
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
      seat AS MATERIALIZED (
        SELECT a.agent, a.presence, a.capacity, a.load FROM desk.agent_state a
         WHERE a.agent IN (SELECT agent FROM load) ORDER BY a.agent FOR UPDATE)
      """,
      """
      full_at AS MATERIALIZED (
        SELECT min(l.position) AS position FROM load l LEFT JOIN seat USING (agent)
         WHERE l.change > 0 AND (seat.agent IS NULL OR seat.presence NOT IN ('available', 'reserve')
            OR seat.load + l.before > CASE l.change WHEN \(TicketWeight.whole) THEN 0 ELSE seat.capacity - l.change END))
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
  /// Where the steps come from and which of them may be written, for `UPDATE … FROM` and `DELETE … USING`.
  private var source: String {
    parts.contains(.decides) ? "step s LEFT JOIN present p ON p.ticket_id = s.id" : "step s"
  }

  private var condition: String {
    var conditions = ["t.id = s.id", "t.version = s.expected_version", "t.customer = s.customer"]
    if parts.contains(.decides) { conditions.append("s.decides = coalesce(p.messages, 0)") }
    if parts.contains(.loads) {
      conditions.append("(SELECT count(*) FROM seat) >= 0")
      conditions.append("s.id NOT IN (SELECT ticket_id FROM crowded)")
    }
    if parts.contains(.fence) { conditions.append("EXISTS (SELECT FROM fence)") }
    if parts.contains(.archive) {
      conditions.append(
        """
        (SELECT count(*) FROM desk.message m JOIN desk.inbox b ON b.message_id = m.id WHERE m.ticket_id = s.id) = s.decides
        """)
    }
    return conditions.joined(separator: "\n     AND ")
  }

  private var updated: String {
    let assignments = columns.map { "\($0.name) = \($0.assigned)" }.joined(separator: ", ")
    return """
      changed AS (
        UPDATE desk.ticket t SET \(assignments) FROM \(source)
         WHERE \(condition)
        RETURNING t.id)
      """
  }

  /// Of two statements that write the same ticket's row the second waits and leaves it alone. A first routing gives no agent any load.
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

  /// A row can be written once in a statement: a ticket that ends is taken out, and kept as it became. Everybody whose open ticket it was
  /// has none any more, those among them whose own became part of it. (The row of a ticket that is merged leads on to the other one
  /// by then, and stays.) A ticket that another one continues is not its customer's last.
  private var archived: [String] {
    [
      """
      changed AS (
        DELETE FROM desk.ticket t USING \(source)
         WHERE \(condition)
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

  private func tookEffect(_ ticket: String) -> String {
    "\(ticket) IN (SELECT id FROM changed)"
  }
}

// MARK: - What belongs to a step

extension CommitStatement {
  private var gone: String {
    """
    gone AS (
      DELETE FROM desk.inbox
       WHERE message_id = ANY(ARRAY(SELECT d.message_id FROM decided d WHERE \(tookEffect("d.ticket_id")))))
    """
  }

  private func owed(_ number: inout Numbering) -> String {
    """
    owed AS (
      INSERT INTO desk.outbox (id, hook, kind, ticket_id, body, created_at, next_attempt_at)
      SELECT n.id, n.hook, n.kind, n.ticket_id, n.body, now(), now()
        FROM \(number.unnest(["uuid", "text", "text", "uuid", "text"])) AS n(id, hook, kind, ticket_id, body)
       WHERE \(tookEffect("n.ticket_id")))
    """
  }

  private var carried: String {
    """
    carried AS (
      UPDATE desk.agent_state a
         SET load = a.load + sums.change,
             idle_since = CASE WHEN sums.given THEN clock_timestamp() ELSE a.idle_since END,
             presence = CASE WHEN sums.away AND a.presence IN ('available', 'reserve') THEN 'away' ELSE a.presence END,
             presence_at = CASE WHEN sums.away AND a.presence IN ('available', 'reserve') THEN clock_timestamp() ELSE a.presence_at END
        FROM (SELECT l.agent, sum(l.change)::integer AS change, bool_or(l.change > 0) AS given, bool_or(l.away) AS away
                FROM load l WHERE \(tookEffect("l.ticket_id")) GROUP BY l.agent) sums
       WHERE a.agent = sums.agent)
    """
  }

  private func written(_ number: inout Numbering) -> String {
    """
    written AS (
      INSERT INTO desk.message (id, ticket_id, direction, channel, addressee, author, body, attachments, received_at, traceparent)
      SELECT o.id, o.ticket_id, o.direction, o.channel, o.addressee, o.author, o.body, o.attachments, now(), o.traceparent
        FROM \(number.unnest(["uuid", "uuid", "smallint", "text", "text", "text", "text", "jsonb", "text"]))
          AS o(id, ticket_id, direction, channel, addressee, author, body, attachments, traceparent)
       WHERE \(tookEffect("o.ticket_id")))
    """
  }

  private func buried(_ number: inout Numbering) -> String {
    """
    buried AS (
      INSERT INTO desk.dead_letter (id, kind, ticket_id, reason, body)
      SELECT x.id, 'message', x.ticket_id, x.reason, c.document
        FROM \(number.unnest(["uuid", "uuid", "text"])) AS x(id, ticket_id, reason)
        JOIN changed c ON c.id = x.ticket_id
      ON CONFLICT (id) DO UPDATE SET ticket_id = excluded.ticket_id, reason = excluded.reason, body = excluded.body,
        died_at = now(), replayed_at = NULL)
    """
  }
}
