import CommandLineTool
import Curl
import DeskCore
import DeskReporting
import DeskSupervisor
import Foundation
import Store

/// One chaos run on a desk under load.
struct ChaosRun: Sendable {
  let desk: ChaosDesk
  let schedule: FaultSchedule
  let leftOut: [FaultKind: String]
  /// Receives progress messages.
  let announce: @Sendable (String) -> Void

  /// Injects all faults and checks everything.
  /// - Throws: `CommandFailure`, `PostgresError`; `CancellationError` when interrupted. No client is left running.
  func run() async throws -> ChaosReport {
    let client = try HTTPClient()
    do {
      let report = try await withClients { try await injectAll(client, $0) }
      await client.shutDown()
      return report
    } catch {
      await client.shutDown()
      throw error
    }
  }

  /// Runs a body while clients and agents are working; it ends them with `stop`, which waits until they have ended.
  private func withClients(_ body: (Workers) async throws -> ChaosReport) async throws -> ChaosReport {
    let workers = Workers(desk.clients, try await foreignClients())
    do {
      let report = try await body(workers)
      await workers.stop()
      return report
    } catch {
      await workers.stop()
      throw error
    }
  }

  private func foreignClients() async throws -> [ForeignClient] {
    let described = try LocalDesk.read(folder: desk.clients.folder)
    var clients: [ForeignClient] = []
    for kind in ForeignClient.Kind.allCases {
      if let obstacle = await ForeignClient.obstacle(kind) {
        announce("without the foreign client \(kind.rawValue): \(obstacle)")
        continue
      }
      clients.append(
        ForeignClient(
          kind: kind, local: described, prefix: "chaos-\(schedule.seed)-\(kind.rawValue)-",
          log: try AcknowledgementLog(path: desk.clients.acknowledgements(of: kind.rawValue))))
    }
    return clients
  }

  private func injectAll(_ client: HTTPClient, _ workers: Workers) async throws -> ChaosReport {
    let begin = ContinuousClock.now
    let injector = FaultInjector(desk: desk)
    let watch = RecoveryWatch(desk: desk, client: client)
    var ledger = ChaosLedger(store: desk.store, begin: try await desk.store.now() - ChaosBounds.lookBack)
    var report = ChaosReport(
      seed: schedule.seed, outcomes: [], acknowledged: 0, leftOut: leftOut, planned: schedule.faults.count, seconds: 0)
    announce("waiting until everything is ready and every client is served")
    // The first wait ensures that every client is served; the second that everything sent until then is decided.
    for _ in 0..<2 {
      if let missing = try await watch.wait(ended: []).missing {
        throw CommandFailure("the desk has not recovered: \(missing)")
      }
    }
    var inARow = 0
    for fault in schedule.faults {
      let outcome = try await inject(fault, injector, watch, &ledger)
      report.outcomes.append(outcome)
      report.memory.look(at: (try? desk.members()) ?? [])
      announce(line(outcome, ledger.acknowledged))
      inARow = outcome.recoverySeconds == nil ? inARow + 1 : 0
      if inARow >= ChaosBounds.unrecoveredInARow { break }
    }
    announce("all faults are over; waiting until everything is decided")
    report.findings += await workers.stop()
    if try await !Ledger.settle(desk.store, within: ChaosBounds.settleLimit) {
      report.findings.append("messages are still undecided \(ChaosBounds.settleLimit.text) after the last one")
    }
    report.final = try await ledger.checkAll(desk.clients.acknowledgementFiles)
    report.acknowledged = ledger.acknowledged
    report.hook = desk.hook.counts
    report.seconds = (ContinuousClock.now - begin) / .seconds(1)
    return report
  }

  private func inject(
    _ fault: Fault, _ injector: FaultInjector, _ watch: RecoveryWatch, _ ledger: inout ChaosLedger
  ) async throws -> FaultOutcome {
    var outcome = FaultOutcome(fault: fault)
    var aftermath = FaultConsequences()
    do {
      aftermath = try await injector.inject(fault)
    } catch let failure as CommandFailure {
      outcome.findings.append("it could not be injected: \(failure)")
    }
    outcome.findings += aftermath.findings
    let recovery = try await watch.wait(ended: aftermath.ended)
    outcome.recoverySeconds = recovery.time.map { $0 / .seconds(1) }
    if let missing = recovery.missing {
      outcome.findings.append("not recovered after \(ChaosBounds.recoveryLimit.text): \(missing)")
    }
    // The database may be permanently unavailable; the end of the run then reports what is known.
    if recovery.time != nil {
      let wrong = try await ledger.check(desk.clients.acknowledgementFiles, decidedUpTo: recovery.decidedUpTo)
      outcome.lost = wrong.lost
      outcome.doubled = wrong.doubled
      outcome.findings += wrong.words
    }
    return outcome
  }

  private func line(_ outcome: FaultOutcome, _ acknowledged: Int) -> String {
    let recovery = outcome.recoverySeconds.map { String(format: "recovered in %.2f s", $0) } ?? "NOT RECOVERED"
    var text = "\(outcome.fault.number)/\(schedule.faults.count) \(outcome.fault.text): \(recovery)"
    text += ", \(acknowledged) acknowledged"
    if outcome.lost > 0 || outcome.doubled > 0 { text += ", \(outcome.lost) LOST, \(outcome.doubled) DOUBLED" }
    for finding in outcome.findings { text += "\n    ✗ \(finding)" }
    return text
  }
}

/// The clients and agents of a run.
actor Workers {
  private var tasks: [Task<String?, Never>]

  /// Starts all of them.
  /// - Parameter foreign: the available foreign clients.
  init(_ clients: ChaosClients, _ foreign: [ForeignClient]) {
    tasks = ChaosClients.Steady.allCases.map { client in Task { await clients.run(client) } }
    tasks += foreign.map { client in Task { await client.run() } }
    tasks.append(Task { await clients.runAgents() })
  }

  /// Ends all that are still running.
  /// - Returns: the problems of those that had exited on their own.
  @discardableResult
  func stop() async -> [String] {
    let ending = tasks
    tasks = []
    for task in ending { task.cancel() }
    var words: [String] = []
    for task in ending {
      if let word = await task.value { words.append(word) }
    }
    return words
  }
}
