import CommandLineTool
import DeskCore
import Foundation
import Logging
import Store
import ZeroMQ

/// One run of `up`, from acquiring the folder to releasing it.
struct UpSession: Sendable {
  let command: UpCommand
  let policy: PolicyFile?
  let folder: DeskFolder
  private let log: CombinedLog
  private let stop = StopRequests()
  private let begin = ContinuousClock.now

  init(command: UpCommand, policy: PolicyFile?, folder: DeskFolder) {
    self.command = command
    self.policy = policy
    self.folder = folder
    log = CombinedLog(path: folder.log, showsServices: !command.quiet)
  }

  /// Starts everything, waits for a stop request, and stops everything.
  func run() async throws {
    if command.supervised { stop.requestAtEndOfInput() }
    let last = try? LocalDesk.read(folder: folder.path)
    let programs = ((try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) as NSString)
      .deletingLastPathComponent
    await log.say("a desk in \(folder.path)")
    if let last { await OrphanedServices(of: last).wait(log) }
    let keys = KeyFiles(folder: folder.keys)
    let channelKeys = try DemoKeys.intakeCurveKeys(keys)
    let pack = try EncoderChoice(named: command.encoder)
    let model = command.model.map { URL(fileURLWithPath: $0).path } ?? folder.model(for: pack)
    guard command.model == nil || FileManager.default.isReadableFile(atPath: model) else {
      throw CommandFailure(
        "the model \(model) cannot be read", remedy: "make it with `frontdesk train CSV --out FILE`", status: .wrongCall
      )
    }
    try await folder.checkKeyFiles()
    let server = try await LocalPostgres(folder: folder, settings: command.postgresSetting)
    let heldPorts = try DeskPorts(
      intake: command.portIntake, channel: command.portChannel, console: command.portConsole, last: last?.ports)
    defer { withExtendedLifetime(heldPorts) {} }
    let ports = heldPorts.numbers
    let desk = LocalDesk(
      postgres: server.connectionInformation, postgresData: server.data, postgresSocket: server.socketFolder,
      ports: ports, intakeURL: "http://127.0.0.1:\(ports.intake)", channelEndpoint: "tcp://127.0.0.1:\(ports.channel)",
      channelServerKey: channelKeys.publicKey.z85, consoleURL: "http://127.0.0.1:\(ports.console)",
      keysFolder: folder.keys, model: model,
      controlSocket: try DeskFolder.socketFolder(preferring: folder.path, socketName: "control.sock") + "/control.sock",
      supervisor: getpid(), processes: [])
    let environment = ServiceEnvironment(
      postgres: server.serviceConnectionInformation(through: nil),
      detouredPostgres: command.databaseDetour.map { server.serviceConnectionInformation(through: $0) },
      detoured: command.detourOf.isEmpty ? Set(ServiceKind.allCases) : Set(command.detourOf), settings: command.setting,
      ownersPostgres: server.connectionInformation, folder: folder.path, ports: ports, model: model,
      encoder: pack?.path, secondLookPercent: command.secondLookPercent,
      channelSecretKey: channelKeys.secretKey.z85, contactKeys: try folder.contactKeys(), wordKeys: folder.wordKeys,
      linksAreBlocked: command.linksBlocked, programs: programs)
    try environment.checkPrograms()
    do {
      let wanted = try await prepare(server, desk, pack, program: "\(programs)/frontdesk")
      try await serve(server, desk, environment, wanted)
    } catch {
      await end(server, desk)
      // Stopping while still starting is not a failure.
      if !(error is CancellationError) { throw error }
      return
    }
    await end(server, desk)
  }
}

// MARK: - Starting

extension UpSession {
  /// - Returns: how many processes of each service are wanted.
  private func prepare(
    _ server: LocalPostgres, _ desk: LocalDesk, _ pack: EncoderChoice?, program: String
      // exact-keys: names of services from the table's list.
  ) async throws -> [String: CapacityStore.Wanted] {
    if command.model == nil {
      _ = try await SampleModel.makeIfMissing(
        at: desk.model, samples: command.samples, encoder: pack?.path, program: program
      ) {
        await log.say($0)
      }
    }
    try stop.check()
    if server.home != folder.postgres {
      await log.say("the database is in \(server.home), since PostgreSQL's user has no access to \(folder.path)")
    }
    if let process = server.processID {
      await log.say("taking over PostgreSQL from an earlier run (process \(process))")
    } else {
      await log.say("starting PostgreSQL (\(server.binaries))")
    }
    try await server.start()
    try stop.check()
    for number in try await server.prepareDatabase() { await log.say("schema: applied step \(number)") }
    let wanted = try await DeskConnection.withStore(desk.postgres) { store in
      if let policy {
        for change in try await policy.changes(in: store) ?? [] { await log.say("policy: \(change.text)") }
        await log.say("policy: version \(try await policy.apply(to: store)) is in force, \(policy.summary)")
      }
      if let current = try await PolicyNames(store).policy {
        let made = try await DemoKeys(files: desk.keys, store: store).makeMissing(for: current)
        if made > 0 { await log.say("created \(made) keys in \(desk.keysFolder)") }
      }
      return try await chosenNumbers(in: store)
    }
    try stop.check()
    return wanted
  }

