import DeskCore
import PostgreSQL

/// The one statement that changes tickets. Either a step takes effect with all that belongs to it, or nothing of it does.
///
/// A step takes effect only when
/// - the ticket's `version` is the one that the step began with (compare-and-set),
/// - every message that it decides is still undecided,
/// - the agent whose load it raises is available and has room,
/// - the fence, if there is one, still stands: the lease row is locked for the length of the statement, so that a successor
///   takes over before it or after it, never within.
///
/// Why two routers that decide the same message cannot both succeed: a message leaves the inbox only in a statement that also
/// raises its ticket's version. Whoever read the version before that fails the compare-and-set; whoever read it after finds the
/// message gone.
struct CommitStatement: Sendable {
  /// What a call needs beyond tickets, messages and timeline; parts that are not needed are left out of the statement's text.
  struct Parts: OptionSet, Hashable, Sendable {
    let rawValue: Int
    static let decides = Parts(rawValue: 1)
    static let notices = Parts(rawValue: 2)
    static let loads = Parts(rawValue: 4)
    static let outgoing = Parts(rawValue: 8)
    static let fence = Parts(rawValue: 16)
    static let archive = Parts(rawValue: 32)
  }

  let parts: Parts

  /// All statements are made once: one for each combination of parts.
  private static let statements: [PostgresStatement<TicketID>] = (0..<64).map { raw in
    let statement = CommitStatement(parts: Parts(rawValue: raw))
    return PostgresStatement<TicketID>("commit_steps_\(raw)", statement.text)
  }

  static func statement(for parts: Parts) -> PostgresStatement<TicketID> {
    statements[parts.rawValue]
  }

  // MARK: - Text

  /// Hands out `$1`, `$2`, … in the order in which `parameters` lists the values.
  private struct Numbering {
    var last = 0
    mutating func next(_ type: String) -> String {
      last += 1
      return "$\(last)::\(type)"
    }
    mutating func unnest(_ types: [String]) -> String {
      "unnest(" + types.map { next($0 + "[]") }.joined(separator: ", ") + ")"
    }
  }

