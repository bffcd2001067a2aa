public import DeskCore
import PostgreSQL

/// A message that is waiting for its decision, with the data that a stage needs.
public struct UndecidedMessage: Sendable {
  /// The message.
  public let id: MessageID
  /// Its ticket.
  public let ticket: TicketID
  /// The channel.
  public let channel: ChannelID
  /// The customer's external id.
  public let customer: String
  /// The customer's tier.
  public let tier: CustomerTier
  /// The subject line.
  public private(set) var subject: String?
  /// The message text.
  public private(set) var body: String
  /// When it was accepted.
  public let acceptedAt: Instant
  /// Whether it opened its ticket.
  public let opensTicket: Bool
  /// Its trace context.
  public let traceparent: String?
  /// How often it has been claimed from the database.
  public let attempts: Int16
  /// The product line from the channel's attributes.
  public private(set) var productLine: String?
  /// The channel's attributes as they are stored, if they are sealed.
  private var sealedAttributes: String?
  /// The suggested articles, best first, once a classifier has stored them.
  public let suggestions: [ArticleSuggestion]
  /// The model's best labels, best first, once a classifier has stored them.
  public let guesses: [LabelGuess]
  /// Its labels, once a classifier has stored them.
  public let labels: Labels?

  /// As a store has it.
  package init(
    id: MessageID, ticket: TicketID, channel: ChannelID, customer: String, tier: CustomerTier, subject: String?,
    body: String, acceptedAt: Instant, opensTicket: Bool, traceparent: String?, attempts: Int16, productLine: String?,
    sealedAttributes: String? = nil, suggestions: [ArticleSuggestion], guesses: [LabelGuess], labels: Labels?
  ) {
    self.id = id
    self.ticket = ticket
    self.channel = channel
    self.customer = customer
    self.tier = tier
    self.subject = subject
    self.body = body
    self.acceptedAt = acceptedAt
    self.opensTicket = opensTicket
    self.traceparent = traceparent
    self.attempts = attempts
    self.productLine = productLine
    self.sealedAttributes = sealedAttributes
    self.suggestions = suggestions
    self.guesses = guesses
    self.labels = labels
  }
}

extension UndecidedMessage: WordedRow {
  mutating func open(by words: WordCodec) throws {
    try words.open(&subject, .subject(id))
    try words.open(&body, .body(id))
    guard var attributes = sealedAttributes else { return }
    try words.open(&attributes, .attributes(id))
    productLine = IncomingMessage.productLine(in: attributes)
    sealedAttributes = nil
  }
}

/// Messages that were accepted and wait for their decision: accepting, claiming, labelling, releasing.
public struct InboxStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
  let words: WordCodec
}

extension InboxStore {
  /// Adopts messages that no live instance holds: their owner is gone, or had no room for them. That alone is not an attempt at
  /// them: an intake that waits for its workers may adopt and release the same messages many times. Messages that have failed
  /// `StoreBounds.attemptsBeforeAlone` times are not among them.
  ///
  /// An unreadable one is quarantined, here and wherever messages are claimed: it is omitted, stays undecided, and is ignored by this
  /// process for a while.
  ///
  /// - Parameters:
  ///   - adopter: the intake instance that will hold them.
  ///   - limit: at most this many, oldest first.
  public func adopt(for adopter: InstanceID, limit: Int) async throws -> [UndecidedMessage] {
    try await claimed(
      InboxStore.adoptInbox,
      [
        adopter, Int64(min(limit, StoreBounds.rowsPerClaim)), FleetBounds.silence.inSeconds,
        StoreBounds.heldTime.inSeconds, messagesSetAside,
      ])
  }

  /// Claims messages without labels that have waited longer than `age`, or longer than `StoreBounds.heldTime` if a live intake
  /// holds them: a batch, or a single one that has failed before.
  public func claimUnlabelled(olderThan age: Duration, limit: Int) async throws -> [UndecidedMessage] {
    try await claimed(InboxStore.claimUnlabelled, claimParameters(olderThan: age, limit: limit))
  }

  /// Claims messages with labels that have waited longer than `age`, or longer than `StoreBounds.heldTime` if a live intake
  /// holds them: a batch, or a single one that has failed before.
  public func claimLabelled(olderThan age: Duration, limit: Int) async throws -> [UndecidedMessage] {
    try await claimed(InboxStore.claimLabelled, claimParameters(olderThan: age, limit: limit))
  }

  /// Reads what a statement has claimed. A claim whose messages cannot be read then ends by itself, as if this process had ended.
  private func claimed(
    _ statement: PostgresStatement<MessageID>, _ parameters: [any PostgresEncodable]
  ) async throws -> [UndecidedMessage] {
    let taken = try await pool.query(statement, parameters)
    guard let span = IdentifierSpan(of: taken) else { return [] }
    return try await readableMessages(InboxStore.claimedMessages.opening(words), [taken, span.first, span.last])
  }

