import CommandLineTool
import DeskSupervisor
import Foundation
import PostgreSQL
import Store

extension FaultInjector {
  /// Returns the process that a fault affects, among those running now, in order.
  private func victim(of fault: Fault) throws -> (name: String, process: Int32) {
    guard let service = fault.service else { throw CommandFailure("the fault names no service") }
    let running = try desk.members(of: service).compactMap { member in
      member.processID.map { (name: member.name, process: $0) }
    }
    guard !running.isEmpty else { throw CommandFailure("no process of \(service.rawValue) is running") }
    return running[fault.instance % running.count]
  }

  func kill(_ fault: Fault) throws -> FaultConsequences {
    let victim = try victim(of: fault)
    Foundation.kill(victim.process, SIGKILL)
    return FaultConsequences(ended: [victim.process])
  }

  func pause(_ fault: Fault) async throws -> FaultConsequences {
    let victim = try victim(of: fault)
    Foundation.kill(victim.process, SIGSTOP)
    defer { Foundation.kill(victim.process, SIGCONT) }
    try await Task.sleep(for: fault.length)
    return FaultConsequences()
  }

  /// Pauses all workers of one link at once, so that none takes over the others' work.
  func stall(_ fault: Fault) async throws -> FaultConsequences {
    guard let service = fault.service else { throw CommandFailure("the fault names no service") }
    let workers = try desk.members(of: service).compactMap(\.processID)
    for worker in workers { Foundation.kill(worker, SIGSTOP) }
    defer { for worker in workers { Foundation.kill(worker, SIGCONT) } }
    try await Task.sleep(for: fault.length)
    return FaultConsequences()
  }

  func slow(_ fault: Fault) async throws -> FaultConsequences {
    let victim = try victim(of: fault)
    defer { Foundation.kill(victim.process, SIGCONT) }
    let end = ContinuousClock.now + fault.length
    while ContinuousClock.now < end {
      Foundation.kill(victim.process, SIGSTOP)
      try await Task.sleep(for: ChaosBounds.slowWorkerStill)
      Foundation.kill(victim.process, SIGCONT)
      try await Task.sleep(for: ChaosBounds.slowWorkerRunning)
    }
    return FaultConsequences()
  }

  func restart(_ fault: Fault) async throws -> FaultConsequences {
    guard let service = fault.service else { throw CommandFailure("the fault names no service") }
    return try await restart(service)
  }

  /// Upgrades the schema first, while the old processes use it, then one service after another. This build acts as the older one.
  func upgradeSchema(_ fault: Fault) async throws -> FaultConsequences {
    let step = NewerSchema.step(fault.number)
    let migrator = try PostgresMigrator(DeskMigrations.all + [step])
    for attempt in 1... {
      do {
        try await migrator.migrate(desk.store.pool)
        break
      } catch let error as PostgresError where error.sqlState == "55P03" && attempt < ChaosBounds.upgradeAttempts {
        // The lock was not acquired in time; an operator would retry.
        continue
      }
    }
    var aftermath = FaultConsequences()
    for service in ServiceKind.allCases {
      let restarted = try await restart(service)
      aftermath.ended.formUnion(restarted.ended)
      aftermath.findings += restarted.findings
    }
    return aftermath
  }

  /// Restarts the processes one after another, each after the previous one has been replaced.
  private func restart(_ service: ServiceKind) async throws -> FaultConsequences {
    let before = try desk.members(of: service).compactMap(\.processID)
    for process in before {
      Foundation.kill(process, SIGTERM)
      let deadline = ContinuousClock.now + ChaosBounds.restartTime
      while true {
        let now = try desk.members(of: service)
        if !now.contains(where: { $0.processID == process }), now.count >= before.count,
          now.allSatisfy({ $0.state == .ready })
        {
          break
        }
        guard ContinuousClock.now < deadline else {
          return FaultConsequences(findings: [
            "\(service.rawValue) did not come back in \(ChaosBounds.restartTime.text)"
          ])
        }
        try await Task.sleep(for: ChaosBounds.lookInterval)
      }
    }
    return FaultConsequences(ended: Set(before))
  }

  func scale(_ fault: Fault) async throws -> FaultConsequences {
    guard let service = fault.service else { throw CommandFailure("the fault names no service") }
    let usual = ChaosDesk.processes[service] ?? 1
    try desk.scale(service, to: fault.amount)
    do {
      try await Task.sleep(for: fault.length)
    } catch {
      try? desk.scale(service, to: usual)
      throw error
    }
    try desk.scale(service, to: usual)
    return FaultConsequences()
  }

  /// Cuts the links between services, again whenever they have reconnected.
  func cutLinks(_ fault: Fault) async throws -> FaultConsequences {
    let end = ContinuousClock.now + fault.length
    while ContinuousClock.now < end {
      let ports = Set(
        ((try? await desk.store.fleet.livingInstances()) ?? []).flatMap { [$0.linkEndpoint, $0.hintEndpoint] }
          .compactMap { $0?.split(separator: ":").last.flatMap { Int($0) } })
      for process in try desk.members().compactMap(\.processID) { _ = SocketCutter.cut(process, ports: ports) }
      try await Task.sleep(for: ChaosBounds.cutInterval)
    }
    return FaultConsequences()
  }
}

/// Possible schema additions of a newer build.
enum NewerSchema {
  /// Returns a step that adds a column to the busiest table, a table and an index; its number is above all that this build knows.
  static func step(_ number: Int) -> PostgresMigration {
    PostgresMigration(
      number: DeskMigrations.newestVersion + Int32(number), name: "newer_\(number)",
      sql: """
        ALTER TABLE desk.ticket ADD COLUMN newer_\(number) text;
        ALTER TABLE desk.inbox ADD COLUMN newer_\(number) integer DEFAULT 7;
        CREATE TABLE desk.newer_\(number) (ticket_id uuid PRIMARY KEY, noted_at timestamptz NOT NULL DEFAULT now());
        """, expands: true)
  }
}
