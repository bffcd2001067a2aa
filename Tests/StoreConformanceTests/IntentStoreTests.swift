import DeskCore
import PostgreSQL
import Testing

@testable import Store

/// What operators ask for: written once, claimed by one executor at a time, and finished once.
@Suite struct IntentStoreTests {
  private func caller(_ desk: TestDesk, role: Role = .operator, access: KeyAccess = .full) async throws -> APIKey {
    let id: Identifier<APIKey> = try await desk.fresh()
    try await desk.store.access.addKey(
      id: id, digest: id.bytes + id.bytes, role: role, channel: nil, agent: nil, label: "Olga", lifetime: nil,
      access: access)
    return try #require(try await desk.store.access.keys().first { $0.id == id })
  }

  private let scaling = IntentRequest(
    .scaleWorkers, [.init("service", .text("router")), .init("count", .integer(3))], reason: "it is busy")

  private func ask(
    _ desk: TestDesk, _ request: IntentRequest, by caller: APIKey, key: String? = nil
  ) async throws -> Intent {
    guard
      case .written(let intent) = try await desk.store.intents.request(
        request, id: desk.fresh(), by: caller, key: key)
    else { throw StoreError.vanished("an intent") }
    return intent
  }

  private func claim(_ desk: TestDesk, _ kinds: [Intent.Kind] = []) async throws -> ClaimedIntent? {
    try await desk.store.intents.claim(kinds, isExcluding: kinds.isEmpty, by: desk.fresh(ServiceInstance.self))
  }

  @Test func anIntentIsWrittenReadAndListed() async throws {
    try await TestDesk.with { desk in
      let olga = try await caller(desk)
      let first = try await ask(desk, scaling, by: olga)
      #expect(first.state == .pending && first.term == 0 && first.result == nil && first.label == "Olga")
      #expect(first.requestedBy == olga.id && first.kind == "workers.scale" && first.reason == "it is busy")
      #expect(first.parameters["count"] == .integer(3) && first.expiresAt > first.requestedAt)
      var policy = IntentRequest(.applyPolicy, [.init("based_on", .integer(1))], reason: "new queue")
      policy.document = "version: 1"
      let second = try await ask(desk, policy, by: olga)
      #expect(try await desk.store.intents.intent(first.id) == first)
      #expect(try await desk.store.intents.intent(second.id)?.document == "version: 1")
      let listed = try await desk.store.intents.intents(before: nil, limit: 9)
      #expect(listed.map(\.id) == [second.id, first.id] && listed[0].document == nil)
      #expect(try await desk.store.intents.intents(before: second.id, limit: 9).map(\.id) == [first.id])
      #expect(try await desk.store.intents.intents(in: [.done], before: nil, limit: 9).isEmpty)
    }
  }

  @Test func aKeyOfAPersonNamesOneIntent() async throws {
    try await TestDesk.with { desk in
      let (olga, oleg) = (try await caller(desk), try await caller(desk))
      let first = try await ask(desk, scaling, by: olga, key: "k")
      guard
        case .found(let again) = try await desk.store.intents.request(
          scaling, id: desk.fresh(), by: olga, key: "k")
      else {
        Issue.record("a second intent was written")
        return
      }
      #expect(again.id == first.id)
      _ = try await ask(desk, scaling, by: oleg, key: "k")
      #expect(try await desk.number("SELECT count(*) FROM desk.intent") == 2)
    }
  }

  @Test func thereIsRoomForABoundedNumber() async throws {
    try await TestDesk.with { desk in
      let olga = try await caller(desk)
      _ = try await ask(desk, scaling, by: olga)
      try await desk.run(
        """
        INSERT INTO desk.intent (id, kind, parameters, reason, requested_by, label, expires_at)
        SELECT gen_random_uuid(), 'key.revoke', '{}', 'why', gen_random_uuid(), '', now() + interval '1 minute'
          FROM generate_series(2, \(IntentBounds.unfinished))
        """)
      guard case .full = try await desk.store.intents.request(scaling, id: desk.fresh(), by: olga, key: nil) else {
        Issue.record("there was room")
        return
      }
      #expect(try await desk.number("SELECT count(*) FROM desk.intent") == Int64(IntentBounds.unfinished))
    }
  }

