import PostgreSQL

/// A table with words, as the walk over all words reads and changes it. All have the same shape: up to three texts that name a row, and up
/// to four that may be sealed. Sealed JSON is read as its text, other JSON as JSON.
public enum WordTable: String, CaseIterable, Sendable {
  case messages
  case drafts
  case consults
  /// The fields of live tickets, of ended ones, and of those among the dead letters.
  case tickets
  case endedTickets = "ended_tickets"
  case deadLetters = "dead_letters"

  /// Reads the rows behind a cursor.
  var page: PostgresStatement<WordRow> { statement("word_page_\(rawValue)", cells: { $0 }) }

  /// The same with only the beginnings of texts, which say how they are stored.
  var heads: PostgresStatement<WordRow> {
    statement("word_heads_\(rawValue)", cells: { "left(\($0), \(WordRow.headCharacters))" })
  }

  private func statement(_ name: String, cells form: (String) -> String) -> PostgresStatement<WordRow> {
    let table = self
    let shown = cells.map(form) + Array(repeating: "NULL::text", count: WordRow.cellsMost - cells.count)
    return PostgresStatement(
      name,
      """
      SELECT \(names.joined(separator: ", ")), \(shown.joined(separator: ", "))
        FROM \(source) WHERE \(cursor) ORDER BY \(order) LIMIT $4
      """, planning: .once
    ) { row in
      let names = try [row.next(String.self), row.next(String?.self) ?? "", row.next(String?.self) ?? ""]
      return try WordRow(
        table: table, names: names, stored: [row.next(), row.next(), row.next(), row.next()])
    }
  }

  /// What names a row; of messages also the ticket, and the customer if they wrote it.
  private var names: [String] {
    switch self {
    case .messages: ["r.id::text", "r.ticket_id::text", "CASE WHEN r.direction = 1 THEN r.author END"]
    case .drafts: ["r.ticket::text", "r.agent", "r.kind"]
    case .consults, .tickets, .endedTickets: ["r.id::text", "NULL::text", "NULL::text"]
    case .deadLetters: ["r.id::text", "r.body->>'id'", "NULL::text"]
    }
  }

  private var source: String {
    switch self {
    case .messages: "desk.message r"
    case .drafts: "desk.draft r"
    case .consults: "desk.consult r"
    case .tickets: "desk.ticket r"
    case .endedTickets: "desk.closed_ticket r"
    case .deadLetters: "desk.dead_letter r"
    }
  }

  private var cells: [String] {
    switch self {
    case .messages: ["r.subject", "r.body", Self.text(of: "r.attributes"), Self.text(of: "r.attachments")]
    case .drafts: ["r.body"]
    case .consults: ["r.question"]
    case .tickets: [Self.text(of: "r.fields")]
    case .endedTickets: [Self.text(of: "(r.ticket->'fields')")]
    case .deadLetters: [Self.text(of: "(r.body->'fields')")]
    }
  }

  private var order: String { self == .drafts ? "r.ticket, r.agent, r.kind" : "r.id" }

  private var cursor: String {
    let isBehind =
      self == .drafts
      ? "(r.ticket, r.agent, r.kind) > ($1::text::uuid, $2::text, $3::text)"
      : "r.id > $1::text::uuid AND $2::text IS NOT NULL AND $3::text IS NOT NULL"
    return switch self {
    case .messages, .drafts: isBehind
    case .consults: "\(isBehind) AND r.question IS NOT NULL"
    case .tickets: "\(isBehind) AND r.fields IS NOT NULL"
    case .endedTickets: "\(isBehind) AND jsonb_typeof(r.ticket->'fields') IN ('object', 'string')"
    case .deadLetters: "\(isBehind) AND r.kind = 'message' AND jsonb_typeof(r.body->'fields') IN ('object', 'string')"
    }
  }

  private static func text(of json: String) -> String {
    "CASE WHEN jsonb_typeof(\(json)) = 'string' THEN \(json) #>> '{}' ELSE \(json)::text END"
  }

  // MARK: Exchanging

