import CommandLineTool
import Foundation
package import Store

/// Checks acknowledgements against the database.
package struct Ledger: Sendable {
  /// Acknowledgements checked against the database in one statement.
  package static let claimsPerAudit = 1000
  /// The polling interval of conditions.
  package static let lookInterval: Duration = .milliseconds(250)

  package let store: DeskStore
  package let claims: LedgerClaims

  package init(store: DeskStore, acknowledgements: [Acknowledgement]) throws {
    self.store = store
    claims = LedgerClaims(acknowledgements)
    if let first = claims.unreadable.first {
      throw CommandFailure(
        "\(claims.unreadable.count) acknowledgements have no valid message identifier, the first is the one of \(first)",
        status: .wrongCall)
    }
  }

  /// Performs one check, in bounded statements, including the database's own balance.
  package func verdict() async throws -> LedgerVerdict {
    var verdict = LedgerVerdict()
    for start in stride(from: 0, to: claims.claims.count, by: Ledger.claimsPerAudit) {
      let part = Array(claims.claims[start..<min(start + Ledger.claimsPerAudit, claims.claims.count)])
      for finding in try await store.audit.audit(part) where part.indices.contains(finding.position) {
        verdict.add(finding, to: part[finding.position])
      }
    }
    for name in claims.contradictions { verdict.addContradiction(name) }
    verdict.balance = try await store.audit.balance().map {
      LedgerVerdict.Balance(
        messages: $0.messages, lost: $0.lost, doubled: $0.doubled, decidedTwice: $0.decidedTwice,
        wrongLoads: $0.wrongLoads, wrongTickets: $0.wrongTickets)
    }
    return verdict
  }

  /// Waits at most `time` until no message is undecided, and returns whether that was reached. Tolerates database outages meanwhile.
  package static func settle(_ store: DeskStore, within time: Duration) async throws -> Bool {
    let deadline = ContinuousClock.now + time
    while true {
      if let figures = try? await store.reports.inboxFigures(), figures.waiting == 0 { return true }
      guard ContinuousClock.now < deadline else { return false }
      try await Task.sleep(for: Ledger.lookInterval)
    }
  }
}
