import CommandLineTool
import DeskCore
import DeskReporting
import Store

/// The acknowledgements of clients compared with a restored database.
///
/// The server replays commits in the order of its log and stops before the first one dated after the moment. A client has its
/// acknowledgement after the commit is in the log, so that what it had at the moment by a clock that agrees with the server's is there.
struct RestoredLedger: Sendable {
  /// Those that are in the database, with what is wrong with them.
  private(set) var verdict = LedgerVerdict()
  /// Acknowledged until the moment and missing: a fault.
  private(set) var missingBefore: [Acknowledgement] = []
  /// Acknowledged after the moment and missing: they have to be sent again.
  private(set) var missingAfter: [Acknowledgement] = []
  /// Acknowledged after the moment, lost with the restore and sent again since: here under another identifier.
  private(set) var sentAgain = 0
  /// Whose day retention has dropped.
  private(set) var dropped = 0

  private let moment: Instant
  private let clockTolerance: Duration

  /// - Parameter clockTolerance: how far clients' clocks may be behind the server's.
  init(moment: Instant, clockTolerance: Duration = .zero) {
    self.moment = moment
    self.clockTolerance = clockTolerance
  }

  /// The number of distinct acknowledgements.
  var count: Int { verdict.acknowledged + missingBefore.count + missingAfter.count + sentAgain + dropped }

  /// Compares acknowledgements, each with its time, in bounded statements.
  /// - Parameter hasDropped: whether retention has dropped the day of a message.
  mutating func compare(
    _ acknowledgements: [Acknowledgement], with store: DeskStore, hasDropped: (MessageID) -> Bool
  ) async throws {
    let merged = withoutContradictions(RestoredLedger.merged(acknowledgements))
    for start in stride(from: 0, to: merged.count, by: Ledger.claimsPerAudit) {
      let part = merged[start..<min(start + Ledger.claimsPerAudit, merged.count)]
      let claims = part.compactMap(\.claim)
      for finding in try await store.audit.audit(claims) where claims.indices.contains(finding.position) {
        take(
          finding, of: part[start + finding.position], claim: claims[finding.position],
          isDropped: hasDropped(claims[finding.position].message))
      }
    }
  }

  mutating func take(
    _ finding: LedgerFinding, of acknowledgement: Acknowledgement, claim: LedgerClaim, isDropped: Bool
  ) {
    if finding.rows > 0 { return verdict.add(finding, to: claim) }
    let isOfBefore = isUntilMoment(acknowledgement)
    // Retention keeps the key.
    if isDropped, finding.keyMatches {
      dropped += 1
    } else if finding.isUnderAnother {
      // No restore gives a message that it has kept another identifier.
      if isOfBefore { verdict.add(finding, to: claim) } else { sentAgain += 1 }
    } else if isOfBefore {
      missingBefore.append(acknowledgement)
    } else {
      missingAfter.append(acknowledgement)
    }
  }

  /// One without a time cannot be of after the moment.
  private func isUntilMoment(_ acknowledgement: Acknowledgement) -> Bool {
    acknowledgement.acknowledgedAt.map { $0 + clockTolerance <= moment } ?? true
  }

  /// Counts messages that were acknowledged until the moment under two identifiers, as `Ledger` does, and returns the first of each.
  private mutating func withoutContradictions(_ merged: [Acknowledgement]) -> [Acknowledgement] {
    var known: Set<ExactString> = []
    var consistent: [Acknowledgement] = []
    for acknowledgement in merged {
      let name = "\(acknowledgement.channel)/\(acknowledgement.externalID)"
      if isUntilMoment(acknowledgement), !known.insert(ExactString(name)).inserted {
        verdict.addContradiction(name)
      } else {
        consistent.append(acknowledgement)
      }
    }
    return consistent
  }

  /// One for each message, with the earliest time. A message that was sent again after a restore has another identifier, and is another.
  static func merged(_ acknowledgements: [Acknowledgement]) -> [Acknowledgement] {
    var places: [LedgerClaim: Int] = [:]
    var merged: [Acknowledgement] = []
    for acknowledgement in acknowledgements {
      guard let claim = acknowledgement.claim else { continue }
      guard let place = places[claim] else {
        places[claim] = merged.count
        merged.append(acknowledgement)
        continue
      }
      if let time = acknowledgement.acknowledgedAt, merged[place].acknowledgedAt.map({ time < $0 }) ?? true {
        merged[place].acknowledgedAt = time
      }
    }
    return merged
  }
}
