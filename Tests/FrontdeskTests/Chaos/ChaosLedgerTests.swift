import DeskCore
import Store
import TestKit
import TestStore
import Testing

@testable import DeskReporting
@testable import LoadTesting

@Suite("Chaos ledger with PostgreSQL")
struct ChaosLedgerTests {
  private func withStore(_ body: (DeskStore, _ file: String) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    try await TestDatabase.with(connections: 2, hasPartitions: true) { store in
      try await body(store, folder.path("acknowledged.ndjson"))
    }
  }

  private func message(_ number: Int, _ id: String) -> IncomingMessage {
    .sample(
      id: MessageID(high: 0x7000, low: UInt64(number)), ticket: TicketID(high: 0x7000, low: UInt64(number)),
      from: "c\(number)", externalID: id, text: "t")
  }

  private func acknowledgement(_ number: Int, _ id: String) -> Acknowledgement {
    Acknowledgement(
      channel: "web", externalID: id, messageID: MessageID(high: 0x7000, low: UInt64(number)).description,
      ticketID: TicketID(high: 0x7000, low: UInt64(number)).description)
  }

  @Test("Two acknowledgements with canonically equal ids are two messages: one that is not stored is reported lost")
  func countsBytes() async throws {
    try await withStore { store, file in
      _ = try await store.inbox.accept([message(1, "\u{E9}")], owner: nil)
      try AcknowledgementLog(path: file).append([acknowledgement(1, "\u{E9}"), acknowledgement(2, "e\u{301}")])
      var ledger = ChaosLedger(store: store, begin: try await store.now())
      let wrong = try await ledger.check([file], decidedUpTo: nil)
      #expect(ledger.acknowledged == 2)
      #expect(wrong.lost == 1 && wrong.doubled == 0, "\(wrong.words)")
      let whole = try await ledger.checkAll([file])
      #expect(ledger.acknowledged == 2)
      #expect(whole.lost >= 1 && whole.doubled == 0, "\(whole.words)")
    }
  }

  @Test("Ids in every normal form are found, each once")
  func findsEveryForm() async throws {
    try await withStore { store, file in
      let rows = NormalForms.texts.enumerated().map { ($0 + 1, $1) }
      _ = try await store.inbox.accept(rows.map { message($0, $1) }, owner: nil)
      try AcknowledgementLog(path: file).append(rows.map { acknowledgement($0, $1) })
      var ledger = ChaosLedger(store: store, begin: try await store.now())
      #expect(try await ledger.check([file], decidedUpTo: nil) == ChaosLedger.Wrong())
      #expect(ledger.acknowledged == rows.count)
      let verdict = try await Ledger(store: store, acknowledgements: AcknowledgementLog.read(path: file)).verdict()
      #expect(verdict.acknowledged == rows.count && verdict.found == rows.count && verdict.isGood)
    }
  }
}
