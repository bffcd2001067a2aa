import CommandLineTool
import DeskCore
import PostgreSQL
import Store
import TestStore
import Testing

@testable import Administration

/// What `restore settle` refuses, and what it takes into the audit.
@Suite struct RestoreSettlingTests {
  /// The servers of tests are on timeline 1.
  private func settle(
    _ store: DeskStore, _ change: (inout RestoreSettling) -> Void = { _ in }
  ) async throws -> RestoreSettling.Outcome {
    var settling = RestoreSettling()
    settling.isWithoutRecovery = true
    change(&settling)
    return try await settling.run(on: store)
  }

  private func refusal(
    _ store: DeskStore, _ change: (inout RestoreSettling) -> Void = { _ in }
  ) async throws -> CommandFailure {
    let head = try await store.audit.auditHead().number
    let failure = await #expect(throws: CommandFailure.self) { try await settle(store, change) }
    #expect(try await store.audit.auditHead().number == head, "nothing is recorded")
    return try #require(failure)
  }

  private func lastSettling(_ store: DeskStore) async throws -> AuditEntry {
    try #require(try await store.audit.newestAuditEntries(ofKind: "desk.restored", limit: 1).first)
  }

  @Test func aMomentThatTheDataContradictsIsRefused() async throws {
    try await TestDatabase.with(connections: 2) { store in
      let early = try await store.now()
      _ = try await store.accept(store.message(from: "ann", externalID: "a"))
      let future = try await refusal(store) { $0.moment = early + .seconds(86_400) }
      #expect(future.status == .wrongCall && future.problem.contains("--moment") && future.remedy != nil)
      #expect(future.problem.contains("is after the server's time"))
      let past = try await refusal(store) { $0.moment = early - .seconds(1) }
      #expect(past.status == .wrongCall && past.problem.contains("is before the newest data here"))
      let tolerated = try await settle(store) {
        $0.moment = early - .seconds(1)
        $0.clockTolerance = .seconds(3600)
      }
      guard case .settled(to: early - .seconds(1), _) = tolerated else {
        Issue.record("\(tolerated)")
        return
      }
    }
  }

  @Test func aServerThatWasNeverRecoveredNeedsTheOperatorsWord() async throws {
    try await TestDatabase.with(connections: 2) { store in
      _ = try await store.accept(store.message(from: "ann", externalID: "a"))
      let failure = try await refusal(store) { $0.isWithoutRecovery = false }
      #expect(failure.status == .wrongCall && failure.problem.contains("timeline is 1"))
      #expect(failure.remedy?.contains("--without-recovery") == true)
      _ = try await settle(store)
      #expect(try await lastSettling(store).detail.contains("without_recovery"))
    }
  }

  @Test func whatIsSettledStaysUntilServicesHaveWrittenAndItIsRestoredAgain() async throws {
    try await TestDatabase.with(connections: 2) { store in
      _ = try await store.accept(store.message(from: "ann", externalID: "a"))
      _ = try await settle(store)
      let first = try #require(try await store.restores.server().settled)
      let head = try await store.audit.auditHead().number
      #expect(try await settle(store) == .before(first))
      #expect(try await settle(store) { $0.isWithoutRecovery = false } == .before(first))
      #expect(try await store.audit.auditHead().number == head)

      _ = try await store.accept(store.message(from: "bob", externalID: "b"))
      #expect(try await settle(store) { $0.isWithoutRecovery = false } == .before(first))
      guard case .settled = try await settle(store) else {
        Issue.record("it was restored again, and not settled")
        return
      }
      #expect(try #require(try await store.restores.server().settled).entry > first.entry)
    }
  }

  @Test func aBrokenAuditIsSettledOnlyWithTheOperatorsWordWhichIsRecorded() async throws {
    try await TestDatabase.with(connections: 2) { store in
      for number in 1...3 { try await store.audit.note("test", of: "\(number)", detail: .object([])) }
      try await store.pool.executeScript(
        "ALTER TABLE desk.audit DISABLE TRIGGER USER; UPDATE desk.audit SET actor = 'x' WHERE number = 2")
      let failure = try await refusal(store)
      #expect(failure.problem.contains("the audit is not sound"))
      #expect(failure.remedy?.contains("--accept-broken-audit") == true)
      _ = try await settle(store) { $0.isBrokenAuditAccepted = true }
      #expect(try await lastSettling(store).detail.contains("\"audit_broken_at\": 2"))
    }
  }

  @Test func aDamagedCopyIsNotSettled() async throws {
    try await TestDatabase.with(connections: 2) { store in
      try await store.pool.executeScript("DROP TABLE desk.draft")
      #expect(try await refusal(store).problem.contains("desk.draft is missing"))
    }
  }
}