  private var text: String {
    var number = Numbering()
    var parts: [String] = []
    let columns = StepColumn.all
    parts.append(
      """
      step AS MATERIALIZED (
        SELECT * FROM \(number.unnest(["uuid", "integer", "integer"] + columns.map(\.type)))
          AS s(id, expected_version, decides, \(columns.map(\.name).joined(separator: ", "))))
      """)
    let event = number.unnest(["uuid", "integer", "smallint", "text", "text", "timestamptz", "jsonb", "text"])
    var conditions: [String] = []
    var source = "step"

    if self.parts.contains(.decides) {
      parts.append("decided AS MATERIALIZED (SELECT * FROM \(number.unnest(["uuid", "uuid"])) AS d(message_id, ticket_id))")
      parts.append(
        """
        present AS MATERIALIZED (
          SELECT d.ticket_id, count(*) AS messages FROM decided d
            JOIN LATERAL (SELECT FROM desk.inbox b WHERE b.message_id = d.message_id LIMIT 1) b ON true
           GROUP BY d.ticket_id)
        """)
      parts.append(
        """
        allowed AS MATERIALIZED (
          SELECT s.* FROM step s LEFT JOIN present p ON p.ticket_id = s.id WHERE s.decides = coalesce(p.messages, 0))
        """)
      source = "allowed"
    }
    if self.parts.contains(.loads) {
      parts.append(
        "load AS MATERIALIZED (SELECT * FROM \(number.unnest(["uuid", "text", "integer", "boolean"])) AS l(ticket_id, agent, change, away))"
      )
      // Locked in the order of names: two statements that want the same agents wait for each other in one direction only.
      parts.append(
        """
        seat AS MATERIALIZED (
          SELECT a.agent, a.presence, a.capacity - a.load AS room FROM desk.agent_state a
           WHERE a.agent IN (SELECT agent FROM load) ORDER BY a.agent FOR UPDATE)
        """)
      conditions.append(
        """
        NOT EXISTS (SELECT FROM load l LEFT JOIN seat USING (agent) WHERE l.ticket_id = s.id AND l.change > 0
                     AND (seat.agent IS NULL OR seat.presence <> 'available' OR seat.room < l.change))
        """)
    }
    if self.parts.contains(.fence) {
      let lease = number.next("text")
      let holder = number.next("uuid")
      let term = number.next("bigint")
      parts.append(
        """
        fence AS MATERIALIZED (
          SELECT name FROM desk.lease WHERE name = \(lease) AND holder = \(holder) AND term = \(term)
             AND expires_at > clock_timestamp() FOR SHARE)
        """)
      conditions.append("EXISTS (SELECT FROM fence)")
    }
    let assignments = columns.map { "\($0.name) = s.\($0.name)" }.joined(separator: ", ")
    if self.parts.contains(.archive) {
      // A row can be written once in a statement: a ticket that ends is taken out, and kept as it became.
      parts.append(
        """
        changed AS (
          DELETE FROM desk.ticket t USING \(source) s
           WHERE \((["t.id = s.id", "t.version = s.expected_version"] + conditions).joined(separator: " AND "))
          RETURNING t.id, t.channel, t.customer, t.opened_at, s.queue AS last_queue, s.state AS last_state,
                    s.version AS last_version, to_jsonb(t) AS document)
        """)
      parts.append(
        """
        archived AS (
          INSERT INTO desk.closed_ticket (id, state, channel, customer, queue, opened_at, closed_at, ticket)
          SELECT c.id, c.last_state, c.channel, c.customer, c.last_queue, c.opened_at, now(),
                 c.document || jsonb_build_object('state', c.last_state, 'version', c.last_version)
            FROM changed c)
        """)
    } else {
      parts.append(
        """
        changed AS (
          UPDATE desk.ticket t SET \(assignments) FROM \(source) s
           WHERE \((["t.id = s.id", "t.version = s.expected_version"] + conditions).joined(separator: " AND "))
          RETURNING t.id)
        """)
    }
    parts.append(
      """
      told AS (
        INSERT INTO desk.ticket_event (ticket_id, version, position, kind, actor, at, detail, traceparent)
        SELECT e.* FROM \(event) AS e(ticket_id, version, position, kind, actor, at, detail, traceparent)
         WHERE e.ticket_id IN (SELECT id FROM changed))
      """)
    if self.parts.contains(.decides) {
      parts.append(
        """
        gone AS (
          DELETE FROM desk.inbox b USING decided d
           WHERE b.message_id = d.message_id AND d.ticket_id IN (SELECT id FROM changed))
        """)
    }
    if self.parts.contains(.notices) {
      parts.append(
        """
        owed AS (
          INSERT INTO desk.outbox (id, hook, kind, ticket_id, body, created_at, next_attempt_at)
          SELECT n.id, n.hook, n.kind, n.ticket_id, n.body, now(), now()
            FROM \(number.unnest(["uuid", "text", "text", "uuid", "text"])) AS n(id, hook, kind, ticket_id, body)
           WHERE n.ticket_id IN (SELECT id FROM changed))
        """)
    }
    if self.parts.contains(.loads) {
      parts.append(
        """
        carried AS (
          UPDATE desk.agent_state a
             SET load = a.load + sums.change,
                 idle_since = CASE WHEN sums.change > 0 THEN clock_timestamp() ELSE a.idle_since END,
                 presence = CASE WHEN sums.away AND a.presence = 'available' THEN 'away' ELSE a.presence END
            FROM (SELECT l.agent, sum(l.change)::integer AS change, bool_or(l.away) AS away FROM load l
                   WHERE l.ticket_id IN (SELECT id FROM changed) GROUP BY l.agent) sums
           WHERE a.agent = sums.agent)
        """)
    }
    if self.parts.contains(.outgoing) {
      parts.append(
        """
        written AS (
          INSERT INTO desk.message (id, ticket_id, direction, channel, author, body, received_at, traceparent)
          SELECT o.id, o.ticket_id, o.direction, o.channel, o.author, o.body, now(), o.traceparent
            FROM \(number.unnest(["uuid", "uuid", "smallint", "text", "text", "text", "text"]))
              AS o(id, ticket_id, direction, channel, author, body, traceparent)
           WHERE o.ticket_id IN (SELECT id FROM changed))
        """)
    }
    if self.parts.contains(.archive) {
      parts.append(
        """
        buried AS (
          INSERT INTO desk.dead_letter (id, kind, ticket_id, reason, body)
          SELECT x.id, 'message', x.ticket_id, x.reason, c.document
            FROM \(number.unnest(["uuid", "uuid", "text"])) AS x(id, ticket_id, reason)
            JOIN changed c ON c.id = x.ticket_id)
        """)
    }
    return "WITH " + parts.joined(separator: ",\n") + "\nSELECT id FROM changed"
  }
}

