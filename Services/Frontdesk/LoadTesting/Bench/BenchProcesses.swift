import CommandLineTool
import Curl
import Foundation
import Glibc

/// The resource usage of a desk's processes, read from `/proc`.
struct BenchProcesses: Sendable {
  let folder: String

  /// The names of what is not a service.
  static let client = "client"
  static let supervisor = "supervisor"

  /// Processor time in seconds, by service: PostgreSQL with all its processes, `up` with its children that have exited, and this process.
  // exact-keys: names of services from the desk's own list.
  func processorSeconds() throws -> [String: Double] {
    let local = try LocalDesk.read(folder: folder)
    // exact-keys: as above.
    var seconds: [String: Double] = [:]
    for process in local.processes {
      let time =
        process.operationsURL == nil
        ? ProcessorClock.secondsOfFamily(of: process.processID) : ProcessorClock.seconds(of: process.processID) ?? 0
      seconds[Self.service(of: process), default: 0] += time
    }
    if let up = local.supervisor {
      // Its running children are the services; what one of them used before it was replaced counts here.
      seconds[Self.supervisor] =
        (ProcessorClock.seconds(of: up) ?? 0) + ProcessorClock.secondsOfExitedChildren(of: up)
    }
    seconds[Self.client] = ProcessorClock.seconds(of: getpid())
    return seconds
  }

  /// Memory in megabytes, by service, of its largest process: including its share of shared memory.
  // exact-keys: as above.
  func residentMegabytes() throws -> [String: Double] {
    let local = try LocalDesk.read(folder: folder)
    let members =
      local.processes.flatMap { process in
        let children = process.operationsURL == nil ? ProcessorClock.children(of: process.processID) : []
        return ([process.processID] + children).map { (Self.service(of: process), $0) }
      } + [(Self.client, getpid())] + (local.supervisor.map { [(Self.supervisor, $0)] } ?? [])
    return Dictionary(members.map { ($0.0, Self.residentMegabytes(of: $0.1)) }, uniquingKeysWith: max)
  }

  /// The processes of PostgreSQL whose titles contain one of these words, such as `checkpointer`.
  func postgresProcesses(titled words: [String]) throws -> [Int32] {
    try LocalDesk.read(folder: folder).processes.filter { $0.operationsURL == nil }
      .flatMap { ProcessorClock.children(of: $0.processID) }
      .filter { child in
        let title = PrivateFile.text(path: "/proc/\(child)/cmdline") ?? ""
        return words.contains { title.contains($0) }
      }
  }

  private static func service(of process: LocalDesk.Process) -> String { String(process.name.prefix { $0 != "#" }) }

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
        times.append((Self.service(of: process), seconds))
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
        let url = fresh.operationsURL, let began = ProcessorClock.secondsSinceStart(of: fresh.processID)
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

  // MARK: - Memory (proc(5))

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
}
