import ArgumentParser
import CommandLineTool
import DeskCore
import DeskReporting
import PostgreSQL
import Store
import TestStore
import Testing

@testable import Administration

/// What a check says of a moment, and of acknowledgements, that the database contradicts.
@Suite struct RestoreContradictionTests {
  private func inspect(
    _ store: DeskStore, _ change: (inout RestoreInspection.Request) -> Void
  ) async throws -> RestoreReport {
    var request = RestoreInspection.Request()
    change(&request)
    var inspection = RestoreInspection(store, request)
    return try await inspection.run()
  }

  private func fault(_ report: RestoreReport, _ subject: RestoreFinding.Subject) -> RestoreFinding? {
    report.findings.first { $0.subject == subject && $0.grade == .fault }
  }

  private func accepted(_ store: DeskStore, _ name: String, at: Instant) async throws -> Acknowledgement {
    let acceptance = try await store.accept(store.message(from: name, externalID: name))
    return Acknowledgement(
      channel: "web", externalID: name, messageID: "\(acceptance.message)", ticketID: "\(acceptance.ticket)",
      acknowledgedAt: at)
  }

  @Test func aMomentBeforeTheNewestDataIsAFault() async throws {
    try await TestDatabase.with(connections: 2) { store in
      let early = try await store.now()
      let there = try await accepted(store, "a", at: early)
      var lost = there
      lost.externalID = "lost"
      lost.messageID = "00000000-0000-7000-8000-000000000001"
      lost.acknowledgedAt = early + .microseconds(1)
      let report = try await inspect(store) {
        $0.moment = early
        $0.acknowledgements = [there, lost]
      }
      let finding = try #require(fault(report, .moment))
      #expect(!report.isSound && finding.text.contains("--moment") && finding.text.contains("before the newest data"))
      let late = try await store.now()
      #expect(fault(try await inspect(store) { $0.moment = late }, .moment) == nil)
      let tolerant = try await inspect(store) {
        $0.moment = early
        $0.clockTolerance = .seconds(3600)
      }
      #expect(fault(tolerant, .moment) == nil)
    }
  }

  @Test func aMomentAfterTheServersTimeIsAFault() async throws {
    try await TestDatabase.with(connections: 2) { store in
      let later = try await store.now() + .seconds(86_400)
      let finding = try #require(fault(try await inspect(store) { $0.moment = later }, .moment))
      #expect(finding.text.contains("after the server's time"))
      // Earlier builds took such a moment into the audit.
      _ = try await store.restores.settle(restoredTo: later)
      #expect(fault(try await inspect(store) { _ in }, .moment) != nil)
    }
  }

  @Test func anotherIdentifierIsNoMissingMessage() async throws {
    try await TestDatabase.with(connections: 2) { store in
      let there = try await accepted(store, "a", at: try await store.now())
      let moment = try await store.now()
      var other = there
      other.messageID = "00000000-0000-7000-8000-000000000001"

      let both = try await inspect(store) {
        $0.moment = moment
        $0.acknowledgements = [there, other]
      }
      let contradiction = try #require(fault(both, .acknowledgements))
      #expect(contradiction.examples == ["web/a: acknowledged under two identifiers"])
      let alone = try await inspect(store) {
        $0.moment = moment
        $0.acknowledgements = [other]
      }
      #expect(fault(alone, .acknowledgements)?.examples == ["web/a: stored under another identifier"])
      #expect([both, alone].allSatisfy { $0.acknowledgements?.missingBefore == 0 })

      // Lost with the restore and sent again: as it has to be.
      other.acknowledgedAt = moment + .seconds(1)
      let again = try await inspect(store) {
        $0.moment = moment
        $0.acknowledgements = [there, other]
      }
      #expect(again.isSound && again.acknowledgements?.sentAgain == 1 && again.acknowledgements?.missingAfter == 0)
    }
  }

  @Test func aSettlingOfAnotherTimelineDoesNotCount() async throws {
    try await TestDatabase.with(connections: 2) { store in
      _ = try await accepted(store, "a", at: try await store.now())
      try await store.pool.executeScript(
        "SELECT desk.audit_append('desk.restored', '2023-01-01T00:00:00.000000Z', jsonb_build_object('timeline', 99))")
      let report = try await inspect(store) { _ in }
      #expect(report.momentFrom == .trace)
      let replies = try #require(report.findings.first { $0.subject == .replies })
      #expect(replies.grade == .gap && replies.text.contains("on timeline 99"))
    }
  }

  @Test func missingTablesAreNamedAndNotMigrated() async throws {
    try await TestDatabase.with(connections: 2) { store in
      try await store.pool.executeScript("DROP TABLE desk.draft")
      let finding = try #require(fault(try await inspect(store) { _ in }, .schema))
      #expect(finding.text.contains("desk.draft is missing") && finding.examples == ["desk.draft"])
      #expect(finding.remedy?.contains("do not migrate it") == true)
    }
  }

  @Test func clocksMayDifferByAnHourAtMost() throws {
    for arguments in [["--clock-tolerance", "10000d"], ["--clock-tolerance", "61m"]] {
      #expect { try CheckRestore.parse(arguments) } throws: {
        CheckRestore.fullMessage(for: $0).contains("more than 1h")
      }
      #expect { try SettleRestore.parse(arguments) } throws: {
        SettleRestore.fullMessage(for: $0).contains("more than 1h")
      }
    }
    #expect(try CheckRestore.parse(["--clock-tolerance", "1h"]).clockTolerance.duration == .seconds(3600))
  }
}