  private func claimParameters(olderThan age: Duration, limit: Int) -> [any PostgresEncodable] {
    [
      age.inSeconds, Int64(min(limit, StoreBounds.rowsPerClaim)), StoreBounds.claimTime.inSeconds,
      FleetBounds.silence.inSeconds, StoreBounds.heldTime.inSeconds, messagesSetAside,
    ]
  }

  /// Stores labels, suggested articles and guesses for messages that take the database fallback.
  ///
  /// - Parameters:
  ///   - suggestions: by message, best first; the same data that a link would carry, so that both paths give the same result.
  ///   - guesses: the model's best labels by message, best first.
  public func write(
    labels: [(MessageID, Labels)], suggestions: [MessageID: [ArticleSuggestion]] = [:],
    guesses: [MessageID: [LabelGuess]] = [:]
  ) async throws {
    guard !labels.isEmpty else { return }
    let parameters: [any PostgresEncodable] = [
      labels.map(\.0), labels.map(\.1.category), labels.map(\.1.intent), labels.map(\.1.confidence),
      labels.map { Int16($0.1.urgency.rawValue) }, labels.map { Int16($0.1.sentiment.rawValue) },
      labels.map(\.1.language), labels.map(\.1.modelVersion),
      labels.map { SuggestionCodec.text(suggestions[$0.0] ?? [], guesses[$0.0] ?? []) },
    ]
    try await retryingDeadlocks { try await pool.execute(InboxStore.writeLabels, parameters) }
  }

  /// Releases messages that an intake instance held, so that any instance may claim them.
  public func release(_ messages: [MessageID], heldBy owner: InstanceID) async throws {
    guard !messages.isEmpty else { return }
    try await retryingDeadlocks { try await pool.execute(InboxStore.releaseInbox, [messages, owner]) }
  }

  /// Releases everything that an intake instance holds, when it stops.
  public func releaseAll(heldBy owner: InstanceID) async throws {
    try await retryingDeadlocks { try await pool.execute(InboxStore.releaseWholeInbox, [owner]) }
  }

  /// Claims undecided messages that have been attempted too often, for `StoreBounds.claimTime`: each claim is one attempt, and however many
  /// routers poll, only one of them claims a message.
  /// - Returns: oldest first; their attempts count this one.
  public func claimPoisoned(limit: Int) async throws -> [UndecidedMessage] {
    try await claimed(
      InboxStore.claimPoison, [StoreBounds.claimTime.inSeconds, Int64(limit), messagesSetAside])
  }

  /// Returns entries that have been attempted too often and whose message was deleted: they cannot be decided.
  public func poisonWithoutMessage(limit: Int) async throws -> [MessageID] {
    guard let span = IdentifierSpan(of: try await pool.query(InboxStore.poisonedEnds)) else { return [] }
    return try await pool.query(InboxStore.emptyPoison, [Int64(limit), span.first, span.last])
  }

  /// Counts one more attempt for messages that a stage rejected.
  public func countAttempts(of messages: [MessageID]) async throws {
    guard !messages.isEmpty else { return }
    try await retryingDeadlocks { try await pool.execute(InboxStore.countAttempts, [messages]) }
  }
}

// MARK: - Statements

extension InboxStore {
  private static let undecidedColumns = """
    b.message_id, b.ticket_id, m.channel, m.author, coalesce(o.tier, 'standard'), m.subject, m.body, b.accepted_at,
    b.opens_ticket, m.traceparent, b.attempts, m.attributes->>'product_line', \(WordCodec.sealedJSON("m.attributes")), b.articles, b.category, b.intent, b.confidence, b.urgency, b.sentiment, b.language,
    b.model_version
    """

  /// Rows are picked in the order of the primary key, which is the order of their age.
  private static func pick(where condition: String, limit: String) -> String {
    "SELECT message_id FROM desk.inbox WHERE \(condition) ORDER BY message_id LIMIT \(limit) FOR UPDATE SKIP LOCKED"
  }

  private static let isFresh = "attempts < \(StoreBounds.attemptsBeforeAlone)"
  private static let isSuspect =
    "attempts >= \(StoreBounds.attemptsBeforeAlone) AND attempts < \(StoreBounds.attemptsBeforePoison)"

  /// Updates the rows selected by `picked` and returns their messages. These are read by another statement: most sweeps find nothing, and
  /// only the names of messages tell in which days they lie.
  private static func take(_ name: String, picking tables: String, set change: String) -> PostgresStatement<MessageID> {
    PostgresStatement(
      name,
      """
      WITH \(tables)
      UPDATE desk.inbox i SET \(change) FROM picked WHERE i.message_id = picked.message_id RETURNING i.message_id
      """, planning: .once)
  }

