import DeskCore
import Foundation
import Testing

@testable import CommandLineTool
@testable import DeskSupervisor

/// Real processes: shell scripts in place of the services, which report through a named pipe.
@Suite("Supervised processes", .timeLimit(.minutes(2)))
struct SupervisorTests {
  private static let doubling = ExponentialBackOff(from: .milliseconds(200), upTo: .seconds(15), jitter: 0)

  private func withDesk(
    _ script: String, steadyLife: Duration = .seconds(3600), drain: Duration = UpBounds.drain,
    restsUntilCancelled: Bool = false, _ body: (ScriptedDesk) async throws -> Void
  ) async throws {
    let desk = try ScriptedDesk(
      script: script, restart: Self.doubling, steadyLife: steadyLife, drain: drain,
      restsUntilCancelled: restsUntilCancelled)
    do {
      try await body(desk)
    } catch {
      await desk.supervisor.kill()
      await desk.supervisor.stop()
      throw error
    }
    await desk.supervisor.stop()
    #expect(await desk.supervisor.list.isEmpty)
  }

  @Test func aDeadProcessIsRestartedAfterAGrowingPause() async throws {
    try await withDesk("say up; exit 3") { desk in
      await desk.supervisor.setCount(.router, 1)
      #expect(await desk.nextPauses(4) == [200, 400, 800, 1600].map { .milliseconds($0) })
      let router = try #require(await desk.supervisor.list.first)
      #expect(router.name == "router#1" && router.restarts >= 4 && router.hangs == 0)
    }
  }

  @Test func aProcessThatWorkedForAWhileIsRestartedAfterTheFirstPause() async throws {
    try await withDesk("say up; exit 3", steadyLife: .zero) { desk in
      await desk.supervisor.setCount(.router, 1)
      #expect(await desk.nextPauses(4) == Array(repeating: .milliseconds(200), count: 4))
    }
  }

  @Test func scalingStartsAndDrainsTheNewest() async throws {
    try await withDesk("say up; exec cat >/dev/null") { desk in
      await desk.supervisor.setCount(.router, 2)
      await desk.wait(for: "frontdesk-router up", times: 2)
      #expect(await desk.supervisor.list.map(\.name) == ["router#1", "router#2"])
      await desk.supervisor.setCount(.router, 3)
      await desk.wait(for: "frontdesk-router up")
      #expect(await desk.supervisor.list.map(\.name) == ["router#1", "router#2", "router#3"])
      await desk.supervisor.setCount(.router, 1)
      await desk.waitUntil { $0.map(\.name) == ["router#1"] }
      let text = try desk.logText()
      #expect(text.contains("router#3 was terminated") && text.contains("router#2 was terminated"))
      #expect(!text.contains("restarting") && !text.contains("killing"), "drained ones end, and in time")
      #expect(await desk.supervisor.list.first?.restarts == 0)
    }
  }

  @Test func aProcessDrainedWhileItWaitsIsNotStartedAgain() async throws {
    try await withDesk("say up; exit 3", restsUntilCancelled: true) { desk in
      await desk.supervisor.setCount(.router, 1)
      #expect(await desk.nextPauses(1) == [.milliseconds(200)])
      await desk.supervisor.setCount(.router, 0)
      await desk.waitUntil { $0.isEmpty }
      #expect(await desk.allReports() == ["frontdesk-router up"])
    }
  }

  @Test func aProcessThatIgnoresSIGTERMIsKilledAfterTheGraceTime() async throws {
    try await withDesk("trap '' TERM; say up; exec cat >/dev/null", drain: .milliseconds(10)) { desk in
      await desk.supervisor.setCount(.router, 1)
      await desk.wait(for: "frontdesk-router up")
      await desk.supervisor.setCount(.router, 0)
      await desk.waitUntil { $0.isEmpty }
      let text = try desk.logText()
      #expect(text.contains("killing router#1, which did not stop in time"))
    }
  }

  @Test func aProcessThatHasClosedItsOutputIsStillKilled() async throws {
    // It ends by itself, so that a supervisor that cannot kill it fails this test and does not hang.
    let script = "trap '' TERM; say up; exec sleep 60 </dev/null >/dev/null 2>&1"
    try await withDesk(script, drain: .milliseconds(10)) { desk in
      await desk.supervisor.setCount(.router, 1)
      await desk.wait(for: "frontdesk-router up")
      await desk.supervisor.setCount(.router, 0)
      await desk.waitUntil { $0.isEmpty }
      let text = try desk.logText()
      #expect(text.contains("killing router#1"))
    }
  }

  /// A service takes a second SIGTERM as a request to end at once.
  @Test func aDrainingProcessGetsOneSignalOnly() async throws {
    let script = """
      trap 'say term' TERM
      say up
      while [ -z "$go" ]; do read go <"$0.gate"; done
      say bye
      """
    try await withDesk(script) { desk in
      await desk.supervisor.setCount(.router, 1)
      await desk.supervisor.setCount(.notifier, 1)
      await desk.wait(for: "frontdesk-router up")
      await desk.wait(for: "frontdesk-notifier up")
      await desk.supervisor.setCount(.router, 0)
      await desk.wait(for: "frontdesk-router term")
      let supervisor = desk.supervisor
      let stopping = Task { await supervisor.stop() }
      await desk.wait(for: "frontdesk-notifier term")
      // The supervisor has now asked every process to stop.
      _ = await desk.supervisor.list
      for kind in [ServiceKind.router, .notifier] { desk.openGate(of: kind) }
      await stopping.value
      let reports = await desk.allReports()
      #expect(reports.count { $0 == "frontdesk-router term" } == 1)
      #expect(reports.count { $0.hasSuffix(" bye") } == 2)
    }
  }

