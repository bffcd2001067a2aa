import CommandLineTool
import Foundation
import PostgreSQL
import Store

/// The effects of a fault to wait for or report.
struct FaultConsequences: Sendable, Equatable {
  /// The ids of processes that must be replaced.
  var ended: Set<Int32> = []
  /// Unexpected findings.
  var findings: [String] = []
}

/// Injects faults, one at a time. Temporary changes of a fault are undone when it returns, cancelled or not.
struct FaultInjector: Sendable {
  let desk: ChaosDesk

  /// Injects a fault and returns when it is over.
  /// - Throws: `CommandFailure` when it could not be injected; `CancellationError`.
  func inject(_ fault: Fault) async throws -> FaultConsequences {
    switch fault.kind {
    case .kill: try kill(fault)
    case .pause: try await pause(fault)
    case .slowWorker: try await slow(fault)
    case .restart: try await restart(fault)
    case .schemaUpgrade: try await upgradeSchema(fault)
    case .scale: try await scale(fault)
    case .databaseStop: try stopDatabase()
    case .databaseTerminateAll: try await terminateConnections(oneOf: 1)
    case .databaseTerminateSome: try await terminateConnections(oneOf: fault.amount)
    case .databaseCut: try await during(fault, [desk.databaseLine], .dead)
    case .databaseDelay: try await during(fault, [desk.databaseLine], .slow(.milliseconds(fault.amount)))
    case .clientsCut: try await during(fault, desk.clientLines, .dead)
    case .clientsDelay: try await during(fault, desk.clientLines, .slow(.milliseconds(fault.amount)))
    case .linksCut: try await cutLinks(fault)
    case .duplicates: await repeatMessages(fault)
    case .poison: try await poison(fault)
    case .hookHang: try await during(fault, .hanging)
    case .hookFail: try await during(fault, .failing)
    case .hookRedirect: try await during(fault, .redirecting)
    case .clockJump: try await jump(fault)
    case .diskFull: try await fillDisk(fault)
    case .poisonRow: try await sendAmongNeighbours(fault)
    case .unreadableTicket: try await spoilTicket(fault)
    case .lockedTickets: try await lockTickets(fault)
    case .gaugeFailing: try await failCount(fault)
    case .deafClients: try await sendWithoutReading(fault)
    case .connectionFlood: try await floodConnections(fault)
    case .unfinishedBodies: try await leaveUnfinished(fault)
    case .manyFrames: try await sendManyFrames()
    case .wrongKeys: try await tryWrongKeys(fault)
    case .keyFlood: try await floodKey(fault)
    case .bigTicket: try await growTicket(fault)
    case .linkStall: try await stall(fault)
    case .stalledReaders: try await openStreams(fault)
    }
  }

  /// Degrades proxies for the fault's duration.
  private func during(_ fault: Fault, _ lines: [FaultProxy], _ line: FaultProxy.Line) async throws -> FaultConsequences
  {
    for each in lines { each.setLine(line) }
    defer { for each in lines { each.setLine(.good) } }
    try await Task.sleep(for: fault.length)
    return FaultConsequences()
  }

  private func during(_ fault: Fault, _ mode: HookEndpoint.ResponseMode) async throws -> FaultConsequences {
    desk.hook.setMode(mode)
    defer { desk.hook.setMode(.good) }
    try await Task.sleep(for: fault.length)
    return FaultConsequences()
  }

  private func jump(_ fault: Fault) async throws -> FaultConsequences {
    guard let clock = desk.clock else { throw CommandFailure("there is no clock to shift") }
    defer { try? clock.shift(bySeconds: 0) }
    try clock.shift(bySeconds: fault.amount)
    try await Task.sleep(for: fault.length)
    return FaultConsequences()
  }

  private func fillDisk(_ fault: Fault) async throws -> FaultConsequences {
    guard let disk = desk.disk else { throw CommandFailure("there is no small disk") }
    defer { disk.empty() }
    try disk.fill()
    try await Task.sleep(for: fault.length)
    return FaultConsequences()
  }
}

// MARK: - PostgreSQL

extension FaultInjector {
  /// Stops PostgreSQL as `pg_ctl stop -m immediate` does.
  private func stopDatabase() throws -> FaultConsequences {
    let file = "\(desk.local.postgresData)/postmaster.pid"
    guard let process = PrivateFile.text(path: file)?.split(separator: "\n").first.flatMap({ Int32($0) }) else {
      throw CommandFailure("PostgreSQL is not running")
    }
    guard Foundation.kill(process, SIGQUIT) == 0 else { throw CommandFailure("PostgreSQL could not be stopped") }
    return FaultConsequences()
  }

  private func terminateConnections(oneOf share: Int) async throws -> FaultConsequences {
    try await desk.store.pool.execute(FaultInjector.terminate, [Int32(share)])
    return FaultConsequences()
  }

  /// Services use a separate role. The terminated connections depend on PostgreSQL's process ids.
  private static let terminate = PostgresStatement<Void>(
    "terminate_connections",
    """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND usename <> current_user AND pid % $1 = 0
    """)
}