  private static let claimedMessages = PostgresStatement(
    "claimed_messages",
    """
    SELECT \(undecidedColumns) FROM desk.inbox b
      JOIN desk.message m ON m.id = b.message_id AND m.id >= $2 AND m.id <= $3
      LEFT JOIN desk.open_ticket o ON o.ticket_id = b.ticket_id
     WHERE b.message_id = ANY($1) ORDER BY b.message_id
    """, planning: .once, row: readUndecided)

  /// The live instances, read once per statement.
  private static func living(silence: String) -> String {
    """
    living AS MATERIALIZED (
      SELECT coalesce(array_agg(id), '{}') AS ids FROM desk.service_instance
       WHERE \(FleetStore.isNearNow("heartbeat_at", within: silence)))
    """
  }

  private static let isOrphaned = "owner <> ALL ((SELECT ids FROM living)::uuid[])"
  /// No claim is dated later than `heldTime` from now; a later one was written before the clock was set back.
  private static let isUnclaimed = """
    (claimed_until IS NULL OR claimed_until NOT BETWEEN statement_timestamp()
       AND statement_timestamp() + interval '\(2 * StoreBounds.heldTime.components.seconds) seconds')
    """

  private static func isNotSetAside(_ messages: String) -> String {
    "message_id <> ALL (\(messages)::uuid[])"
  }

  private static func hasWaited(_ seconds: String) -> String {
    "NOT (\(FleetStore.isNearNow("accepted_at", within: seconds)))"
  }

  /// Attempts are counted in advance and for the whole batch, so one message that crashes its service makes all its
  /// neighbours look as bad. Messages that have failed before are therefore attempted alone: good ones succeed, and only the bad
  /// one is eventually classified as poison.
  ///
  /// What a live intake holds is on its way over a link, however slowly, and duplicate work would slow it down further. It
  /// is left alone until no link can still have it. A claim ends the ownership: if its owner released the message now,
  /// nothing would change.
  private static func claim(_ name: String, where condition: String) -> PostgresStatement<MessageID> {
    let isStale = """
      \(condition) AND \(isNotSetAside("$6"))
      AND CASE WHEN owner IS NULL THEN \(isUnclaimed) AND \(hasWaited("$1"))
               WHEN \(isOrphaned) THEN \(hasWaited("$1"))
               ELSE \(isUnclaimed) AND \(hasWaited("greatest($1, $5)")) END
      """
    return take(
      name,
      picking: """
        \(living(silence: "$4")),
        suspect AS MATERIALIZED (\(pick(where: "\(isStale) AND \(isSuspect)", limit: "1"))),
        fresh AS MATERIALIZED (
          \(pick(where: "\(isStale) AND \(isFresh) AND NOT EXISTS (SELECT FROM suspect)", limit: "$2"))),
        picked AS MATERIALIZED (SELECT message_id FROM suspect UNION ALL SELECT message_id FROM fresh)
        """,
      set: "attempts = attempts + 1, owner = NULL, claimed_until = clock_timestamp() + make_interval(secs => $3)")
  }

  /// Messages that have failed before are left to the sweeps: a link would deliver them to workers together with others. An adopted
  /// message may have been accepted long ago; the claim keeps the sweeps away while it is in transit, as long as its owner is live.
  private static let adoptInbox = take(
    "adopt_inbox",
    picking: """
      \(living(silence: "$3")),
      picked AS MATERIALIZED (
        \(pick(
          where: """
            category IS NULL AND \(isFresh) AND \(isNotSetAside("$5"))
            AND CASE WHEN owner IS NULL THEN \(isUnclaimed) ELSE \(isOrphaned) END
            """,
          limit: "$2")))
      """,
    set: "owner = $1, claimed_until = clock_timestamp() + make_interval(secs => $4)")

  private static let claimUnlabelled = claim("claim_unlabelled", where: "category IS NULL")

  private static let claimLabelled = claim("claim_labelled", where: "category IS NOT NULL")

  /// Labels release the claim, so that a router may claim the message immediately; a successful attempt does not count.
  private static let writeLabels = PostgresStatement<Void>(
    "write_labels",
    """
    UPDATE desk.inbox b
       SET category = l.category, intent = l.intent, confidence = l.confidence, urgency = l.urgency, sentiment = l.sentiment,
           language = l.language, model_version = l.model_version, articles = nullif(l.articles, ''), claimed_until = NULL, attempts = 0
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::double precision[], $5::smallint[], $6::smallint[], $7::text[], $8::text[],
             $9::text[])
        AS l(message_id, category, intent, confidence, urgency, sentiment, language, model_version, articles)
     WHERE b.message_id = l.message_id AND b.category IS NULL
    """, planning: .once)

