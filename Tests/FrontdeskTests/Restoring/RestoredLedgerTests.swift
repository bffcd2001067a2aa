import DeskCore
import DeskReporting
import Store
import Testing

@testable import Administration

@Suite("Restored ledger")
struct RestoredLedgerTests {
  private static let moment = Instant(seconds: 1_800_000_000)

  private static func acknowledgement(_ number: UInt64, at: Instant?) -> Acknowledgement {
    Acknowledgement(
      channel: "web", externalID: "x\(number)", messageID: MessageID(high: 1, low: number).description, ticketID: "",
      acknowledgedAt: at)
  }

  /// Takes one finding about an acknowledgement.
  private static func ledger(
    rows: Int64, keyMatches: Bool = false, at: Instant?, tolerance: Duration = .zero, isDropped: Bool = false,
    isUnderAnother: Bool = false
  ) throws -> RestoredLedger {
    var ledger = RestoredLedger(moment: moment, clockTolerance: tolerance)
    let one = acknowledgement(1, at: at)
    ledger.take(
      LedgerFinding(
        position: 0, rows: rows, keyMatches: keyMatches, isUnderAnother: isUnderAnother, decisions: rows,
        whereabouts: rows > 0 ? "queued" : "nowhere"),
      of: one, claim: try #require(one.claim), isDropped: isDropped)
    return ledger
  }

  @Test("A missing message is a fault if it was acknowledged until the moment, and expected if later")
  func missing() throws {
    for at in [Self.moment, Self.moment - .seconds(1)] {
      let ledger = try Self.ledger(rows: 0, at: at)
      #expect(ledger.missingBefore.count == 1 && ledger.missingAfter.isEmpty && ledger.count == 1)
    }
    let ledger = try Self.ledger(rows: 0, at: Self.moment + .microseconds(1))
    #expect(ledger.missingBefore.isEmpty && ledger.missingAfter.map(\.externalID) == ["x1"])
  }

  @Test("A message without a time is a fault when it is missing")
  func undated() throws {
    #expect(try Self.ledger(rows: 0, at: nil).missingBefore.count == 1)
  }

  @Test("A client's clock may be behind the server's as far as the tolerance")
  func tolerance() throws {
    let at = Self.moment - .seconds(1)
    #expect(try Self.ledger(rows: 0, at: at, tolerance: .seconds(1)).missingBefore.count == 1)
    #expect(try Self.ledger(rows: 0, at: at, tolerance: .milliseconds(1001)).missingAfter.count == 1)
  }

  @Test("What is there counts, whenever it was acknowledged; under another identifier it is wrong")
  func found() throws {
    let late = try Self.ledger(rows: 1, keyMatches: true, at: Self.moment + .seconds(9))
    #expect(late.verdict.isGood && late.verdict.found == 1 && late.count == 1)
    #expect(try Self.ledger(rows: 1, at: Self.moment).verdict.mismatched == 1)
  }

  @Test("A key that leads to another message: wrong until the moment, sent again after it")
  func underAnother() throws {
    let wrong = try Self.ledger(rows: 0, at: Self.moment, isUnderAnother: true)
    #expect(wrong.verdict.mismatched == 1 && wrong.missingBefore.isEmpty && wrong.count == 1)
    let again = try Self.ledger(rows: 0, at: Self.moment + .microseconds(1), isUnderAnother: true)
    #expect(again.verdict.isGood && again.sentAgain == 1 && again.missingAfter.isEmpty && again.count == 1)
  }

  @Test("A message whose day retention has dropped is known by its key only")
  func dropped() throws {
    let known = try Self.ledger(rows: 0, keyMatches: true, at: Self.moment, isDropped: true)
    #expect(known.dropped == 1 && known.missingBefore.isEmpty)
    #expect(try Self.ledger(rows: 0, keyMatches: true, at: Self.moment).missingBefore.count == 1)
    #expect(try Self.ledger(rows: 0, at: Self.moment, isDropped: true).missingBefore.count == 1)
  }

  @Test("Repetitions count once, with the earliest time; the same message under another identifier is another")
  func merging() {
    let (early, late) = (Self.moment - .seconds(5), Self.moment + .seconds(5))
    var again = Self.acknowledgement(1, at: late)
    again.messageID = MessageID(high: 2, low: 1).description
    let merged = RestoredLedger.merged([
      Self.acknowledgement(1, at: late), Self.acknowledgement(1, at: early), Self.acknowledgement(1, at: nil), again,
    ])
    #expect(merged == [Self.acknowledgement(1, at: early), again])
  }
}
