import CommandLineTool
import DeskCore
import Store

/// Settles a restored desk, after it has made sure that this is one.
struct RestoreSettling: Sendable {
  /// The moment that the operator named; nil for the one that the database shows.
  var moment: Instant?
  var clockTolerance: Duration = .zero
  /// Whether the operator says that the database went back in time although its server was not recovered.
  var isWithoutRecovery = false
  var isBrokenAuditAccepted = false

  enum Outcome: Sendable, Equatable {
    case settled(to: Instant, RestoreSettlement)
    /// Nothing was changed.
    case before(RestoredServer.Settling)
  }

  /// - Throws: `CommandFailure` for what is not a restored desk, is not sound, or runs.
  func run(on store: DeskStore) async throws -> Outcome {
    let schema = try await RestoreSchema.finding(of: store, examples: 0)
    guard schema.grade == .sound else { throw CommandFailure(schema.text, remedy: schema.remedy) }
    let server = try await store.restores.server()
    try await requireStandstill(of: store, server)
    let isRestoredAgain = isRestoredAgain(server)
    var terms = SettlingTerms(moment: try momentOf(server, isRestoredAgain: isRestoredAgain))
    if server.isSettled, !isRestoredAgain, let settled = server.settled { return .before(settled) }
    guard isWithoutRecovery || server.timeline != 1 else {
      throw CommandFailure(
        "the server's timeline is 1: it was never recovered and promoted",
        remedy: """
          name the restored server with --postgres, not one that runs a desk; if the database went back in time in another way, by a \
          snapshot of its disk or a dump, say so with --without-recovery
          """, status: .wrongCall)
    }
    terms.isWithoutRecovery = isWithoutRecovery
    terms.isRepeated = isRestoredAgain
    terms.brokenEntry = try await brokenEntry(in: store)
    let settlement = try await store.restores.settle(terms)
    if settlement.wasSettled, let settled = try await store.restores.server().settled { return .before(settled) }
    return .settled(to: terms.moment, settlement)
  }

  private func requireStandstill(of store: DeskStore, _ server: RestoredServer) async throws {
    guard !server.isInRecovery else {
      throw CommandFailure(
        "the server still replays its archive",
        remedy: "wait for its end, or end it with `SELECT pg_promote()` once it has reached the moment")
    }
    let living = try await store.fleet.livingInstances().count
    guard living == 0 else {
      throw CommandFailure(
        "\(living) services are running on this desk",
        remedy: "stop them first: settling ends everyone's session, and is only for a desk that was just restored")
    }
  }

  /// Without a recovery the timeline stays. Then it counts that services have written since the desk was settled.
  private func isRestoredAgain(_ server: RestoredServer) -> Bool {
    guard isWithoutRecovery, server.isSettled, let settled = server.settled, let newest = server.newestTrace else {
      return false
    }
    return newest > settled.at
  }

  private func momentOf(_ server: RestoredServer, isRestoredAgain: Bool) throws -> Instant {
    guard let restored = RestoreMoment(named: moment, of: server, isRestoredAgain: isRestoredAgain) else {
      throw CommandFailure(
        "the database does not show what it was restored to", remedy: "name it with --moment", status: .wrongCall)
    }
    let contradiction = restored.contradiction(
      now: server.now, trace: isRestoredAgain ? server.newestTrace : server.restoredTrace,
      clockTolerance: clockTolerance)
    if let contradiction {
      throw CommandFailure(contradiction.problem, remedy: contradiction.remedy, status: .wrongCall)
    }
    return restored.instant
  }

  /// The entry at which the audit is not sound; nil where it is.
  private func brokenEntry(in store: DeskStore) async throws -> Int64? {
    var verifier = AuditVerifier(store: store)
    do {
      try await verifier.verifyChain()
      try await verifier.verifyTimelines()
      return nil
    } catch let broken as AuditChain.Break {
      if isBrokenAuditAccepted { return broken.entry }
      throw CommandFailure(
        "the audit is not sound: \(broken.description)",
        remedy: """
          keep this database as it is, and restore an earlier backup into another folder to compare with; if there is no better one, \
          --accept-broken-audit settles it, and the audit then says so
          """)
    }
  }
}