  /// Writes the numbers of processes that were given as options. Others stay as they were chosen last.
  // exact-keys: as above.
  private func chosenNumbers(in store: DeskStore) async throws -> [String: CapacityStore.Wanted] {
    let rows = try await store.capacity.rows()
    // Several intakes could not listen at one port.
    let choices: [(ServiceKind, WorkerChoice?)] = [
      (.router, command.routers), (.classifier, command.classifiers), (.intake, .fixed(1)),
    ]
    for (kind, choice) in choices {
      guard let choice, rows.first(where: { $0.service == kind.rawValue })?.matches(choice) != true else { continue }
      try await store.capacity.choose(kind.rawValue, choice.count, by: "frontdesk up")
    }
    return try await store.capacity.wanted()
  }

  /// Runs the services until the first request to end.
  private func serve(
    _ server: LocalPostgres, _ desk: LocalDesk, _ environment: ServiceEnvironment,
    // exact-keys: as above.
    _ wanted: [String: CapacityStore.Wanted]
  ) async throws {
    let folder = folder.path
    let supervisor = try Supervisor(environment: environment, log: log) { members in
      var desk = desk
      desk.processes = members.compactMap { member in
        member.processID.map { .init(name: member.name, processID: $0, operationsURL: member.operationsURL) }
      }
      if let process = server.processID { desk.processes.append(.init(name: "postgres", processID: process)) }
      do {
        try desk.write(folder: folder)
      } catch {
        log.logger.warning("other commands see an older state until the next change: \(error)")
      }
    } ready: {
      await sayReady(desk)
    }
    let control = try ControlServer(path: desk.controlSocket) { await answer($0, supervisor) }
    let keeper = Task { await PostgresKeeper(server: server, log: log) { await supervisor.tellAgain() }.run() }
    for kind in ServiceKind.allCases {
      let number = kind.reasonForBeingOne == nil ? wanted[kind.rawValue]?.count ?? 1 : 1
      await supervisor.setCount(kind, min(number, UpBounds.instancesOfService.upperBound))
    }
    let follower = CapacityFollower(log: log, startedWith: wanted) { await supervisor.setCount($0, $1) }
    let following = Task { await follower.run(desk.postgres) }

    let reason = await stop.next() ?? ""
    await log.say("\(reason): services finish their work (a second Ctrl-C does not wait)")
    let forced = Task {
      guard await stop.next() != nil else { return }
      await log.say("not waiting any longer")
      await supervisor.kill()
      try? await server.stop(mode: "immediate")
      exit(CommandFailure.Status.failed.rawValue)
    }
    control.stop()
    following.cancel()
    await following.value
    await supervisor.stop()
    keeper.cancel()
    await keeper.value
    await log.say("all services have stopped; stopping PostgreSQL")
    try await server.stop()
    forced.cancel()
  }

  private func answer(_ request: ControlRequest, _ supervisor: Supervisor) async -> ControlAnswer {
    let before = await supervisor.list
    switch request {
    case .list: break
    case .stop: stop.request("asked to stop")
    case .scale(let kind, let count):
      await log.say("scaling \(kind.rawValue) to \(count)")
      await supervisor.setCount(kind, count)
    }
    return ControlAnswer(members: before)
  }

  private func sayReady(_ desk: LocalDesk) async {
    await log.say("ready after \(begin.duration(to: .now).text)")
    await log.say("  intake    \(desk.intakeURL)   (API: \(desk.intakeURL)/openapi.json)")
    await log.say("  channels  \(desk.channelEndpoint)   server key \(desk.channelServerKey)")
    await log.say("  console   \(desk.consoleURL)")
    await log.say("  keys      \(desk.keysFolder)")
    if policy == nil { await log.say("  next      frontdesk apply --folder \(folder.path) deploy/desk.yaml") }
  }
}

// MARK: - Ending

extension UpSession {
  private func end(_ server: LocalPostgres, _ desk: LocalDesk) async {
    do {
      try await server.stop()
      server.removeSocketFolder()
    } catch {
      await log.say("\(error)")
    }
    let controlFolder = (desk.controlSocket as NSString).deletingLastPathComponent
    if controlFolder != folder.path { rmdir(controlFolder) }
    var desk = desk
    desk.supervisor = nil
    desk.processes = []
    do {
      try desk.write(folder: folder.path)
    } catch {
      await log.say("\(error)")
    }
    await log.say("stopped; `frontdesk up` continues from here")
  }
}

/// Services of an `up` that was killed. They drain on their own, since the other end of their input is closed.
struct OrphanedServices {
  private let processes: [LocalDesk.Process]

  /// The processes named in an earlier description that are still running.
  init(of desk: LocalDesk) {
    processes = desk.processes.filter { OrphanedServices.isRunning($0) }
  }

  /// Waits until they have exited, at most as long as a drain may take.
  func wait(_ log: CombinedLog) async {
    guard !processes.isEmpty else { return }
    await log.say("waiting for \(processes.count) services of a run that was killed; they are draining")
    let deadline = ContinuousClock.now + UpBounds.drain
    while processes.contains(where: OrphanedServices.isRunning), ContinuousClock.now < deadline {
      try? await Task.sleep(for: UpBounds.scalePause)
    }
  }

  /// Returns whether the process still runs. Its id may have been reused: the name decides.
  private static func isRunning(_ process: LocalDesk.Process) -> Bool {
    guard let kind = process.name.split(separator: "#").first.flatMap({ ServiceKind(rawValue: String($0)) }) else {
      return false
    }
    let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process.processID)/exe")
    return program.map { ($0 as NSString).lastPathComponent.hasPrefix(kind.program) } ?? false
  }
}
