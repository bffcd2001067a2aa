import DeskCore
import Logging
import Observability
import PolicyReading
import PostgreSQL
import ServiceHealth
import TestPostgres
import TestStore
import Testing

@testable import DeskExecutor
@testable import Store

/// Intents on a real database: checked again, done once, refused when what the person saw has changed.
@Suite struct IntentExecutorTests {
  private static let policy = """
    version: 1
    queues: { general: {}, returns: {} }
    rules: [{ name: rest, queue: general }]
    default_queue: general
    triage: { queue: general, below: 0.1 }
    channels: { web: { reply_hook: replies } }
    hooks:
      replies:
        url: https://example.com/hook
        secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw]
        kinds: [message.replied]
    agents: [{ id: ann, capacity: 4 }]

    """

  /// A desk with an operator and executors.
  private struct Desk {
    let store: DeskStore
    let olga: APIKey
    let postgres: String

    /// A process that carries out intents.
    func executor(replays: Bool = false) async throws -> IntentExecutor {
      IntentExecutor(
        lane: "test", kinds: [.replayDeadLetters], isExcluding: !replays, store: store, me: try await store.fresh(),
        configuration: ExecutorConfiguration(postgres: postgres), metrics: ExecutorMetrics(MetricsRegistry()),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func ask(
      _ kind: Intent.Kind, _ fields: [JSONValue.Field] = [], document: String? = nil
    ) async throws -> IntentID {
      let request = IntentRequest(kind, fields, document: document, reason: "because")
      guard case .written(let intent) = try await store.intents.request(request, id: store.fresh(), by: olga, key: nil)
      else { throw StoreError.vanished("an intent") }
      return intent.id
    }

    /// Carries out what waits, and returns how an intent ended.
    func outcome(of id: IntentID, replays: Bool = false) async throws -> (state: Intent.State, code: String?, Intent) {
      let executor = try await executor(replays: replays)
      while try await executor.round() == .none {}
      let intent = try #require(try await store.intents.intent(id))
      return (intent.state, intent.result?["code"]?.text, intent)
    }

    /// What an executor that is killed right after it has begun leaves behind, with an expired claim.
    func beginAndDie(plan: JSONValue = .object([]), isExcluding: Bool = true) async throws {
      let claimed = try await store.intents.claim(
        [.replayDeadLetters], isExcluding: isExcluding, by: store.fresh())
      let intent = try #require(claimed).intent
      #expect(try await store.intents.begin(intent, plan: plan))
      try await expireClaims()
    }

    func expireClaims() async throws {
      try await store.pool.executeScript(
        "UPDATE desk.intent SET claimed_until = now() - interval '1 second' WHERE state = 'running'")
    }

    func number(_ sql: String) async throws -> Int64 {
      try await store.pool.query(PostgresStatement<Int64>("test_\(abs(sql.hashValue))", sql)).first ?? -1
    }
  }

  private func with(_ body: (Desk) async throws -> Void) async throws {
    try await TestDatabase.with(hasPartitions: true) { store in
      #expect(try await store.access.applyPolicy(document: Self.policy, by: "test") == 1)
      let id: Identifier<APIKey> = try await store.fresh()
      try await store.access.addKey(
        id: id, digest: id.bytes + id.bytes, role: .operator, channel: nil, agent: nil, label: "Olga", lifetime: nil)
      let olga = try #require(try await store.access.keys().first)
      let name = try #require(
        try await store.pool.query(PostgresStatement<String>("database_name", "SELECT current_database()::text")).first)
      let configuration = try await PrivatePostgres.shared().configuration.database(name)
      let words = ["host", "port", "dbname", "user", "password"].compactMap { word in
        configuration[word].map { "\(word)='\($0)'" }
      }
      try await body(Desk(store: store, olga: olga, postgres: words.joined(separator: " ")))
    }
  }

  @Test func aKeyIsRevokedAndTheAuditNamesThePerson() async throws {
    try await with { desk in
      let key: Identifier<APIKey> = try await desk.store.fresh()
      try await desk.store.access.addKey(
        id: key, digest: key.bytes + key.bytes, role: .auditor, channel: nil, agent: nil, label: "lost", lifetime: nil)
      let asked = try await desk.ask(.revokeKey, [.init("key", .text(key.description))])
      #expect(try await desk.outcome(of: asked).code == "key_revoked")
      let entries = try await desk.store.audit.newestAuditEntries(ofKind: "key.revoked", limit: 1)
      #expect(entries.first?.actor.contains("intent:\(asked):Olga") == true, "\(entries)")
      let again = try await desk.ask(.revokeKey, [.init("key", .text(key.description))])
      let refused = try await desk.outcome(of: again)
      #expect(refused.state == .refused && refused.code == "key_not_active")
    }
  }

  @Test func whoIsNoLongerAnOperatorOrWaitedTooLongGetsNothingDone() async throws {
    try await with { desk in
      let late = try await desk.ask(.verifyAudit)
      try await desk.store.pool.executeScript("UPDATE desk.intent SET expires_at = now() - interval '1 second'")
      let expired = try await desk.outcome(of: late)
      #expect(expired.state == .refused && expired.code == "expired")
      let asked = try await desk.ask(.revokeKey, [.init("key", .text(desk.olga.id.description))])
      _ = try await desk.store.access.revokeKey(desk.olga.id)
      let refused = try await desk.outcome(of: asked)
      #expect(refused.state == .refused && refused.code == "no_longer_operator")
    }
  }