  private static let releaseInbox = PostgresStatement<Void>(
    "release_inbox",
    "UPDATE desk.inbox SET owner = NULL, claimed_until = NULL WHERE message_id = ANY($1) AND owner = $2",
    planning: .once)

  private static let releaseWholeInbox = PostgresStatement<Void>(
    "release_whole_inbox", "UPDATE desk.inbox SET owner = NULL, claimed_until = NULL WHERE owner = $1", planning: .once)

  private static let countAttempts = PostgresStatement<Void>(
    "count_attempts", "UPDATE desk.inbox SET attempts = attempts + 1 WHERE message_id = ANY($1)", planning: .once)

  /// The bound is part of the text, because a generic plan cannot see that a value is within the range that `inbox_retried` indexes.
  private static let claimPoison = take(
    "claim_poisoned",
    picking: """
      picked AS MATERIALIZED (
        \(pick(
          where: "attempts >= \(StoreBounds.attemptsBeforePoison) AND \(isUnclaimed) AND \(isNotSetAside("$3"))",
          limit: "$2")))
      """,
    set: "attempts = attempts + 1, owner = NULL, claimed_until = clock_timestamp() + make_interval(secs => $1)")

  /// The oldest and the newest of those entries, which tell in which days their messages lie.
  private static let poisonedEnds = PostgresStatement<MessageID>(
    "poisoned_ends",
    """
    (SELECT message_id FROM desk.inbox WHERE attempts >= \(StoreBounds.attemptsBeforePoison) ORDER BY message_id LIMIT 1)
    UNION ALL
    (SELECT message_id FROM desk.inbox WHERE attempts >= \(StoreBounds.attemptsBeforePoison) ORDER BY message_id DESC LIMIT 1)
    """, planning: .once)

  private static let emptyPoison = PostgresStatement<MessageID>(
    "poison_without_message",
    """
    SELECT b.message_id FROM desk.inbox b
      LEFT JOIN LATERAL (
        SELECT true AS is_there FROM desk.message m WHERE m.id = b.message_id AND m.id >= $2 AND m.id <= $3 LIMIT 1) m ON true
     WHERE b.attempts >= \(StoreBounds.attemptsBeforePoison) AND b.message_id >= $2 AND b.message_id <= $3 AND m.is_there IS NULL
     ORDER BY b.message_id LIMIT $1
    """, planning: .once)

  private static let readUndecided: @Sendable (inout PostgresRowReader) throws -> UndecidedMessage = { row in
    let (id, ticket) = (try row.next(MessageID.self), try row.next(TicketID.self))
    let (channel, customer) = (try row.next(ChannelID.self), try row.next(String.self))
    let tier = try row.next(CustomerTier.self)
    let (subject, body) = (try row.next(String?.self), try row.next(String.self))
    let (acceptedAt, opensTicket) = (try row.next(Instant.self), try row.next(Bool.self))
    let (traceparent, attempts) = (try row.next(String?.self), try row.next(Int16.self))
    let (productLine, sealedAttributes) = (try row.next(String?.self), try row.next(String?.self))
    let found = try row.next(String?.self) ?? ""
    return try UndecidedMessage(
      id: id, ticket: ticket, channel: channel, customer: customer, tier: tier, subject: subject, body: body,
      acceptedAt: acceptedAt, opensTicket: opensTicket, traceparent: traceparent, attempts: attempts,
      productLine: productLine, sealedAttributes: sealedAttributes,
      suggestions: SuggestionCodec.suggestions(from: found),
      guesses: SuggestionCodec.guesses(from: found), labels: readLabels(&row))
  }

  static func readLabels(_ row: inout PostgresRowReader) throws -> Labels? {
    let category = try row.next(String?.self)
    let intent = try row.next(String?.self)
    let confidence = try row.next(Double?.self)
    let urgency = try row.next(Int16?.self)
    let sentiment = try row.next(Int16?.self)
    let language = try row.next(String?.self)
    let model = try row.next(String?.self)
    guard let category else { return nil }
    guard let urgency = urgency.flatMap({ Urgency(rawValue: Int($0)) }) else { throw StoreError.unreadable("urgency") }
    guard let sentiment = sentiment.flatMap({ Sentiment(rawValue: Int($0)) }) else {
      throw StoreError.unreadable("sentiment")
    }
    return Labels(
      category: category, intent: intent ?? category, confidence: confidence ?? 0, urgency: urgency,
      sentiment: sentiment, language: language ?? "und", modelVersion: model ?? "")
  }
}
