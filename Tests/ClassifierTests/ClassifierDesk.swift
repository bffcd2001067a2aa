import DeskCore
import Observability
import PostgreSQL
import Store
import SystemPrimitives
import TestService
import TestStore
import Testing

@testable import Classifier

/// A migrated database for one test, with a classifier's parts on it.
struct ClassifierDesk {
  let store: DeskStore
  let labeller: Labeller
  let metrics: MetricsRegistry
  let logs = LogRecorder()

  static func with(_ body: (ClassifierDesk) async throws -> Void) async throws {
    try await TestDatabase.with { store in
      let metrics = MetricsRegistry()
      try await body(ClassifierDesk(store: store, labeller: labeller(metrics), metrics: metrics))
    }
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
      return IncomingMessage.sample(
        id: id, ticket: TicketID(at: now, using: &random), from: "customer \(id)", externalID: "\(id)", digest: 7,
        text: text)
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
