public import DeskCore
import PostgreSQL

/// A customer's message that was decided, as the search for new kinds and grave words reads it.
public struct ScannedMessage: Sendable, Hashable {
  /// The message.
  public let message: MessageID
  /// Its ticket.
  public let ticket: TicketID
  /// When it arrived.
  public let at: Instant
  /// The message text.
  public internal(set) var body: String
  /// The ticket's category, queue and mood now; the category is nil for a ticket that has ended.
  public let category: String?
  public let queue: QueueID?
  public let isAngry: Bool
  /// Whether it may state what the ticket is about: it arrived soon after the ticket was opened, which belongs to no group yet.
  public let mayBegin: Bool

  /// The same message as a member of a group; nil for a ticket without a category.
  public var candidate: FeedbackCandidate? {
    category.map { FeedbackCandidate(ticket: ticket, category: $0, message: message, at: at, body: body) }
  }
}

/// What was found in messages.
public struct ScannedIssues: Sendable {
  /// New groups.
  public var opened: [FeedbackGroup] = []
  /// The messages that begin a ticket, with their group; nil for one that cannot be compared.
  public var members: [(message: ScannedMessage, group: Identifier<FeedbackGroup>?)] = []
  /// The messages that mention a topic.
  public var mentions: [(message: ScannedMessage, topic: String)] = []

  /// Creates an empty finding.
  public init() {}
}

/// How often a new kind of question arrived.
public struct NewKindFigures: Sendable, Hashable {
  /// The group of similar messages.
  public let group: Identifier<FeedbackGroup>
  /// The category that it is beneath.
  public let category: String
  /// When its first message arrived.
  public let firstSeen: Instant
  /// The tickets in the window that ends now.
  public let tickets: Int64
  /// The mean of all windows before this one; nil if the desk has no history.
  public let usual: Double?
  /// Some of its tickets, newest first.
  public let examples: [TicketID]
  /// Whether the whole category is hot.
  public let isCategoryHot: Bool
  /// Whether it has an open alert.
  public let isHot: Bool
}

extension LearningStore {
  /// Returns customers' messages that have not been read by this search, oldest first, and the reader's new position. Reads only messages
  /// before which everything is decided.
  public func messagesToScan(
    distance: Duration, limit: Int
  ) async throws -> (messages: [ScannedMessage], upTo: MessageID?) {
    guard let position = try await pool.query(LearningStore.issuesPosition).first else { return ([], nil) }
    let rows = try await pool.query(
      LearningStore.freshMessages.opening(words), [distance.inSeconds, Int64(limit), position])
    return (rows.compactMap(\.message), rows.last?.id)
  }

  /// Returns the groups that grew last, at most `limit`.
  public func questionGroups(limit: Int) async throws -> [FeedbackGroup] {
    try await pool.query(LearningStore.questionGroups, [Int64(limit)])
  }

  /// Stores what was found, counts it for the open crisis cases, and moves the reader: in one transaction.
  public func note(_ found: ScannedIssues, upTo: MessageID) async throws {
    var batch = PostgresBatch("note_issues")
    let (opened, members, mentions) = (found.opened, found.members, found.mentions)
    batch.add(
      LearningStore.openQuestionGroups,
      [
        opened.map(\.id), opened.map(\.category), opened.map(\.signature), opened.map(\.firstMessage),
        opened.map(\.firstTicket), opened.map(\.openedAt),
      ])
    batch.add(
      LearningStore.addQuestionMembers,
      [
        members.map(\.message.ticket), members.map(\.group), members.map { $0.message.category ?? "" },
        members.map(\.message.queue?.rawValue), members.map(\.message.isAngry), members.map(\.message.at),
      ])
    batch.add(
      LearningStore.addMentions,
      [
        mentions.map(\.topic), mentions.map(\.message.ticket), mentions.map(\.message.queue?.rawValue),
        mentions.map(\.message.isAngry), mentions.map(\.message.at),
      ])
    batch.add(LearningStore.moveCursor, ["issues", upTo])
    _ = try await pool.transaction(batch)
  }

  /// Returns the groups that are younger than `age` and have at least `least` tickets in the window, and those with an open alert.
  public func newKinds(atLeast least: Int, youngerThan age: Duration) async throws -> [NewKindFigures] {
    try await pool.query(LearningStore.newKinds, [Int64(least), age.inSeconds])
  }

