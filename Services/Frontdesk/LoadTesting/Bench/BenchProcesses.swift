import CommandLineTool
import Curl
import Foundation
import Glibc

/// The resource usage of a desk's processes, read from `/proc`.
struct BenchProcesses: Sendable {
  /// The processes of one service combined, or PostgreSQL with all its backends.
  struct Usage: Sendable, Equatable {
    /// Such as `router`, or `postgresql`.
    var service: String
    /// CPU time since the processes started.
    var processorSeconds: Double
    /// The largest resident memory of one process, in megabytes, including its share of shared memory.
    var residentMegabytes: Double
  }

  let folder: String

  /// All services by name.
  func usage() throws -> [String: Usage] {
    let local = try LocalDesk.read(folder: folder)
    var usages: [String: Usage] = [:]
    for process in local.processes {
      let service = String(process.name.prefix { $0 != "#" })
      let family = process.operationsURL == nil ? Self.family(of: process.processID) : [process.processID]
      for member in family {
        guard let seconds = Self.processorSeconds(of: member) else { continue }
        var usage = usages[service] ?? Usage(service: service, processorSeconds: 0, residentMegabytes: 0)
        usage.processorSeconds += seconds
        usage.residentMegabytes = max(usage.residentMegabytes, Self.residentMegabytes(of: member))
        usages[service] = usage
      }
    }
    return usages
  }

  /// Measures how long each service takes from the start of its process until `/readyz` reports ready, in seconds: the first process
  /// of each is killed, and its replacement is timed.
  func secondsToReady() async throws -> [(service: String, seconds: Double)] {
    var times: [(service: String, seconds: Double)] = []
    let client = try HTTPClient()
    do {
      for process in try LocalDesk.read(folder: folder).processes
      where process.operationsURL != nil && process.name.hasSuffix("#1") {
        kill(process.processID, SIGKILL)
        let seconds = try await readiness(of: process.name, after: process.processID, client)
        times.append((String(process.name.prefix { $0 != "#" }), seconds))
      }
    } catch {
      await client.shutDown()
      throw error
    }
    await client.shutDown()
    return times
  }

  private func readiness(of name: String, after old: Int32, _ client: HTTPClient) async throws -> Double {
    let deadline = ContinuousClock.now + LoadBounds.privateDeskStart
    while ContinuousClock.now < deadline {
      if let fresh = try? LocalDesk.read(folder: folder).processes.first(where: {
        $0.name == name && $0.processID != old
      }),
        let url = fresh.operationsURL, let began = Self.secondsSinceStart(of: fresh.processID)
      {
        let asked = ContinuousClock.now
        while ContinuousClock.now < deadline {
          let answer = try? await client.send(
            .init(url: url + "/readyz", timeout: .seconds(1), connectTimeout: .seconds(1)))
          if answer?.status == 200 { return began + (ContinuousClock.now - asked) / .seconds(1) }
          try await Task.sleep(for: BenchBounds.readyInterval)
        }
      }
      try await Task.sleep(for: BenchBounds.readyInterval)
    }
    throw CommandFailure("\(name) did not become ready again", remedy: "see the log of the desk")
  }

  // MARK: - /proc (proc(5))

  private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))

  private static func fields(of process: Int32) -> [Substring]? {
    // The command name, in parentheses, may contain anything; the fields after it do not.
    PrivateFile.text(path: "/proc/\(process)/stat").flatMap { text in
      text.lastIndex(of: ")").map { text[text.index(after: $0)...].split(separator: " ") }
    }
  }

  private static func processorSeconds(of process: Int32) -> Double? {
    guard let fields = fields(of: process), fields.count > 12, let user = Double(fields[11]),
      let system = Double(fields[12])
    else { return nil }
    return (user + system) / ticksPerSecond
  }

  static func secondsSinceStart(of process: Int32) -> Double? {
    guard let fields = fields(of: process), fields.count > 19, let ticks = Double(fields[19]),
      let uptime = PrivateFile.text(path: "/proc/uptime")?.split(separator: " ").first.flatMap({ Double($0) })
    else { return nil }
    return max(0, uptime - ticks / ticksPerSecond)
  }

  private static func residentMegabytes(of process: Int32) -> Double {
    // The proportional set size where readable, else the resident set size.
    for (path, key) in [("/proc/\(process)/smaps_rollup", "Pss:"), ("/proc/\(process)/status", "VmRSS:")] {
      let line = PrivateFile.text(path: path)?.split(separator: "\n").first { $0.hasPrefix(key) }
      if let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap({ Double($0) }) {
        return kilobytes / 1024
      }
    }
    return 0
  }

  private static func family(of parent: Int32) -> [Int32] {
    let children = PrivateFile.text(path: "/proc/\(parent)/task/\(parent)/children") ?? ""
    return [parent] + children.split(separator: " ").compactMap { Int32($0) }
  }
}
