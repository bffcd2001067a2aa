import DeskCore
import Logging
import PostgreSQL
import ServiceKit
import Store
import TestPostgres
import Testing

@testable import Classifier

/// A migrated database for one test, with a classifier's parts on it.
struct ClassifierDesk {
  let store: DeskStore
  let labeller: Labeller
  let metrics: MetricsRegistry
  let logs = LogLines()

  static func with(_ body: (ClassifierDesk) async throws -> Void) async throws {
    let configuration = DeskStore.configure(try await PrivatePostgres.shared().createDatabase())
    let pool = PostgresPool(configuration, limits: PostgresPoolLimits(connectionsMinimum: 0, connectionsMaximum: 4))
    let result: Result<Void, any Error>
    do {
      _ = try await PostgresMigrator(DeskMigrations.all).migrate(pool)
      let metrics = MetricsRegistry()
      try await body(
        ClassifierDesk(store: DeskStore(pool: pool), labeller: labeller(metrics), metrics: metrics))
      result = .success(())
    } catch {
      result = .failure(error)
    }
    await pool.shutdown()
    try result.get()
  }

  /// A labeller of two categories, `refund` and `parcel`.
  static func labeller(_ metrics: MetricsRegistry) throws -> Labeller {
    Labeller(
      LiveModel(try ShadowTests.model("refund", "parcel")), articles: LiveArticles(),
      secondLooks: SharedSecondStageBudget(share: 0), drift: DriftMetrics(metrics),
      shadow: Shadow(share: 0, metrics: ShadowMetrics(metrics)) { 0.5 }, metrics: metrics)
  }

  var writer: LabelWriter { LabelWriter(store: store, metrics: metrics, logger: logs.logger) }

  /// Messages that have waited for less than ten minutes are fresh to it.
  var sweeper: UnlabelledSweeper {
    UnlabelledSweeper(
      store: store, labeller: labeller, writer: writer, age: .seconds(600), metrics: metrics, logger: logs.logger)
  }

  /// Accepts messages that no link gets, as intake would.
  func accept(_ texts: [String]) async throws -> [MessageID] {
    let now = try await store.now()
    var random = SystemRandom()
    let messages = texts.map { text in
      let id = MessageID(at: now, using: &random)
      return IncomingMessage(
        id: id, ticket: TicketID(at: now, using: &random), channel: "web", customer: "customer \(id)",
        externalID: "\(id)", digest: Array(repeating: 7, count: 32), subject: nil, body: text, attributes: nil,
        attachments: nil, sentAt: nil, traceparent: nil)
    }
    let outcomes = try await store.inbox.accept(messages, owner: nil)
    try #require(outcomes.allSatisfy { if case .accepted = $0 { true } else { false } })
    return messages.map(\.id)
  }

  /// Makes all messages look as if they had been accepted an hour earlier.
  func age() async throws {
    try await store.pool.executeScript("UPDATE desk.inbox SET accepted_at = accepted_at - interval '1 hour'")
  }

  /// Ends all claims, as time would.
  func endClaims() async throws { try await store.pool.executeScript("UPDATE desk.inbox SET claimed_until = NULL") }

  /// Makes the database refuse labels, of all messages or of one.
  /// - Parameter state: an SQLSTATE; `P0001` is a fault of the row.
  func refuseLabels(of message: MessageID? = nil, state: String) async throws {
    let condition = message.map { "AND NEW.message_id = '\($0)'" } ?? ""
    try await store.pool.executeScript(
      """
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.category IS NOT NULL \(condition) THEN RAISE EXCEPTION 'refused' USING ERRCODE = '\(state)'; END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER refuse BEFORE UPDATE ON desk.inbox FOR EACH ROW EXECUTE FUNCTION refuse()
      """)
  }

  func takeLabels() async throws {
    try await store.pool.executeScript("DROP TRIGGER refuse ON desk.inbox; DROP FUNCTION refuse()")
  }
}

/// A logger whose lines a test can wait for.
final class LogLines: Sendable {
  private let lines: AsyncStream<String>
  private let add: AsyncStream<String>.Continuation

  init() { (lines, add) = AsyncStream.makeStream() }

  var logger: Logger { Logger(label: "test") { [add] _ in Handler(add: add) } }

  /// Waits for a line of level `info` or above that contains a text; for one task at a time.
  func wait(for text: String) async {
    for await line in lines where line.contains(text) { return }
  }

  private struct Handler: LogHandler {
    let add: AsyncStream<String>.Continuation
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { add.yield("\(event.message) \(event.metadata ?? [:])") }
  }
}