  /// Raises an alert for a new kind, with the subscribers' notices.
  /// - Returns: the alert; nil when one is already open.
  public func raiseHotIssue(
    _ figures: NewKindFigures, expected: Double, notifying notices: [Notice]
  ) async throws -> HotIssue? {
    var batch = PostgresBatch("raise_new_kind")
    let raised = batch.add(
      LearningStore.insertNewKind,
      [
        figures.category, figures.tickets, expected, figures.examples, figures.group, figures.firstSeen,
        notices.map(\.id), notices.map(\.hook), notices.map(\.kind.rawValue), notices.map(\.ticket),
        notices.map(\.body.json),
      ])
    return try await pool.transaction(batch).rows(raised).first
  }

  /// Ends the alert of a new kind.
  public func endHotIssue(of group: Identifier<FeedbackGroup>) async throws {
    try await pool.execute(LearningStore.endNewKind, [group])
  }

  /// Deletes members and mentions that no window and no open case uses any more, and groups that did not grow for a long time: single
  /// messages after a day, others after `age`; of mentions and groups at most `StoreBounds.questionsForgottenAtOnce` in one call.
  public func forgetQuestions(groupsAfter age: Duration) async throws {
    try await pool.execute(LearningStore.forgetMembers)
    let limit = Int64(StoreBounds.questionsForgottenAtOnce)
    try await pool.execute(LearningStore.forgetMentions, [limit])
    try await pool.execute(LearningStore.forgetGroups, [age.inSeconds, limit])
  }

  // MARK: - Statements

  private struct FreshRow: WordedRow {
    let id: MessageID
    var message: ScannedMessage?

    mutating func open(by words: WordCodec) {
      guard var scanned = message else { return }
      words.openOrEmpty(&scanned.body, .body(scanned.message))
      message = scanned
    }
  }

  private static let issuesPosition = PostgresStatement<MessageID>(
    "issues_position", "SELECT up_to FROM desk.watch_cursor WHERE name = 'issues'", planning: .once)

  /// The last row gives the position reached. The position before it is a parameter, so that earlier days are not opened. A ticket states
  /// its concern within a quarter of an hour: many begin with a greeting.
  private static let freshMessages = PostgresStatement(
    "messages_to_scan",
    """
    WITH span AS MATERIALIZED (
      SELECT $3::uuid AS low,
             desk.settled_horizon(make_interval(secs => $1)) AS high),
    fresh AS MATERIALIZED (
      SELECT m.id, m.ticket_id, m.received_at, m.body FROM desk.message m
       WHERE m.id > $3 AND m.id < (SELECT high FROM span) AND m.direction = 1
       ORDER BY m.id LIMIT $2)
    SELECT f.id, f.ticket_id, f.received_at, f.body, t.category, t.queue, coalesce(t.sentiment < 0, false),
           t.category IS NOT NULL AND f.received_at <= t.opened_at + interval '15 minutes'
             AND NOT EXISTS (SELECT FROM desk.question_member q WHERE q.ticket = f.ticket_id)
      FROM fresh f LEFT JOIN desk.ticket t ON t.id = f.ticket_id
    UNION ALL
    SELECT high, NULL, NULL, NULL, NULL, NULL, false, false FROM span WHERE high > low AND (SELECT count(*) FROM fresh) < $2
    ORDER BY 1
    """, planning: .once
  ) { row in
    let id: MessageID = try row.next()
    let ticket: TicketID? = try row.next()
    guard let ticket else {
      row.skipRest()
      return FreshRow(id: id, message: nil)
    }
    return try FreshRow(
      id: id,
      message: ScannedMessage(
        message: id, ticket: ticket, at: row.next(), body: row.next(), category: row.next(), queue: row.next(),
        isAngry: row.next(), mayBegin: row.next()))
  }

  private static let questionGroups = PostgresStatement(
    "question_groups",
    """
    SELECT id, category, signature, first_message, first_ticket, opened_at, tickets
      FROM desk.question_group ORDER BY last_at DESC LIMIT $1
    """
  ) { row in
    try FeedbackGroup(
      id: row.next(), category: row.next(), signature: row.next(), firstMessage: row.next(), firstTicket: row.next(),
      openedAt: row.next(), messages: row.next())
  }

