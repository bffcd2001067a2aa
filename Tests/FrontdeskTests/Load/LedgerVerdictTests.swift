import DeskCore
import Foundation
import Store
import TestKit
import Testing

@testable import DeskReporting

@Suite("Ledger verdict")
struct LedgerVerdictTests {
  private static func id(_ number: UInt64) -> MessageID { MessageID(high: 1, low: number) }

  private static let claim = LedgerClaim(channel: "web", externalID: "x1", message: id(1))

  @Test("Without a log, the balance of the database is reported")
  func withoutALog() {
    var verdict = LedgerVerdict()
    verdict.balance = .init(messages: 2, lost: 0, doubled: 0, decidedTwice: 0, wrongLoads: 0)
    #expect(
      verdict.sentenceWithoutLog
        == "no acknowledgements to check; 2 messages in the database, none lost, doubled or decided twice")
    verdict.balance?.doubled = 1
    #expect(verdict.sentenceWithoutLog.contains("2 messages in the database; in the whole database 0 lost, 1 doubled"))
    #expect(!verdict.isGood)
  }

  private static func verdict(
    rows: Int64 = 1, keyMatches: Bool = true, isUnderAnother: Bool = false, decisions: Int64 = 1,
    whereabouts: String = "queued"
  ) -> LedgerVerdict {
    var verdict = LedgerVerdict()
    verdict.add(
      LedgerFinding(
        position: 0, rows: rows, keyMatches: keyMatches, isUnderAnother: isUnderAnother, decisions: decisions,
        whereabouts: whereabouts), to: claim)
    return verdict
  }

  @Test("A message stored once and decided once is found")
  func good() {
    let verdict = Self.verdict()
    #expect(verdict.isGood)
    #expect(verdict.sentence == "1 acknowledged, 1 found, 0 lost, 0 doubled")
    #expect(verdict.whereabouts == ["queued": 1])
  }

  @Test("Undecided messages and dead letters need no decision", arguments: ["undecided", "dead_letter"])
  func withoutDecision(_ whereabouts: String) {
    #expect(Self.verdict(decisions: 0, whereabouts: whereabouts).isGood)
  }

  @Test("Each kind of problem is counted and names the message")
  func wrong() {
    let cases: [(LedgerVerdict, KeyPath<LedgerVerdict, Int>)] = [
      (Self.verdict(rows: 0, keyMatches: false, decisions: 0, whereabouts: "nowhere"), \.lost),
      (Self.verdict(decisions: 0, whereabouts: "queued"), \.lost), (Self.verdict(rows: 2), \.doubled),
      (Self.verdict(keyMatches: false), \.mismatched),
      (
        Self.verdict(rows: 0, keyMatches: false, isUnderAnother: true, decisions: 0, whereabouts: "nowhere"),
        \.mismatched
      ), (Self.verdict(decisions: 2), \.decidedTwice),
    ]
    for (verdict, count) in cases {
      #expect(!verdict.isGood)
      #expect(verdict[keyPath: count] == 1)
      #expect(verdict.wrong.contains { $0.hasPrefix("web/x1: ") })
    }
  }

  @Test("A lost message is counted as lost once and never as found")
  func countsOnce() {
    let undecidedNowhere = Self.verdict(decisions: 0, whereabouts: "queued")
    #expect(undecidedNowhere.found == 0)
    #expect(undecidedNowhere.lost == 1)
  }

  @Test("A contradiction in the database fails the verdict even if every claim is valid")
  func balance() {
    var verdict = Self.verdict()
    verdict.balance = .init(messages: 2, lost: 1, doubled: 0, decidedTwice: 0, wrongLoads: 0)
    #expect(!verdict.isGood)
    #expect(verdict.sentence.contains("in the whole database 1 lost"))
  }

  @Test("Only the first wrong messages are listed")
  func bounded() {
    var verdict = LedgerVerdict()
    for _ in 0..<50 { verdict.addContradiction("web/x") }
    #expect(verdict.doubled == 50)
    #expect(verdict.wrong.count == LedgerVerdict.namedLimit)
  }

  @Test("Repeated acknowledgements count once; two identifiers for one message are a contradiction")
  func claims() {
    let acknowledged = { (external: String, id: String) in
      Acknowledgement(channel: "web", externalID: external, messageID: id, ticketID: "t")
    }
    let claims = LedgerClaims([
      acknowledged("a", Self.id(1).description), acknowledged("a", Self.id(1).description),
      acknowledged("b", Self.id(2).description), acknowledged("b", Self.id(3).description), acknowledged("c", "no id"),
    ])
    #expect(claims.claims.map(\.externalID) == ["a", "b"])
    #expect(claims.contradictions == ["web/b"])
    #expect(claims.unreadable == ["web/c"])
  }

  @Test("Acknowledgements are distinguished by the bytes of their ids: canonically equal ones are two")
  func countsBytes() throws {
    let acknowledgements = NormalForms.texts.enumerated().map { position, id in
      Acknowledgement(channel: "web", externalID: id, messageID: Self.id(UInt64(position)).description, ticketID: "t")
    }
    let two = LedgerClaims(Array(acknowledgements.prefix(2)))
    #expect(two.claims.count == 2 && two.contradictions.isEmpty, "\u{E9} and e with U+0301")
    let all = LedgerClaims(acknowledgements + acknowledgements)
    #expect(all.claims.map { Array($0.externalID.utf8) } == NormalForms.texts.map { Array($0.utf8) })
    #expect(all.contradictions.isEmpty)
    // A file preserves the bytes.
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path("file.ndjson")
    try AcknowledgementLog(path: path).append(acknowledgements)
    let read = try AcknowledgementLog.read(path: path)
    #expect(read.map { Array($0.externalID.utf8) } == NormalForms.texts.map { Array($0.utf8) })
  }
}
