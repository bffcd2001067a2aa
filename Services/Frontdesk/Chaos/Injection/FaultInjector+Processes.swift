import Foundation
import PostgreSQL
import Store

extension FaultInjector {
  /// The process that a fault hits: of those that run now, in their order.
  private func victim(of fault: Fault) throws -> (name: String, process: Int32) {
    guard let service = fault.service else { throw CommandFailure("the fault names no service") }
    let running = try desk.members(of: service).compactMap { member in
      member.processID.map { (name: member.name, process: $0) }
    }
    guard !running.isEmpty else { throw CommandFailure("no process of \(service.rawValue) runs") }
    return running[fault.instance % running.count]
  }

  func kill(_ fault: Fault) throws -> Aftermath {
    let victim = try victim(of: fault)
    Foundation.kill(victim.process, SIGKILL)
    return Aftermath(ended: [victim.process])
  }

  func pause(_ fault: Fault) async throws -> Aftermath {
    let victim = try victim(of: fault)
    Foundation.kill(victim.process, SIGSTOP)
    defer { Foundation.kill(victim.process, SIGCONT) }
    try await Task.sleep(for: fault.length)
    return Aftermath()
  }

  /// All workers of one link at once, so that no one takes what the others hold.
  func stall(_ fault: Fault) async throws -> Aftermath {
    guard let service = fault.service else { throw CommandFailure("the fault names no service") }
    let workers = try desk.members(of: service).compactMap(\.processID)
    for worker in workers { Foundation.kill(worker, SIGSTOP) }
    defer { for worker in workers { Foundation.kill(worker, SIGCONT) } }
    try await Task.sleep(for: fault.length)
    return Aftermath()
  }

  func slow(_ fault: Fault) async throws -> Aftermath {
    let victim = try victim(of: fault)
    defer { Foundation.kill(victim.process, SIGCONT) }
    let end = ContinuousClock.now + fault.length
    while ContinuousClock.now < end {
      Foundation.kill(victim.process, SIGSTOP)
      try await Task.sleep(for: ChaosBounds.slowWorkerStill)
      Foundation.kill(victim.process, SIGCONT)
      try await Task.sleep(for: ChaosBounds.slowWorkerRunning)
    }
    return Aftermath()
  }

  func restart(_ fault: Fault) async throws -> Aftermath {
    guard let service = fault.service else { throw CommandFailure("the fault names no service") }
    return try await restart(service)
  }

  /// The schema first, while the old processes work on it, then one service after another. This build stands for the older one.
  func upgradeSchema(_ fault: Fault) async throws -> Aftermath {
    let step = NewerSchema.step(fault.number)
    let migrator = try PostgresMigrator(DeskMigrations.all + [step])
    for attempt in 1... {
      do {
        try await migrator.migrate(desk.store.pool)
        break
      } catch let error as PostgresError where error.sqlState == "55P03" && attempt < ChaosBounds.upgradeAttempts {
        // A lock was not to be had in time; the operator tries again.
        continue
      }
    }
    var aftermath = Aftermath()
    for service in ServiceKind.allCases {
      let restarted = try await restart(service)
      aftermath.ended.formUnion(restarted.ended)
      aftermath.findings += restarted.findings
    }
    return aftermath
  }

  /// One after another, each when the one before it has been replaced.
  private func restart(_ service: ServiceKind) async throws -> Aftermath {
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
          return Aftermath(findings: ["\(service.rawValue) did not come back in \(ChaosBounds.restartTime.text)"])
        }
        try await Task.sleep(for: ChaosBounds.lookInterval)
      }
    }
    return Aftermath(ended: Set(before))
  }

  func scale(_ fault: Fault) async throws -> Aftermath {
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
    return Aftermath()
  }

  /// Cuts what connects services to each other, again whenever it has come back.
  func cutLinks(_ fault: Fault) async throws -> Aftermath {
    let end = ContinuousClock.now + fault.length
    while ContinuousClock.now < end {
      let ports = Set(
        ((try? await desk.store.livingInstances()) ?? []).flatMap { [$0.linkEndpoint, $0.hintEndpoint] }
          .compactMap { $0?.split(separator: ":").last.flatMap { Int($0) } })
      for process in try desk.members().compactMap(\.processID) { _ = SocketCutter.cut(process, ports: ports) }
      try await Task.sleep(for: ChaosBounds.cutInterval)
    }
    return Aftermath()
  }
}

/// What a newer build might add to the schema.
enum NewerSchema {
  /// A step that adds a column to the busiest table, a table and an index; its number is above all that this build knows.
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
