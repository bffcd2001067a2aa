import DeskCore
import DeskReporting
import Store

// Clients' acknowledgements, compared with the database.
extension RestoreInspection {
  mutating func examineAcknowledgements(
    _ moment: RestoreMoment?
  ) async throws -> RestoreReport.Acknowledgements? {
    guard let acknowledgements = request.acknowledgements else {
      findings.append(
        .gap(
          .acknowledgements, "not compared",
          remedy:
            "give what clients have logged with --acknowledged: only that shows which messages they must send again"))
      return nil
    }
    var ledger = RestoredLedger(
      moment: moment?.instant ?? .latest, clockTolerance: request.clockTolerance)
    let verifier = verifier
    try await ledger.compare(acknowledgements, with: store) { verifier.hasDropped($0) }
    toBeSentAgain = ledger.missingAfter
    let verdict = ledger.verdict
    if !verdict.isGood {
      findings.append(
        .fault(
          .acknowledgements,
          "\(verdict.lost) undecided and not waiting, \(verdict.doubled) doubled or acknowledged under two identifiers, "
            + "\(verdict.mismatched) under another identifier, \(verdict.decidedTwice) decided twice",
          count: Int64(verdict.lost + verdict.doubled + verdict.mismatched + verdict.decidedTwice),
          examples: Array(verdict.wrong.prefix(request.examples)),
          remedy: "check that the file is of this desk; if it is, restore an earlier backup to compare with"))
    }
    if !ledger.missingBefore.isEmpty {
      findings.append(
        .fault(
          .acknowledgements, "\(ledger.missingBefore.count) acknowledged until the moment are missing",
          count: Int64(ledger.missingBefore.count), examples: examples(ledger.missingBefore),
          remedy: """
            check that the archive was complete up to the moment (`pgbackrest info`), that the moment is the one of the restore, and that \
            the clients' clocks agree with the server's (--clock-tolerance); then restore again
            """))
    }
    if !ledger.missingAfter.isEmpty {
      findings.append(
        .gap(
          .acknowledgements, "\(ledger.missingAfter.count) acknowledged after the moment are not here, as expected",
          count: Int64(ledger.missingAfter.count), examples: examples(ledger.missingAfter),
          remedy: """
            write them to a file with --missing and have their channels send them again: their keys are free, so each is accepted once, \
            under a new identifier
            """))
    }
    if ledger.sentAgain > 0 {
      findings.append(
        .sound(
          .acknowledgements,
          "\(ledger.sentAgain) acknowledged after the moment were sent again, and are here under another identifier",
          count: Int64(ledger.sentAgain)))
    }
    let found = verdict.acknowledged
    if verdict.isGood, ledger.missingBefore.isEmpty {
      findings.append(
        .sound(
          .acknowledgements,
          "\(found) of \(ledger.count) acknowledged are here, all that were acknowledged until the moment",
          count: Int64(found)))
    }
    return .init(
      acknowledged: ledger.count, found: verdict.found, missingBefore: ledger.missingBefore.count,
      missingAfter: ledger.missingAfter.count, dropped: ledger.dropped, sentAgain: ledger.sentAgain)
  }

  private func examples(_ missing: [Acknowledgement]) -> [String] {
    missing.prefix(request.examples).map {
      "\($0.channel)/\($0.externalID)" + ($0.acknowledgedAt.map { "  \(RFC3339.text($0))" } ?? "")
    }
  }
}