  @Test func whatThisBuildDoesNotKnowIsRefused() async throws {
    try await with { desk in
      let asked = try await desk.ask(.revokeKey, [.init("key", .text("nonsense"))])
      let refused = try await desk.outcome(of: asked)
      #expect(refused.state == .refused && refused.code == "unknown_kind")
      #expect(try await desk.outcome(of: desk.ask(.revertModel)).code == "no_models_here")
      #expect(try await desk.outcome(of: desk.ask(.promoteModel)).code == "no_models_here")
      #expect(try await desk.outcome(of: desk.ask(.verifyAudit)).code == "audit_valid")
    }
  }

  // MARK: Capacity

  @Test func aNumberIsChosenAndLeftToTheLoadWhereAnotherPlatformRunsTheServices() async throws {
    try await with { desk in
      let router = JSONValue.Field("service", .text("router"))
      let fixed = try await desk.outcome(of: desk.ask(.scaleWorkers, [router, .init("count", .integer(2))]))
      #expect(fixed.state == .done && fixed.code == "count_chosen", "\(fixed)")
      let chosen = try #require(try await desk.store.capacity.rows().first { $0.service == "router" })
      #expect(chosen.mode == .fixed && chosen.wanted == 2)
      #expect(CapacityReason(chosen.reason)?.text(in: .english) == "chosen by Olga")
      let left = try await desk.outcome(of: desk.ask(.scaleWorkers, [router, .init("automatic", .flag(true))]))
      #expect(left.state == .done && left.code == "left_to_load", "\(left)")
      #expect(try await desk.store.capacity.rows().first { $0.service == "router" }?.mode == .auto)
      let notifier = JSONValue.Field("service", .text("notifier"))
      let refused = try await desk.outcome(of: desk.ask(.scaleWorkers, [notifier, .init("automatic", .flag(true))]))
      #expect(refused.state == .refused && refused.code == "unknown_kind")
    }
  }

  // MARK: Policy

  private func application(base: Int64, confirmed: Bool = false) -> [JSONValue.Field] {
    [.init("based_on", .integer(base)), .init("changes_confirmed", .flag(confirmed))]
  }

  @Test func aPolicyIsPutIntoForceWithItsHiddenSecretsAndBack() async throws {
    try await with { desk in
      let shown = PolicyMask.document(Self.policy).replacing("capacity: 4", with: "capacity: 5")
      #expect(!shown.contains("whsec_M"))
      let asked = try await desk.ask(.applyPolicy, application(base: 1), document: shown)
      let done = try await desk.outcome(of: asked)
      #expect(done.state == .done && done.code == "policy_applied", "\(done)")
      let stored = try #require(try await desk.store.access.newestPolicy())
      #expect(stored.version == 2 && stored.appliedBy == "Olga" && stored.document.contains("whsec_M"))
      #expect(stored.document.contains("https://example.com/hook") && !stored.document.contains("…"))
      let back = try await desk.ask(
        .restorePolicy, application(base: 2) + [.init("version", .integer(1))])
      #expect(try await desk.outcome(of: back).code == "policy_applied")
      #expect(try await desk.store.access.newestPolicy()?.document == Self.policy)
      #expect(try await desk.store.access.newestPolicyVersion() == 3)
    }
  }

  @Test func aPolicyThatWasEditedFromAnotherVersionIsRefused() async throws {
    try await with { desk in
      let other = Self.policy.replacing("capacity: 4", with: "capacity: 3")
      let asked = try await desk.ask(.applyPolicy, application(base: 1), document: other)
      #expect(try await desk.store.access.applyPolicy(document: Self.policy + "# changed\n", by: "x") == 2)
      let refused = try await desk.outcome(of: asked)
      #expect(refused.state == .refused && refused.code == "policy_changed")
      #expect(refused.2.result?["in_force"] == .integer(2))
      let wrong = try await desk.ask(.applyPolicy, application(base: 2), document: "version: 1")
      let mistaken = try await desk.outcome(of: wrong)
      #expect(mistaken.state == .refused && mistaken.code == "policy_mistakes")
      #expect(mistaken.2.result?["mistakes"]?.list?.isEmpty == false)
      let gone = try await desk.ask(.restorePolicy, application(base: 2) + [.init("version", .integer(9))])
      #expect(try await desk.outcome(of: gone).code == "no_such_version")
      #expect(try await desk.store.access.newestPolicyVersion() == 2)
    }
  }