  @Test func aProgramThatIsMissingIsTriedAgain() async throws {
    try await withDesk("say up; exit 3") { desk in
      try FileManager.default.removeItem(atPath: desk.folder + "/frontdesk-router")
      await desk.supervisor.setCount(.router, 1)
      #expect(await desk.nextPauses(2) == [.milliseconds(200), .milliseconds(400)])
      let text = try desk.logText()
      #expect(text.contains("router#1 could not be started"))
    }
  }
}

/// A folder of scripts named like the services, and a supervisor that runs them.
private final class ScriptedDesk {
  let folder: String
  let supervisor: Supervisor
  private let reportPipe: Int32
  /// By service: a script waits until a line comes from its gate.
  private var gates: [ServiceKind: Int32] = [:]
  private let reports: AsyncStream<String>
  private var seen: [String] = []
  /// Those that no `wait` has taken yet.
  private var waiting: [String] = []
  private let pauses: AsyncStream<Duration>
  private let changes: AsyncStream<[ControlAnswer.Member]>

  init(
    script: String, restart: ExponentialBackOff, steadyLife: Duration, drain: Duration, restsUntilCancelled: Bool
  ) throws {
    folder = try DeskFolder.temporaryFolder(in: "/tmp")
    let reportPath = folder + "/reports"
    reportPipe = try Self.makePipe(reportPath)
    let text = """
      #!/bin/sh
      say() { echo "${0##*/} $*" >'\(reportPath)'; }
      \(script)

      """
    for kind in ServiceKind.allCases {
      let path = folder + "/" + kind.program
      try Data(text.utf8).write(to: URL(filePath: path))
      try #require(chmod(path, 0o700) == 0)
      gates[kind] = try Self.makePipe(path + ".gate")
    }
    let (reports, report) = AsyncStream.makeStream(of: String.self)
    Self.read(reportPipe, into: report)
    self.reports = reports
    let (pauses, pause) = AsyncStream.makeStream(of: Duration.self)
    self.pauses = pauses
    let (changes, change) = AsyncStream.makeStream(of: [ControlAnswer.Member].self)
    self.changes = changes
    let times = Supervisor.Times(restart: restart, steadyLife: steadyLife, drain: drain) {
      pause.yield($0)
      if restsUntilCancelled { await Self.waitForCancellation() }
    }
    supervisor = try Supervisor(
      environment: ServiceEnvironment(
        postgres: "", ownersPostgres: "", folder: folder, ports: .init(intake: 1, channel: 1, console: 1), model: "",
        encoder: nil, secondLookPercent: nil,
        channelSecretKey: "", contactKeys: "", linksAreBlocked: true, programs: folder),
      log: CombinedLog(path: folder + "/desk.log", showsServices: false), times: times,
      changed: { change.yield($0) }, ready: {})
  }

  deinit {
    // Ends the reading thread, which closes the pipe.
    Self.write("\(Self.end)\n", to: reportPipe)
    for gate in gates.values { close(gate) }
    try? FileManager.default.removeItem(atPath: folder)
  }

  // MARK: What happens

  /// Waits for a line of the scripts.
  func wait(for line: String, times: Int = 1) async {
    for _ in 0..<times {
      while !take(line), let next = await Self.next(of: reports) {
        seen.append(next)
        waiting.append(next)
      }
    }
  }

  private func take(_ line: String) -> Bool {
    guard let place = waiting.firstIndex(of: line) else { return false }
    waiting.remove(at: place)
    return true
  }

  /// All lines of the scripts, which have ended.
  func allReports() async -> [String] {
    Self.write("\(Self.mark)\n", to: reportPipe)
    await wait(for: Self.mark)
    return seen.filter { $0 != Self.mark }
  }

  /// Waits until the members satisfy a condition.
  func waitUntil(_ condition: ([ControlAnswer.Member]) -> Bool) async {
    while !condition(await supervisor.list), await Self.next(of: changes) != nil {}
  }

  /// The next pauses before restarts.
  func nextPauses(_ count: Int) async -> [Duration] {
    var all: [Duration] = []
    while all.count < count, let pause = await Self.next(of: pauses) { all.append(pause) }
    return all
  }

  func openGate(of kind: ServiceKind) {
    if let gate = gates[kind] { Self.write("go\n", to: gate) }
  }

  private static func next<Element>(of stream: AsyncStream<Element>) async -> Element? {
    for await element in stream { return element }
    return nil
  }

  func logText() throws -> String {
    try String(contentsOfFile: folder + "/desk.log", encoding: .utf8)
  }

  // MARK: Pipes

  private static let mark = "all"
  private static let end = "end"

  private static func makePipe(_ path: String) throws -> Int32 {
    try #require(mkfifo(path, 0o600) == 0)
    // Open at both ends, so that neither we nor the scripts wait for the other when opening.
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    try #require(descriptor >= 0)
    return descriptor
  }

  private static func write(_ text: String, to pipe: Int32) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(pipe, bytes, bytes.count)
  }

  private static func read(_ pipe: Int32, into report: AsyncStream<String>.Continuation) {
    Thread.detachNewThread {
      var splitter = LineSplitter()
      var piece = [UInt8](repeating: 0, count: 4096)
      reading: while true {
        let count = Glibc.read(pipe, &piece, piece.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { break }
        for line in splitter.lines(adding: piece[..<count]) {
          if line == end { break reading }
          report.yield(line)
        }
      }
      report.finish()
      close(pipe)
    }
  }

  private static func waitForCancellation() async {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    for await _ in stream {}
    withExtendedLifetime(continuation) {}
  }
}
