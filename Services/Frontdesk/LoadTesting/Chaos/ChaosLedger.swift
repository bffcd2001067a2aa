import DeskCore
import DeskReporting
import PostgreSQL
import Store

/// Checks clients' acknowledgements against the database, repeatedly while a desk works, and as a whole at the end.
struct ChaosLedger {
  /// The problems found with messages.
  struct Wrong: Sendable, Equatable {
    var lost = 0
    var doubled = 0
    var words: [String] = []

    mutating func add(_ other: Wrong) {
      lost += other.lost
      doubled += other.doubled
      words += other.words
    }
  }

  private let store: DeskStore
  private var tail = AcknowledgementTail()
  private var known: [ExactString: MessageID] = [:]
  private var unchecked: [LedgerClaim] = []
  private var checkedUpTo: Instant

  /// - Parameter begin: the time before which no message was accepted.
  init(store: DeskStore, begin: Instant) {
    self.store = store
    checkedUpTo = begin
  }

  /// The number of distinct messages acknowledged so far.
  var acknowledged: Int { known.count }

  /// Checks the messages acknowledged and accepted since the last check.
  /// - Parameters:
  ///   - files: the acknowledgement files.
  ///   - moment: the time up to which everything accepted is decided; nil when unknown, in which case the balance is skipped.
  mutating func check(_ files: [String], decidedUpTo moment: Instant?) async throws -> Wrong {
    var wrong = Wrong()
    for acknowledgement in try tail.read(files) {
      guard let claim = acknowledgement.claim else {
        wrong.words.append("an acknowledgement has no valid message identifier")
        wrong.lost += 1
        continue
      }
      let name = "\(claim.channel)/\(claim.externalID)"
      if let earlier = known[ExactString(name)] {
        if earlier != claim.message {
          wrong.words.append("\(name): acknowledged under two identifiers")
          wrong.doubled += 1
        }
      } else {
        known[ExactString(name)] = claim.message
        unchecked.append(claim)
      }
    }
    wrong.add(try await audit())
    if let moment {
      wrong.add(try await balance(upTo: moment))
    }
    return wrong
  }

  /// Checks open claims; undecided messages are checked again the next time.
  private mutating func audit() async throws -> Wrong {
    var verdict = LedgerVerdict()
    var undecided: [LedgerClaim] = []
    for start in stride(from: 0, to: unchecked.count, by: Ledger.claimsPerAudit) {
      let part = Array(unchecked[start..<min(start + Ledger.claimsPerAudit, unchecked.count)])
      let findings = try await ChaosLedger.patiently { try await store.audit.audit(part) }
      for finding in findings where part.indices.contains(finding.position) {
        if finding.whereabouts == "undecided", finding.rows == 1, finding.keyMatches {
          undecided.append(part[finding.position])
        } else {
          verdict.add(finding, to: part[finding.position])
        }
      }
    }
    unchecked = undecided
    return ChaosLedger.wrong(in: verdict)
  }

  /// Checks that messages without an acknowledgement are stored once and decided once too.
  private mutating func balance(upTo moment: Instant) async throws -> Wrong {
    let from = checkedUpTo
    let balance = try await ChaosLedger.patiently { try await store.audit.balance(acceptedFrom: from, to: moment) }
    checkedUpTo = moment
    guard let balance else { return Wrong() }
    return ChaosLedger.wrong(in: balance)
  }

  /// Checks everything, after all clients have ended and everything is decided.
  mutating func checkAll(_ files: [String]) async throws -> Wrong {
    _ = try tail.read(files)
    let acknowledgements = try files.flatMap { try AcknowledgementLog.read(path: $0) }
    for acknowledgement in acknowledgements {
      guard let claim = acknowledgement.claim else { continue }
      known[ExactString("\(claim.channel)/\(claim.externalID)")] = claim.message
    }
    let ledger = try Ledger(store: store, acknowledgements: acknowledgements)
    let verdict = try await ChaosLedger.patiently { try await ledger.verdict() }
    var wrong = ChaosLedger.wrong(in: verdict)
    if let balance = verdict.balance, !balance.isGood {
      wrong.lost = max(wrong.lost, Int(balance.lost))
      wrong.doubled = max(wrong.doubled, Int(balance.doubled + balance.decidedTwice))
      wrong.words.append(verdict.sentence)
    }
    return wrong
  }

  /// Retries a read that the database could not answer: a desk under faults may hold a lock for a while, and a failed read does not
  /// mean that a message is lost or duplicated.
  private static func patiently<Answer>(_ read: () async throws -> Answer) async throws -> Answer {
    for _ in 1..<ChaosBounds.ledgerTries {
      do {
        return try await read()
      } catch let error as PostgresError where error.isRetriable {
        try await Task.sleep(for: ChaosBounds.ledgerPause)
      }
    }
    return try await read()
  }

  private static func wrong(in verdict: LedgerVerdict) -> Wrong {
    Wrong(
      lost: verdict.lost + verdict.mismatched, doubled: verdict.doubled + verdict.decidedTwice, words: verdict.wrong)
  }

  private static func wrong(in balance: LedgerBalance) -> Wrong {
    var wrong = Wrong(lost: Int(balance.lost), doubled: Int(balance.doubled + balance.decidedTwice))
    if wrong.lost + wrong.doubled > 0 {
      wrong.words.append(
        """
        of \(balance.messages) messages accepted meanwhile \(balance.lost) are lost, \(balance.doubled) doubled and \
        \(balance.decidedTwice) decided twice
        """)
    }
    return wrong
  }
}