  private static let openQuestionGroups = PostgresStatement<Void>(
    "open_question_groups",
    """
    INSERT INTO desk.question_group (id, category, signature, first_message, first_ticket, opened_at, last_at)
    SELECT g.*, g.opened_at
      FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::uuid[], $5::uuid[], $6::timestamptz[])
        AS g(id, category, signature, first_message, first_ticket, opened_at)
    """)

  private static let addQuestionMembers = PostgresStatement<Void>(
    "add_question_members",
    """
    WITH added AS (
      INSERT INTO desk.question_member (ticket, group_id, category, queue, angry, at)
      SELECT n.ticket, g.id, n.category, n.queue, n.angry, n.at
        FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::boolean[], $6::timestamptz[])
               AS n(ticket, group_id, category, queue, angry, at)
        LEFT JOIN desk.question_group g ON g.id = n.group_id
      ON CONFLICT (ticket) DO NOTHING RETURNING group_id, category, queue, angry, at),
    grown AS (
      UPDATE desk.question_group g SET tickets = g.tickets + a.added, last_at = greatest(g.last_at, a.newest)
        FROM (SELECT group_id, count(*) AS added, max(at) AS newest FROM added GROUP BY group_id) a WHERE g.id = a.group_id)
    INSERT INTO desk.crisis_slot AS s (crisis, slot, queue, tickets, angry)
    SELECT c.id, date_bin('5 minutes', a.at, 'epoch'), coalesce(a.queue, ''), count(*), count(*) FILTER (WHERE a.angry)
      FROM added a JOIN desk.crisis c ON c.ended_at IS NULL AND c.cause NOT LIKE 'words:%'
       AND (c.kinds = '{}' OR a.category = ANY(c.kinds)) GROUP BY 1, 2, 3
    ON CONFLICT (crisis, slot, queue) DO UPDATE SET tickets = s.tickets + excluded.tickets, angry = s.angry + excluded.angry
    """)

  private static let addMentions = PostgresStatement<Void>(
    "add_topic_mentions",
    """
    WITH added AS (
      INSERT INTO desk.topic_mention (topic, ticket, queue, angry, at)
      SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::boolean[], $5::timestamptz[])
      ON CONFLICT (topic, ticket) DO NOTHING RETURNING topic, queue, angry, at)
    INSERT INTO desk.crisis_slot AS s (crisis, slot, queue, tickets, angry)
    SELECT c.id, date_bin('5 minutes', a.at, 'epoch'), coalesce(a.queue, ''), count(*), count(*) FILTER (WHERE a.angry)
      FROM added a JOIN desk.crisis c ON c.ended_at IS NULL AND c.cause = 'words:' || a.topic GROUP BY 1, 2, 3
    ON CONFLICT (crisis, slot, queue) DO UPDATE SET tickets = s.tickets + excluded.tickets, angry = s.angry + excluded.angry
    """)

  /// The window is that of the categories: the current slot and the two before it.
  private static let newKinds = PostgresStatement(
    "new_kinds",
    """
    WITH now_slot AS (SELECT date_bin('5 minutes', now(), 'epoch') AS slot),
    first AS (SELECT min(slot) AS slot FROM desk.arrival_slot),
    current AS MATERIALIZED (
      SELECT m.group_id, count(*) AS tickets FROM desk.question_member m
       WHERE m.at >= (SELECT slot FROM now_slot) - interval '10 minutes' AND m.group_id IS NOT NULL GROUP BY 1),
    hot AS (SELECT category, group_id FROM desk.hot_issue WHERE ended_at IS NULL)
    SELECT g.id, g.category, g.opened_at, coalesce(c.tickets, 0),
           CASE WHEN first.slot < n.slot - interval '45 minutes' THEN
             greatest(g.tickets - coalesce(c.tickets, 0), 0)::double precision * 900
               / extract(epoch FROM n.slot - interval '10 minutes' - greatest(first.slot, n.slot - interval '2 days'))::double precision
           END,
           ARRAY(SELECT m.ticket FROM desk.question_member m
                  WHERE m.group_id = g.id AND m.at >= n.slot - interval '10 minutes' ORDER BY m.at DESC LIMIT 5),
           EXISTS (SELECT FROM hot h WHERE h.category = g.category AND h.group_id IS NULL),
           EXISTS (SELECT FROM hot h WHERE h.group_id = g.id)
      FROM desk.question_group g CROSS JOIN now_slot n CROSS JOIN first LEFT JOIN current c ON c.group_id = g.id
     WHERE g.id IN (SELECT group_id FROM current WHERE tickets >= $1 UNION SELECT group_id FROM hot WHERE group_id IS NOT NULL)
       AND (g.opened_at > now() - make_interval(secs => $2) OR EXISTS (SELECT FROM hot h WHERE h.group_id = g.id))
     ORDER BY g.id
    """
  ) { row in
    try NewKindFigures(
      group: row.next(), category: row.next(), firstSeen: row.next(), tickets: row.next(), usual: row.next(),
      examples: row.next(), isCategoryHot: row.next(), isHot: row.next())
  }

