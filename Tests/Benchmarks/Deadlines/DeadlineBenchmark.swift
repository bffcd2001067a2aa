import DeskCore
import Foundation
import PostgreSQL
import Store
import TestPostgres

/// Measures the cost of many open deadlines for the sla-watcher, and the delay of its notifications.
///
///     swift build -c release --product frontdesk-sla-watcher
///     swift run -c release deadline-benchmark [OPEN] [DUE-PER-SECOND] [SECONDS]
///
/// It fills a private PostgreSQL (fsync on) with OPEN tickets whose SLA deadlines pass one after the other, DUE-PER-SECOND per second,
/// runs the real sla-watcher of the same build as leader, and measures, after a warm-up, for SECONDS: the CPU time
/// of the watcher and of its database connections, from the kernel, and for each breach the time between its deadline and the commit
/// that recorded it, from the database.
@main
struct DeadlineBenchmark {
  let open: Int
  let perSecond: Double
  let seconds: Int

  static func main() async {
    let arguments = CommandLine.arguments.dropFirst()
    let numbers = arguments.compactMap(Double.init).filter { $0 > 0 && $0 <= 100_000_000 }
    guard numbers.count == arguments.count, numbers.count <= 3 else {
      FileHandle.standardError.write(
        Data("deadline-benchmark [OPEN] [DUE-PER-SECOND] [SECONDS]: write numbers above 0\n".utf8))
      exit(2)
    }
    let benchmark = DeadlineBenchmark(
      open: numbers.isEmpty ? 1_000_000 : Int(numbers[0]), perSecond: numbers.count > 1 ? numbers[1] : 35,
      seconds: numbers.count > 2 ? max(1, Int(numbers[2])) : 60)
    do {
      try await benchmark.run()
    } catch {
      FileHandle.standardError.write(Data("deadline-benchmark: \(error)\n".utf8))
      exit(2)
    }
  }

  private func run() async throws {
    let server = try await PrivatePostgres.own()
    do {
      let crowd = try await DeadlineCrowd(on: server)
      say("filling: \(open) tickets, then \(perSecond) deadlines per second")
      try await crowd.fill(open, perSecond: perSecond)
      let watcher = try WatcherProcess(postgres: crowd.connectionText)
      defer { watcher.stop() }
      try await crowd.waitUntilSteady()
      let cost = try await measure(crowd, watcher)
      say(cost.text)
      await crowd.close()
    } catch {
      await server.remove()
      throw error
    }
    await server.remove()
  }

  private func measure(_ crowd: DeadlineCrowd, _ watcher: WatcherProcess) async throws -> DeadlineCost {
    let connections = try await crowd.watcherConnections()
    let start = try await crowd.now()
    let watcherBefore = ProcessorTime.of(watcher.id)
    let databaseBefore = connections.map(ProcessorTime.of)
    let began = ContinuousClock.now
    try await Task.sleep(for: .seconds(seconds))
    let passed = (ContinuousClock.now - began) / .seconds(1)
    let watcherUsed = ProcessorTime.of(watcher.id) - watcherBefore
    let databaseUsed = zip(connections, databaseBefore).map { ProcessorTime.of($0) - $1 }.reduce(0, +)
    let end = try await crowd.now()
    // The last ones may still be in flight.
    try await Task.sleep(for: .seconds(1))
    return DeadlineCost(
      open: open, seconds: passed, watcherShare: watcherUsed / passed, databaseShare: databaseUsed / passed,
      lateness: try await crowd.lateness(from: start, to: end),
      residentMegabytes: ProcessorTime.residentMegabytes(watcher.id))
  }

  private func say(_ text: String) { print(text) }
}

/// The results.
struct DeadlineCost {
  let open: Int
  let seconds: Double
  /// Of one core.
  let watcherShare: Double
  let databaseShare: Double
  let lateness: Lateness
  let residentMegabytes: Double

  struct Lateness {
    let due: Int64
    let notified: Int64
    /// Milliseconds: median, 99th percentile, maximum.
    let median: Double
    let high: Double
    let most: Double
  }

  var text: String {
    """
    open deadlines            \(open)
    breached                  \(lateness.due) in \(Self.rounded(seconds)) s, of which notified \(lateness.notified)
    watcher                   \(Self.rounded(watcherShare * 100)) % of a core, \(Self.rounded(residentMegabytes)) MB
    its database connections  \(Self.rounded(databaseShare * 100)) % of a core
    lateness                  p50 \(Self.rounded(lateness.median)) ms, p99 \(Self.rounded(lateness.high)) ms, max \(Self.rounded(lateness.most)) ms
    """
  }

  private static func rounded(_ value: Double) -> String { String(format: "%.1f", value) }
}