  @Test func whatChangesForOpenTicketsMustHaveBeenRead() async throws {
    try await with { desk in
      let accepted = try await desk.store.accept(desk.store.message(from: "cara", externalID: "m"))
      let ticket = try await desk.store.ticket(of: accepted)
      let policy = try PolicyDocument.load(yaml: Self.policy, version: 1)
      var decision = policy.decide(
        RoutingFacts(
          channel: "web", tier: .standard, labels: .of(category: "c"), text: "words", openedAt: ticket.openedAt))
      decision.message = accepted.message
      try await desk.store.take(ticket, .routed(decision), under: policy, decides: [accepted.message])
      let without = Self.policy.replacing("channels: { web:", with: "channels: { mail: { replies: fetch }, web2:")
      let asked = try await desk.ask(.applyPolicy, application(base: 1), document: without)
      let refused = try await desk.outcome(of: asked)
      #expect(refused.state == .refused && refused.code == "changes_unconfirmed", "\(refused)")
      #expect(refused.2.result?["changes"]?.list?.isEmpty == false)
      let confirmed = try await desk.ask(.applyPolicy, application(base: 1, confirmed: true), document: without)
      #expect(try await desk.outcome(of: confirmed).code == "policy_applied")
    }
  }

  @Test func anExecutorThatDiedBeforeOrAfterStoringAPolicyLeavesOneVersion() async throws {
    try await with { desk in
      let text = Self.policy.replacing("capacity: 4", with: "capacity: 6")
      let before = try await desk.ask(.applyPolicy, application(base: 1), document: text)
      try await desk.beginAndDie()
      #expect(try await desk.outcome(of: before).code == "policy_applied")
      #expect(try await desk.store.access.newestPolicyVersion() == 2)
      let next = Self.policy.replacing("capacity: 4", with: "capacity: 7")
      let after = try await desk.ask(.applyPolicy, application(base: 2), document: next)
      try await desk.beginAndDie()
      #expect(try await desk.store.access.applyPolicy(document: next, by: "Olga", after: 2) == 3)
      let done = try await desk.outcome(of: after)
      #expect(done.state == .done && done.2.result?["version"] == .integer(3) && done.2.term == 2)
      #expect(try await desk.store.access.newestPolicyVersion() == 3)
    }
  }

  // MARK: Dead letters

  private func deadLetters(_ count: Int, in desk: Desk) async throws -> [JSONValue.Field] {
    for number in 0..<count {
      let accepted = try await desk.store.accept(
        desk.store.message(from: "customer \(number)", externalID: "m-\(number)"))
      #expect(try await desk.store.outbox.deadLetter(accepted.message, reason: "bad"))
    }
    var filter = DeadLetterFilter()
    filter.until = try await desk.store.now()
    let set = try await desk.store.outbox.deadLetterSet(filter, most: 100)
    return [
      .init("count", .integer(set.count)), .init("digest", .text(set.digest)),
      .init("until", .text(RFC3339.text(try #require(filter.until)))), .init("per_second", .integer(1000)),
    ]
  }

  @Test func aFrozenSetOfDeadLettersIsReplayedOnceAlsoWhenAnExecutorDiesInBetween() async throws {
    try await with { desk in
      let asked = try await desk.ask(.replayDeadLetters, deadLetters(3, in: desk))
      try await desk.beginAndDie(isExcluding: false)
      // One was replayed before it died.
      let first = try #require(
        try await desk.store.outbox.deadLetters(includingReplayed: false, limit: 1).first)
      #expect(try await desk.store.outbox.replay(first.id, freshTicket: desk.store.fresh()))
      let done = try await desk.outcome(of: asked, replays: true)
      #expect(done.state == .done && done.code == "replayed" && done.2.result?["count"] == .integer(3), "\(done)")
      #expect(try await desk.number("SELECT count(*) FROM desk.inbox") == 3)
      #expect(try await desk.number("SELECT count(*) FROM desk.audit WHERE kind = 'dead_letter.replayed'") == 3)
    }
  }

  @Test func aSetThatHasChangedIsRefused() async throws {
    try await with { desk in
      let fields = try await deadLetters(2, in: desk)
      let first = try #require(
        try await desk.store.outbox.deadLetters(includingReplayed: false, limit: 1).first)
      #expect(try await desk.store.outbox.replay(first.id, freshTicket: desk.store.fresh()))
      let refused = try await desk.outcome(of: desk.ask(.replayDeadLetters, fields), replays: true)
      #expect(refused.state == .refused && refused.code == "set_changed")
      #expect(refused.2.result?["counted"] == .integer(2) && refused.2.result?["found"] == .integer(1))
      #expect(try await desk.number("SELECT count(*) FROM desk.dead_letter WHERE replayed_at IS NULL") == 1)
      // A replay does not hold up other intents.
      let waiting = try await desk.ask(.replayDeadLetters, fields)
      #expect(try await desk.outcome(of: desk.ask(.verifyAudit)).state == .done)
      #expect(try await desk.store.intents.intent(waiting)?.state == .pending)
    }
  }

  @Test func whatKeepsDyingFailsInTheEnd() async throws {
    try await with { desk in
      let asked = try await desk.ask(.verifyAudit)
      try await desk.beginAndDie()
      try await desk.store.pool.executeScript("UPDATE desk.intent SET term = \(IntentBounds.claims)")
      let failed = try await desk.outcome(of: asked)
      #expect(failed.state == .failed && failed.code == "interrupted_too_often")
    }
  }
}
