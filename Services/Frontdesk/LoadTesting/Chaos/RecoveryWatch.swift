import CommandLineTool
import Curl
import DeskCore
import DeskSupervisor
import Foundation
import Store

/// Waits until a desk has recovered from a fault.
struct RecoveryWatch: Sendable {
  let desk: ChaosDesk
  let client: HTTPClient

  /// The recovery of a desk.
  struct Outcome: Sendable {
    /// From the fault's end until recovery; nil when it never recovered.
    var time: Duration?
    /// The time up to which every accepted message has been decided, by the database's clock.
    var decidedUpTo: Instant?
    /// What was missing at the last check.
    var missing: String?
  }

  /// Waits for recovery: everything accepted up to the fault's end is decided, all processes exist and are ready,
  /// and every client has received an acknowledgement since.
  /// - Parameter ended: processes that must have been replaced.
  /// - Throws: `CancellationError`.
  func wait(ended: Set<Int32>) async throws -> Outcome {
    let begin = ContinuousClock.now
    let served = acknowledgedBytes()
    var mark: Instant?
    var missing: String?
    while ContinuousClock.now - begin < ChaosBounds.recoveryLimit {
      // The database itself may be unavailable.
      if mark == nil { mark = try? await desk.store.now() }
      missing = await obstacle(mark: mark, served: served, ended: ended)
      if missing == nil { return Outcome(time: ContinuousClock.now - begin, decidedUpTo: mark) }
      try await Task.sleep(for: ChaosBounds.lookInterval)
    }
    return Outcome(missing: missing)
  }

  /// Returns what has not recovered; nil when everything has. The cheap checks come first.
  private func obstacle(mark: Instant?, served: [UInt64], ended: Set<Int32>) async -> String? {
    guard let mark, let (_, oldest) = try? await desk.store.audit.oldestUndecided() else {
      return "the database is down"
    }
    if let oldest, oldest <= mark { return "messages are undecided" }
    for (client, (before, now)) in zip(ChaosClients.Steady.allCases, zip(served, acknowledgedBytes()))
    where now <= before {
      return "the client \(client.rawValue) is not served"
    }
    guard let members = try? desk.members() else { return "`up` does not answer" }
    for kind in ServiceKind.allCases {
      let mine = members.filter { $0.service == kind.rawValue && $0.state != .draining }
      guard mine.count == ChaosDesk.processes[kind], mine.allSatisfy({ $0.state == .ready }) else {
        return "\(kind.rawValue) is not complete"
      }
    }
    if let old = members.first(where: { $0.processID.map(ended.contains) ?? false }) {
      return "\(old.name) is not replaced"
    }
    // The state reported by `up` may be a second old.
    return await withTaskGroup(of: String?.self) { group in
      for member in members where member.state == .ready {
        group.addTask { await isReady(member) ? nil : "\(member.name) is not ready" }
      }
      return await group.reduce(nil) { $0 ?? $1 }
    }
  }

  private func isReady(_ member: ControlAnswer.Member) async -> Bool {
    guard let url = member.operationsURL else { return false }
    let request = HTTPClient.Request(
      url: url + "/readyz", timeout: UpBounds.probeTimeout, connectTimeout: UpBounds.probeTimeout)
    return (try? await client.send(request).status) == 200
  }

  /// The size of each steady client's acknowledgements.
  private func acknowledgedBytes() -> [UInt64] {
    ChaosClients.Steady.allCases.map { PrivateFile.size(path: desk.clients.acknowledgements(of: $0.rawValue)) }
  }
}

/// The memory of the services' processes, as reported by the kernel.
struct MemoryWatch: Sendable, Equatable {
  /// The peak resident memory of one process per service, in MiB, by the service's name.
  private(set) var largest: [String: Double] = [:]

  /// Samples all processes.
  mutating func look(at members: [ControlAnswer.Member]) {
    for member in members {
      guard let process = member.processID, let resident = MemoryWatch.resident(of: process) else { continue }
      largest[member.service] = max(largest[member.service] ?? 0, resident)
    }
  }

  /// Services that exceeded the limit.
  var beyond: [String] {
    largest.filter { $0.value > Double(ChaosBounds.memoryLimit) }.map(\.key).sorted()
  }

  private static func resident(of process: Int32) -> Double? {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else { return nil }
    return resident(status: text)
  }

  /// Reads the line `VmRSS:   12345 kB`.
  static func resident(status: String) -> Double? {
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Double($0) }
      .map { $0 / 1024 }
  }
}