  @Test func eachIsClaimedByOneExecutorInOrder() async throws {
    try await TestDesk.with { desk in
      let olga = try await caller(desk)
      let first = try await ask(desk, scaling, by: olga)
      let replay = try await ask(desk, IntentRequest(.replayDeadLetters, [], reason: "again"), by: olga)
      let second = try await ask(desk, scaling, by: olga)
      let claimed = try #require(try await claim(desk))
      #expect(claimed.intent.id == first.id && claimed.intent.state == .running && claimed.intent.term == 1)
      #expect(claimed.isByOperator && !claimed.isExpired)
      #expect(try await claim(desk, [.replayDeadLetters])?.intent.id == replay.id)
      #expect(try await claim(desk, [.replayDeadLetters]) == nil)
      #expect(try await claim(desk)?.intent.id == second.id)
      #expect(try await claim(desk) == nil)
    }
  }

  @Test func aClaimThatExpiredIsTakenOverAndTheFormerExecutorFinishesNothing() async throws {
    try await TestDesk.with { desk in
      _ = try await ask(desk, scaling, by: caller(desk))
      let former = try #require(try await claim(desk)).intent
      let store = desk.store.intents
      let plan = JSONValue.object([.init("before", .integer(2))])
      #expect(try await store.renew(former))
      #expect(try await store.begin(former, plan: plan))
      #expect(try await !store.begin(former, plan: .object([])), "it is begun once")
      #expect(try await claim(desk) == nil, "the claim holds")
      try await desk.run("UPDATE desk.intent SET claimed_until = now() - interval '1 second'")
      let taken = try #require(try await claim(desk)).intent
      #expect(taken.id == former.id && taken.term == 2 && taken.begunAt != nil && taken.plan == plan)
      #expect(try await !store.renew(former))
      #expect(try await !store.finish(former, .done, .object([])))
      let result = JSONValue.object([.init("code", .text("scaled"))])
      #expect(try await store.finish(taken, .done, result))
      #expect(try await !store.finish(taken, .failed, result), "it ends once")
      let end = try #require(try await store.intent(former.id))
      #expect(end.state == .done && end.result == result && end.finishedAt != nil)
      try await desk.run("UPDATE desk.intent SET requested_by = requested_by WHERE false")
      await #expect(throws: PostgresError.self) { try await desk.run("UPDATE desk.intent SET state = 'pending'") }
    }
  }