  /// Replaces cells of rows that are as they were read, and returns how many were replaced. $1 to $3 name the rows; then come the cells as
  /// they were and as they are to be. Messages also get the terms of the search that go with them, where those change.
  var exchange: PostgresStatement<Int64> {
    switch self {
    case .messages: Self.exchangeMessages
    case .drafts:
      Self.exchangeDrafts
    case .consults:
      Self.exchange("consults", "UPDATE desk.consult r SET question = i.new", "r.id = i.a::uuid", "r.question")
    case .tickets:
      Self.exchange(
        "tickets", "UPDATE desk.ticket r SET fields = i.new::jsonb", "r.id = i.a::uuid", Self.text(of: "r.fields"))
    case .endedTickets:
      Self.exchange(
        "ended_tickets",
        "UPDATE desk.closed_ticket r SET ticket = jsonb_set(r.ticket, '{fields}', coalesce(i.new::jsonb, 'null'))",
        "r.id = i.a::uuid", Self.text(of: "(r.ticket->'fields')"))
    case .deadLetters:
      Self.exchange(
        "dead_letters",
        "UPDATE desk.dead_letter r SET body = jsonb_set(r.body, '{fields}', coalesce(i.new::jsonb, 'null'))",
        "r.id = i.a::uuid", Self.text(of: "(r.body->'fields')"))
    }
  }

  private static func exchange(
    _ name: String, _ update: String, _ isRow: String, _ cell: String
  ) -> PostgresStatement<Int64> {
    PostgresStatement(
      "exchange_words_\(name)",
      """
      WITH exchanged AS (
        \(update) FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS i(a, b, c, was, new)
         WHERE \(isRow) AND \(cell) = i.was RETURNING 1)
      SELECT count(*) FROM exchanged
      """)
  }

  /// A draft that would become empty is deleted.
  private static let exchangeDrafts = PostgresStatement<Int64>(
    "exchange_words_drafts",
    """
    WITH input AS MATERIALIZED (
      SELECT i.a::uuid AS ticket, i.b AS agent, i.c AS kind, i.was, i.new
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS i(a, b, c, was, new)
    ), emptied AS (
      DELETE FROM desk.draft r USING input i
       WHERE r.ticket = i.ticket AND r.agent = i.agent AND r.kind = i.kind AND r.body = i.was AND i.new = '' RETURNING 1
    ), exchanged AS (
      UPDATE desk.draft r SET body = i.new FROM input i
       WHERE r.ticket = i.ticket AND r.agent = i.agent AND r.kind = i.kind AND r.body = i.was AND i.new <> '' RETURNING 1)
    SELECT (SELECT count(*) FROM emptied) + (SELECT count(*) FROM exchanged)
    """)

  private static let exchangeMessages = PostgresStatement<Int64>(
    "exchange_words_messages",
    """
    WITH input AS MATERIALIZED (
      SELECT i.a::uuid AS id, i.*
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                    $10::text[], $11::text[], $12::text[])
          AS i(a, b, c, was_subject, was_body, was_attributes, was_attachments, subject, body, attributes, attachments, terms)
    ), exchanged AS (
      UPDATE desk.message r
         SET subject = i.subject, body = i.body, attributes = i.attributes::jsonb, attachments = i.attachments::jsonb
        FROM input i
       WHERE r.id = i.id AND r.body = i.was_body AND r.subject IS NOT DISTINCT FROM i.was_subject
         AND \(text(of: "r.attributes")) IS NOT DISTINCT FROM i.was_attributes
         AND \(text(of: "r.attachments")) IS NOT DISTINCT FROM i.was_attachments
      RETURNING r.id
    ), indexed AS (
      UPDATE desk.search_entry e SET terms = array_to_tsvector(string_to_array(i.terms, ' '))
        FROM input i WHERE e.id = i.id AND i.terms IS NOT NULL AND i.id IN (SELECT x.id FROM exchanged x)
    )
    SELECT count(*) FROM exchanged
    """)

  /// Before words are exchanged: what a reader of the search has read before is not stored after it.
  static let interruptIndexing = PostgresStatement<Void>(
    "interrupt_indexing",
    "UPDATE desk.watch_cursor SET erasures = erasures + 1 WHERE name IN ('search', 'search_minute', 'search_hour')")
}