// MARK: - Parameters

extension CommitStatement {
  /// Which parts these steps need.
  static func parts(for steps: [TicketStep], fence: Fence?) -> Parts {
    var parts: Parts = []
    if fence != nil { parts.insert(.fence) }
    for step in steps {
      if !step.decides.isEmpty { parts.insert(.decides) }
      if !step.notices.isEmpty { parts.insert(.notices) }
      if step.outgoing != nil { parts.insert(.outgoing) }
      for effect in step.effects {
        switch effect {
        case .changeLoad, .setAway: parts.insert(.loads)
        case .archive: parts.insert(.archive)
        default: break
        }
      }
    }
    return parts
  }

  /// The values, in the order in which `text` numbers them.
  func parameters(for steps: [TicketStep], fence: Fence?) -> [any PostgresEncodable] {
    var values: [any PostgresEncodable] = [
      steps.map(\.ticket.id), steps.map(\.expectedVersion), steps.map { Int32($0.decides.count) },
    ]
    values += StepColumn.all.map { $0.values(steps) }
    let events = EventColumns(steps)
    values += [
      events.tickets, events.versions, events.positions, events.kinds, events.actors, events.moments, events.details,
      events.traces,
    ]
    if parts.contains(.decides) {
      values.append(steps.flatMap(\.decides))
      values.append(steps.flatMap { step in step.decides.map { _ in step.ticket.id } })
    }
    if parts.contains(.loads) {
      let loads = LoadColumns(steps)
      values += [loads.tickets, loads.agents, loads.changes, loads.away]
    }
    if let fence, parts.contains(.fence) {
      values += [fence.lease, fence.holder, fence.term]
    }
    if parts.contains(.notices) {
      let notices = steps.flatMap(\.notices)
      values += [
        notices.map(\.id), notices.map(\.hook), notices.map(\.kind.rawValue), notices.map(\.ticket),
        notices.map(\.body.json),
      ]
    }
    if parts.contains(.outgoing) {
      let written = steps.filter { $0.outgoing != nil }
      let messages = written.compactMap(\.outgoing)
      values += [
        messages.map(\.id), written.map(\.ticket.id), messages.map { Int16($0.isPublic ? 2 : 3) },
        written.map(\.ticket.channel), messages.map(\.author), messages.map(\.body), written.map(\.traceparent),
      ]
    }
    if parts.contains(.archive) {
      var ids: [MessageID] = []
      var tickets: [TicketID] = []
      var reasons: [String] = []
      for step in steps {
        for case .bury(let reason) in step.effects {
          ids.append(step.decides.first ?? step.ticket.id.of(Labels.self))
          tickets.append(step.ticket.id)
          reasons.append(reason)
        }
      }
      values += [ids, tickets, reasons]
    }
    return values
  }
}

/// The timeline entries of some steps, column by column.
private struct EventColumns {
  var tickets: [TicketID] = []
  var versions: [Int32] = []
  var positions: [Int16] = []
  var kinds: [String] = []
  var actors: [String] = []
  var moments: [Instant] = []
  var details: [PostgresJSON] = []
  var traces: [String?] = []

  init(_ steps: [TicketStep]) {
    for step in steps {
      var position: Int16 = 0
      for case .record(let entry) in step.effects {
        tickets.append(step.ticket.id)
        versions.append(step.ticket.version)
        positions.append(position)
        kinds.append(entry.kind.rawValue)
        actors.append(entry.actor.text)
        moments.append(step.at)
        details.append(PostgresJSON(entry.detail.json))
        traces.append(step.traceparent)
        position += 1
      }
    }
  }
}

/// The changes of load of some steps, column by column.
private struct LoadColumns {
  var tickets: [TicketID] = []
  var agents: [AgentID] = []
  var changes: [Int32] = []
  var away: [Bool] = []

  init(_ steps: [TicketStep]) {
    for step in steps {
      for effect in step.effects {
        switch effect {
        case .changeLoad(let agent, let change): append(step.ticket.id, agent, change, false)
        case .setAway(let agent): append(step.ticket.id, agent, 0, true)
        default: break
        }
      }
    }
  }

  private mutating func append(_ ticket: TicketID, _ agent: AgentID, _ change: Int32, _ isAway: Bool) {
    tickets.append(ticket)
    agents.append(agent)
    changes.append(change)
    away.append(isAway)
  }
}