  @Test func theDatabaseSaysWhetherWhoAskedStillMayAndInTime() async throws {
    try await TestDesk.with { desk in
      let revoked = try await caller(desk)
      let reader = try await caller(desk, access: .read)
      let lead = try await caller(desk, role: .auditor)
      for caller in [revoked, reader, lead] { _ = try await ask(desk, scaling, by: caller) }
      _ = try await desk.store.access.revokeKey(revoked.id)
      for _ in 0..<3 { #expect(try await claim(desk)?.isByOperator == false) }
      // A session counts as long as it is open.
      let (link, secret) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
      try await desk.store.access.addSignInLink(
        digest: link, role: .operator, agent: nil, label: "Olga", lifetime: .seconds(600))
      let opening = SessionOpening(link: link, id: try await desk.fresh(), digest: secret)
      let opened = try await desk.store.access.open([opening], lifetime: .seconds(600), idle: .seconds(600))
      let session = try #require(opened[opening])
      for _ in 0..<2 { _ = try await ask(desk, scaling, by: session.caller) }
      #expect(try await claim(desk)?.isByOperator == true)
      _ = try await desk.store.access.endSession(session.id)
      #expect(try await claim(desk)?.isByOperator == false)
      _ = try await ask(desk, scaling, by: caller(desk))
      try await desk.run("UPDATE desk.intent SET expires_at = now() - interval '1 second' WHERE state = 'pending'")
      let late = try #require(try await claim(desk))
      #expect(late.isExpired && late.isByOperator)
    }
  }

  @Test func whoAskedForWhatAndWhyIsInTheAuditWithTheResult() async throws {
    try await TestDesk.with { desk in
      let olga = try await caller(desk)
      var request = scaling
      request.document = "secret text"
      let intent = try await ask(desk, request, by: olga)
      let claimed = try #require(try await claim(desk)).intent
      _ = try await desk.store.intents.begin(claimed, plan: .object([]))
      _ = try await desk.store.intents.finish(claimed, .done, .object([.init("code", .text("scaled"))]))
      let entries = try await desk.store.audit.newestAuditEntries(ofKind: "intent.", limit: 9)
      #expect(entries.map(\.kind) == ["intent.done", "intent.requested"])
      #expect(entries.allSatisfy { $0.subject == intent.id.description && $0.detail.contains(olga.id.description) })
      #expect(entries.allSatisfy { $0.detail.contains("Olga") && !$0.detail.contains("secret text") })
      #expect(entries[1].reason?.text == "it is busy" && !entries[1].detail.contains("it is busy"))
      #expect(entries[0].detail.contains("scaled"))
      let page = try await desk.store.audit.auditPage(before: nil, limit: 2)
      #expect(page.map(\.number) == entries.map(\.number) && page.allSatisfy { $0.reason == nil })
      #expect(try await desk.store.audit.auditPage(before: page[0].number, limit: 1).map(\.number) == [page[1].number])
    }
  }

  @Test func aPolicyIsStoredAfterTheVersionThatWasSeenOrNotAtAll() async throws {
    try await TestDesk.with { desk in
      let access = desk.store.access
      #expect(try await access.applyPolicy(document: "a", by: "x", after: 1) == nil)
      #expect(try await access.applyPolicy(document: "a", by: "x", after: 0) == 1)
      #expect(try await access.applyPolicy(document: "b", by: "x", after: 0) == nil)
      #expect(try await access.applyPolicy(document: "a", by: "x", after: 1) == 1, "nothing changed")
      let both = try await withThrowingTaskGroup(of: Int32?.self) { group in
        for text in ["c", "d"] { group.addTask { try await access.applyPolicy(document: text, by: "x", after: 1) } }
        return try await group.reduce(into: [Int32?]()) { $0.append($1) }
      }
      #expect(both.compactMap(\.self) == [2])
      #expect(try await access.policyVersions(before: nil, limit: 9).map(\.version) == [2, 1])
      #expect(try await access.policyVersions(before: 2, limit: 9).map(\.version) == [1])
    }
  }

  @Test func aSetOfDeadLettersIsTheSameAsLongAsItsDigestIs() async throws {
    try await TestDesk.with { desk in
      let accepted = try await desk.accept(from: ["cara", "carl"])
      for message in accepted.map(\.message) { #expect(try await desk.store.outbox.deadLetter(message, reason: "bad")) }
      var filter = DeadLetterFilter()
      filter.until = try await desk.store.now()
      let set = try await desk.store.outbox.deadLetterSet(filter, most: 10)
      #expect(set.count == 2 && set.digest.utf8.count == 32)
      #expect(try await desk.store.outbox.deadLetterSet(filter, most: 1) == DeadLetterSet(count: 2, digest: ""))
      let letters = try await desk.store.outbox.deadLetters(filter, includingReplayed: false, limit: 9)
      #expect(try await desk.store.outbox.deadLetter(letters[0].id)?.reason == "bad")
      // One that is replayed and fails again meanwhile is no longer in it.
      #expect(try await desk.store.outbox.replay(letters[0].id, freshTicket: desk.fresh()))
      #expect(try await desk.store.outbox.deadLetterSet(filter, most: 10).count == 1)
      #expect(try await desk.store.outbox.deadLetter(MessageID(letters[0].id.description)!, reason: "bad again"))
      let now = try await desk.store.outbox.deadLetterSet(filter, most: 10)
      #expect(now.count == 1 && now.digest != set.digest)
      filter.until = try await desk.store.now()
      #expect(try await desk.store.outbox.deadLetterSet(filter, most: 10) == set, "the same again, later")
    }
  }
}
