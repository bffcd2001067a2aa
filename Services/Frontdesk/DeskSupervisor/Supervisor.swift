import Curl
import DeskCore
import Foundation
import Subprocess
import SystemPrimitives

/// Supervises the desk's services: starts them, restarts those that die, replaces those that hang, checks their readiness, and
/// stops them in order.
///
/// Each holds the reading end of a pipe whose other end is ours: when we die, for whatever reason, they see its end and drain on
/// their own.
actor Supervisor {
  private struct Member {
    let kind: ServiceKind
    let number: Int
    var isWanted = true
    var state = ControlAnswer.Member.State.waiting
    var processID: Int32?
    var operationsURL: String?
    var restarts = 0
    var hangs = 0
    /// Valid until the process was reaped.
    var signal: (@Sendable (Subprocess.Signal) -> Void)?
    /// The pause before it is restarted.
    var pause: Task<Void, Never>?
    var keeping: Task<Void, Never>?

    var name: String { "\(kind.rawValue)#\(number)" }
  }

  /// How long things take; shorter in tests.
  struct Times: Sendable {
    var restart = UpBounds.restartPause
    /// A process that ran this long counts as healthy again.
    var steadyLife = UpBounds.steadyLife
    /// How long a process may drain before it is killed.
    var drain = UpBounds.drain
    /// Waits before a process is restarted; returns at once when cancelled.
    var rest: @Sendable (Duration) async -> Void = { _ = try? await Task.sleep(for: $0) }
  }

  private let environment: ServiceEnvironment
  private let times: Times
  private let log: CombinedLog
  private let client: HTTPClient
  private let changed: @Sendable ([ControlAnswer.Member]) -> Void
  private let ready: @Sendable () async -> Void
  private var members: [String: Member] = [:]
  private var isStopping = false
  private var wasReady = false

  /// - Parameters:
  ///   - changed: called with the members at each change, in order.
  ///   - ready: called once, when all members are ready for the first time.
  init(
    environment: ServiceEnvironment, log: CombinedLog, times: Times = Times(),
    changed: @escaping @Sendable ([ControlAnswer.Member]) -> Void,
    ready: @escaping @Sendable () async -> Void
  ) throws {
    self.environment = environment
    self.times = times
    self.log = log
    self.changed = changed
    self.ready = ready
    client = try HTTPClient()
  }

  /// All members in the order of the services, including draining ones.
  var list: [ControlAnswer.Member] {
    let order = ServiceKind.allCases
    return members.values.sorted { left, right in
      let places = (order.firstIndex(of: left.kind) ?? 0, order.firstIndex(of: right.kind) ?? 0)
      return places.0 == places.1 ? left.number < right.number : places.0 < places.1
    }.map { member in
      ControlAnswer.Member(
        name: member.name, service: member.kind.rawValue, state: member.state, processID: member.processID,
        operationsURL: member.operationsURL, restarts: member.restarts, hangs: member.hangs)
    }
  }

  // MARK: Scaling

  /// Starts or stops processes of a service to reach the given count; the newest are stopped first.
  func setCount(_ kind: ServiceKind, _ count: Int) {
    guard !isStopping else { return }
    let wanted = members.values.filter { $0.kind == kind && $0.isWanted }.sorted { $0.number < $1.number }
    if wanted.count > count {
      for member in wanted.suffix(wanted.count - count) { dismiss(member.name) }
    }
    for _ in 0..<max(0, count - wanted.count) { add(kind) }
  }

  private func add(_ kind: ServiceKind) {
    let taken = Set(members.values.lazy.filter { $0.kind == kind }.map(\.number))
    guard let number = (1...taken.count + 1).first(where: { !taken.contains($0) }) else { return }
    var member = Member(kind: kind, number: number)
    let name = member.name
    member.keeping = Task { await self.keep(name, kind) }
    members[name] = member
    tellChange()
  }

  private func dismiss(_ name: String) {
    // A second signal would end a service that is draining.
    guard members[name]?.isWanted == true else { return }
    members[name]?.isWanted = false
    members[name]?.state = .draining
    members[name]?.pause?.cancel()
    terminate(name)
    tellChange()
  }

  /// Asks a member's process to stop, and kills it when it has not drained in time.
  private func terminate(_ name: String) {
    guard let process = members[name]?.processID else { return }
    members[name]?.signal?(.terminate)
    Task {
      try? await Task.sleep(for: times.drain)
      // A newer member of this name would have another process id.
      guard members[name]?.processID == process else { return }
      await log.say("killing \(name), which did not stop in time")
      members[name]?.signal?(.kill)
    }
  }

  // MARK: One member's lifecycle

  private func keep(_ name: String, _ kind: ServiceKind) async {
    var backOff = times.restart
    var random = SystemRandom()
    while members[name]?.isWanted == true {
      let start = ContinuousClock.now
      let end = await runOnce(name, kind)
      let life = start.duration(to: .now)
      guard members[name]?.isWanted == true else {
        await log.say("\(name) \(end)")
        break
      }
      // One that worked for a while and then died is not in a crash loop.
      if life >= times.steadyLife { backOff.reset() }
      let pause = backOff.next(using: &random)
      await log.say("\(name) \(end) after \(life.text); restarting it in \(pause.text)")
      guard members[name]?.isWanted == true else { break }
      let sleep = Task { [times] in await times.rest(pause) }
      members[name]?.state = .waiting
      members[name]?.restarts += 1
      members[name]?.pause = sleep
      tellChange()
      await sleep.value
    }
    members[name] = nil
    tellChange()
  }

  /// - Returns: how the process ended, as the predicate of a sentence.
  private func runOnce(_ name: String, _ kind: ServiceKind) async -> String {
    // Not at the end of its output: one that has closed it and does not stop must still be killed.
    defer { hasExited(name) }
    do {
      let port = try LoopbackPort.free()
      var options = PlatformOptions()
      // Ctrl-C at the terminal is for us alone; we then stop the services in the usual way.
      options.processGroupID = 0
      let path = ProcessInfo.processInfo.environment["PATH"]
      var variables: [Subprocess.Environment.Key: String?] = [:]
      for (key, value) in environment.environment(of: kind, operationsPort: port, path: path) {
        if let key = Subprocess.Environment.Key(rawValue: key) { variables[key] = .some(value) }
      }
      let result = try await Subprocess.run(
        .name(kind.program), arguments: Arguments(kind.arguments), environment: .inherit.updating(variables),
        platformOptions: options, input: .inputWriter,
        output: .sequence, error: .combinedWithOutput
      ) { execution in
        self.started(name, execution.processIdentifier.value, operationsURL: "http://127.0.0.1:\(port)") { signal in
          // It fails only for a process that has exited, which is noticed anyway.
          try? execution.send(signal: signal)
        }
        await self.read(execution.standardOutput, of: name)
      }
      switch result.terminationStatus {
      case .exited(0): return "ended"
      case .exited(let code): return "exited with status \(code)"
      case .signaled(let signal): return "was terminated by signal \(signal)"
      }
    } catch {
      return "could not be started (\(error))"
    }
  }

  private func read(_ output: SubprocessOutputSequence, of name: String) async {
    var splitter = LineSplitter()
    do {
      for try await buffer in output {
        let lines = buffer.withUnsafeBytes { splitter.lines(adding: $0) }
        for line in lines { await log.write(line, from: name) }
      }
    } catch {
      await log.say("reading the output of \(name) failed: \(error)")
    }
    if let line = splitter.lastLine() { await log.write(line, from: name) }
  }

  private func started(
    _ name: String, _ processID: Int32, operationsURL: String, signal: @escaping @Sendable (Subprocess.Signal) -> Void
  ) {
    members[name]?.processID = processID
    members[name]?.operationsURL = operationsURL
    members[name]?.signal = signal
    guard members[name]?.isWanted == true else { return terminate(name) }
    members[name]?.state = .starting
    tellChange()
    Task { await self.probe(name, processID, operationsURL) }
  }

  private func hasExited(_ name: String) {
    members[name]?.processID = nil
    members[name]?.operationsURL = nil
    members[name]?.signal = nil
  }

  // MARK: Liveness and readiness

  /// Not a `PeriodicTask`: it ends with the process, and what fails is the process, whose failures `HangWatch` counts and the log reports.
  private func probe(_ name: String, _ processID: Int32, _ operationsURL: String) async {
    var watch = HangWatch(startedAt: .now)
    while true {
      let isAlive = await isWell(operationsURL + "/livez")
      let isReady = isAlive ? await isWell(operationsURL + "/readyz") : false
      guard let member = members[name], member.processID == processID, member.isWanted else { return }
      if watch.take(isAlive: isAlive, at: .now) {
        return await replace(name, processID, after: watch.failures)
      }
      let state: ControlAnswer.Member.State =
        isReady ? .ready : !isAlive && watch.hasAnswered ? .unresponsive : .starting
      if member.state != state {
        members[name]?.state = state
        if member.state == .ready { await log.say("\(name) is no longer ready") }
        if members.values.allSatisfy({ $0.state == .ready }), !wasReady {
          wasReady = true
          await ready()
        }
      }
      // One that has answered before and no longer does is given time: it may be stopping.
      let isSteady = isReady || (watch.hasAnswered && !isAlive)
      try? await Task.sleep(for: isSteady ? UpBounds.readyProbePause : UpBounds.startingProbePause)
    }
  }

  private func isWell(_ url: String) async -> Bool {
    let request = HTTPClient.Request(
      url: url, timeout: UpBounds.probeTimeout, connectTimeout: UpBounds.probeTimeout)
    return (try? await client.send(request).status) == 200
  }

  /// Kills a hanging process; its supervising task then starts another. Only SIGKILL also ends a stopped process.
  private func replace(_ name: String, _ processID: Int32, after failures: Int) async {
    members[name]?.hangs += 1
    await log.say("\(name) did not answer at /livez \(failures) times in a row: it hangs and is replaced")
    guard members[name]?.processID == processID else { return }
    members[name]?.signal?(.kill)
  }

  /// Reports the members again, because something else has changed.
  func tellAgain() {
    tellChange()
  }

  private func tellChange() {
    changed(list)
  }

  // MARK: Shutdown

  /// Stops all services: they drain, and those that take too long are killed (`terminate`).
  func stop() async {
    isStopping = true
    for name in members.keys { dismiss(name) }
    for task in members.values.compactMap(\.keeping) { await task.value }
    await client.shutDown()
  }

  /// Kills all services at once.
  func kill() async {
    isStopping = true
    for member in members.values {
      if member.processID != nil { await log.say("killing \(member.name)") }
      members[member.name]?.isWanted = false
      members[member.name]?.signal?(.kill)
    }
  }
}

extension Duration {
  /// For people: `0.4 s`.
  package var text: String {
    let seconds = Double(components.seconds) + Double(components.attoseconds) / 1e18
    return String(format: "%.1f s", seconds)
  }
}