  /// Two watchers at once: the second finds the row of the first.
  private static let insertNewKind = PostgresStatement(
    "raise_new_kind",
    """
    WITH raised AS (
      INSERT INTO desk.hot_issue (category, tickets, expected, examples, group_id, first_seen) VALUES ($1, $2, $3, $4, $5, $6)
      ON CONFLICT DO NOTHING RETURNING \(hotColumns)),
    owed AS (
      INSERT INTO desk.outbox (id, hook, kind, ticket_id, body, created_at, next_attempt_at)
      SELECT n.id, n.hook, n.kind, n.ticket_id, n.body, now(), now()
        FROM raised, unnest($7::uuid[], $8::text[], $9::text[], $10::uuid[], $11::text[]) AS n(id, hook, kind, ticket_id, body))
    SELECT \(hotColumns) FROM raised
    """, row: readHot)

  private static let endNewKind = PostgresStatement<Void>(
    "end_new_kind", "UPDATE desk.hot_issue SET ended_at = clock_timestamp() WHERE group_id = $1 AND ended_at IS NULL")

  private static let forgetMembers = PostgresStatement<Void>(
    "forget_question_members", "DELETE FROM desk.question_member WHERE at < now() - interval '1 hour'")

  /// Goes from topic to topic by the index: the mentions of an open case, of which there can be many, are not read.
  private static let forgetMentions = PostgresStatement<Void>(
    "forget_topic_mentions",
    """
    DELETE FROM desk.topic_mention WHERE ctid = ANY (ARRAY(
      WITH RECURSIVE known AS (
        SELECT min(topic) AS topic FROM desk.topic_mention
        UNION ALL SELECT (SELECT min(m.topic) FROM desk.topic_mention m WHERE m.topic > k.topic) FROM known k WHERE k.topic IS NOT NULL)
      SELECT old.place FROM known k CROSS JOIN LATERAL (
        SELECT m.ctid AS place FROM desk.topic_mention m
         WHERE (m.topic, m.at) >= (k.topic, '-infinity') AND (m.topic, m.at) < (k.topic, now() - interval '1 hour')
         ORDER BY m.topic, m.at LIMIT $1) old
       WHERE k.topic IS NOT NULL AND NOT EXISTS (SELECT FROM desk.crisis c WHERE c.ended_at IS NULL AND c.cause = 'words:' || k.topic) LIMIT $1))
    """)

  private static let forgetGroups = PostgresStatement<Void>(
    "forget_question_groups",
    """
    DELETE FROM desk.question_group WHERE ctid = ANY (ARRAY(
      SELECT old.ctid FROM (
        (SELECT g.ctid, g.id FROM desk.question_group g
          WHERE g.tickets < 3 AND g.last_at < now() - interval '1 day' ORDER BY g.last_at LIMIT $2)
        UNION ALL
        (SELECT g.ctid, g.id FROM desk.question_group g WHERE g.last_at < now() - make_interval(secs => $1) ORDER BY g.last_at LIMIT $2)) old
       WHERE NOT EXISTS (SELECT FROM desk.hot_issue h WHERE h.group_id = old.id AND h.ended_at IS NULL)))
    """)
}
