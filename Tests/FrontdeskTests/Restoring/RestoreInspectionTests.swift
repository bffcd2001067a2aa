import DeskCore
import DeskReporting
import Foundation
import PostgreSQL
import Store
import TestStore
import Testing

@testable import Administration

/// The whole check, on real databases.
@Suite struct RestoreInspectionTests {
  private func inspect(
    _ store: DeskStore, _ change: (inout RestoreInspection.Request) -> Void = { _ in }
  ) async throws -> (RestoreReport, [Acknowledgement]) {
    var request = RestoreInspection.Request()
    change(&request)
    var inspection = RestoreInspection(store, request)
    return (try await inspection.run(), inspection.toBeSentAgain)
  }

  private func grades(_ report: RestoreReport, of subject: RestoreFinding.Subject) -> [RestoreFinding.Grade] {
    report.findings.filter { $0.subject == subject }.map(\.grade)
  }

  private func accepted(_ store: DeskStore, _ names: [String], at: Instant) async throws -> [Acknowledgement] {
    var acknowledgements: [Acknowledgement] = []
    for name in names {
      let acceptance = try await store.accept(store.message(from: name, externalID: name))
      acknowledgements.append(
        Acknowledgement(
          channel: "web", externalID: name, messageID: "\(acceptance.message)", ticketID: "\(acceptance.ticket)",
          acknowledgedAt: at))
    }
    return acknowledgements
  }

  @Test func everyGapHasARemedyAndNoneIsAFault() async throws {
    try await TestDatabase.with(connections: 2) { store in
      var acknowledgements = try await accepted(store, ["a", "b"], at: try await store.now())
      let moment = try await store.now()
      acknowledgements.append(
        Acknowledgement(
          channel: "web", externalID: "late", messageID: "00000000-0000-7000-8000-000000000001", ticketID: "",
          acknowledgedAt: moment + .seconds(1)))
      let (report, again) = try await inspect(store) {
        $0.moment = moment
        $0.acknowledgements = acknowledgements
      }
      #expect(report.isSound && report.momentFrom == .named)
      #expect(
        report.acknowledgements
          == .init(acknowledged: 3, found: 2, missingBefore: 0, missingAfter: 1, dropped: 0))
      #expect(again.map(\.externalID) == ["late"])
      #expect(report.findings.allSatisfy { ($0.grade == .sound) == ($0.remedy == nil) })
      #expect(grades(report, of: .acknowledgements) == [.gap, .sound])
      #expect(grades(report, of: .effects) == [.gap], "two messages are undecided")
      #expect(grades(report, of: .replies) == [.gap] && grades(report, of: .erasures) == [.gap])
      #expect(report.text.contains("sound; to be done:") && report.text.contains("web/late"))
      _ = try await store.restores.settle(restoredTo: moment)
      let (settled, _) = try await inspect(store)
      #expect(settled.momentFrom == .settled && grades(settled, of: .replies) == [.sound])
    }
  }

  @Test func whatIsMissingFromBeforeTheMomentIsAFault() async throws {
    try await TestDatabase.with(connections: 2) { store in
      let acknowledgements = try await accepted(store, ["a", "b"], at: try await store.now())
      let moment = try await store.now()
      try await store.pool.executeScript(
        "DELETE FROM desk.inbox WHERE message_id = '\(acknowledgements[0].messageID)'; DELETE FROM desk.message WHERE id = '\(acknowledgements[0].messageID)'"
      )
      let (report, again) = try await inspect(store) {
        $0.moment = moment
        $0.acknowledgements = acknowledgements
      }
      #expect(!report.isSound && again.isEmpty && report.acknowledgements?.missingBefore == 1)
      #expect(report.text.contains("do not start the services"))
    }
  }

  @Test(
    "finds a fault in what was restored",
    arguments: [
      (
        "ALTER TABLE desk.audit DISABLE TRIGGER USER; UPDATE desk.audit SET actor = 'x' WHERE number = 2",
        RestoreFinding.Subject.audit
      ),
      ("DELETE FROM desk.inbox", .ledger), ("DELETE FROM desk.inbox; DELETE FROM desk.message", .ledger),
      ("DROP TABLE desk.draft", .schema), ("DROP TABLE desk.dead_letter CASCADE", .schema),
      ("DROP TABLE public.schema_migration", .schema), ("ALTER TABLE desk.reply DROP COLUMN hook CASCADE", .schema),
      ("DELETE FROM desk.message_key", .ledger),
      ("INSERT INTO public.schema_migration (number, name, checksum) VALUES (9999, 'later', 1)", .schema),
    ])
  func faults(change: String, subject: RestoreFinding.Subject) async throws {
    try await TestDatabase.with(connections: 2) { store in
      for number in 1...3 { try await store.audit.note("test", of: "\(number)", detail: .object([])) }
      _ = try await accepted(store, ["a"], at: try await store.now())
      #expect(try await inspect(store).0.isSound)
      try await store.pool.executeScript(change)
      let report = try await inspect(store).0
      #expect(!report.isSound && grades(report, of: subject).contains(.fault))
    }
  }

  @Test func keysOutsideTheDatabaseAreNamed() async throws {
    try await TestDatabase.with(connections: 2) { store in
      try await store.pool.executeScript(
        """
        INSERT INTO desk.customer_contact (channel, customer, key_name, sealed, given_at) VALUES ('web', 'ann', '2026-10', '\\x00', now());
        INSERT INTO desk.word_key (name, proof) VALUES ('2026-11', 'sealed')
        """)
      let report = try await inspect(store).0
      #expect(report.findings.first { $0.subject == .contacts }?.examples == ["2026-10: 1"])
      #expect(report.findings.first { $0.subject == .words }?.examples == ["2026-11"])
    }
  }

  @Test func theJSONHasEveryMember() async throws {
    try await TestDatabase.with(connections: 2) { store in
      let data = try JSONEncoder().encode(try await inspect(store).0)
      let object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
      #expect(Set(object.keys) == ["moment", "moment_from", "sound", "acknowledgements", "findings"])
      #expect(object["sound"] as? Bool == true && object["acknowledgements"] is NSNull)
    }
  }
}
