import CommandLineTool
import DeskSupervisor
import Foundation
import Store

/// A private desk with everything around it that can be made to fail.
struct ChaosDesk: Sendable {
  let folder: String
  let local: LocalDesk
  /// Reads the database directly, bypassing all proxies.
  let store: DeskStore
  let clients: ChaosClients
  /// Between services and PostgreSQL.
  let databaseLine: FaultProxy
  /// Between clients and intake, over HTTP and ZeroMQ.
  let clientLines: [FaultProxy]
  let hook: HookEndpoint
  let disk: SmallDisk?
  let clock: ShiftedClock?

  /// The target number of processes of each service.
  static let processes: [ServiceKind: Int] = [
    .intake: 1, .classifier: ChaosBounds.classifiers, .router: ChaosBounds.routers, .slaWatcher: ChaosBounds.watchers,
    .notifier: ChaosBounds.notifiers, .console: 1, .executor: 1,
  ]

  /// Returns the processes supervised by `up`; blocks for milliseconds.
  func members() throws -> [ControlAnswer.Member] {
    try ControlClient.ask(.list, socket: local.controlSocket).members
  }

  /// Returns the target processes of a service, in order.
  func members(of kind: ServiceKind) throws -> [ControlAnswer.Member] {
    try members().filter { $0.service == kind.rawValue && $0.state != .draining }
  }

  func scale(_ kind: ServiceKind, to count: Int) throws {
    _ = try ControlClient.ask(.scale(service: kind, count: count), socket: local.controlSocket)
  }
}

/// Sets up the parts of a desk for faults and tears them down again.
final class ChaosStage {
  /// The requested configuration.
  struct Wish: Sendable {
    var seed: UInt64
    var policy: String
    var messagesPerSecond: Double
    /// The expected number of messages, for the size of the small disk.
    var messages: Int
    var kinds: [FaultKind]
    /// Whether to keep the folder when something was found.
    var keepsFolder: Bool
  }

  /// Kinds that cannot be injected here, with the reasons.
  let obstacles: [FaultKind: String]
  private let wish: Wish
  private let plan: PrivateDesk.Plan
  private var desk: PrivateDesk?
  private var lines: [FaultProxy] = []
  private var hook: HookEndpoint?
  private var disk: SmallDisk?
  private var clock: ShiftedClock?

  private var folder: String { plan.folder }

  /// Determines what is possible here.
  init(_ wish: Wish) async throws {
    self.wish = wish
    var plan = PrivateDesk.Plan(purpose: "chaos", policy: wish.policy)
    plan.arguments = ["--routers", "\(ChaosBounds.routers)", "--classifiers", "\(ChaosBounds.classifiers)"]
    self.plan = plan
    var obstacles: [FaultKind: String] = [:]
    if wish.kinds.contains(.linksCut) { obstacles[.linksCut] = SocketCutter.obstacle() }
    if wish.kinds.contains(.clockJump) { obstacles[.clockJump] = await ShiftedClock.obstacle() }
    if wish.kinds.contains(.diskFull) {
      try PrivateFile.makeFolder(plan.folder)
      obstacles[.diskFull] = await SmallDisk.obstacle(in: plan.folder)
      rmdir(plan.folder)
    }
    self.obstacles = obstacles
  }

  /// The kinds that are requested and possible.
  var kinds: [FaultKind] { wish.kinds.filter { obstacles[$0] == nil } }

  /// Runs `body` with a ready desk and removes the desk afterwards.
  ///
  /// - Parameter body: returns whether the run succeeded; otherwise the folder may be kept.
  func with(_ body: (ChaosDesk) async throws -> (report: ChaosReport, isGood: Bool)) async throws -> ChaosReport {
    do {
      let (around, local) = try await start()
      let outcome = try await DeskConnection.withStore(
        local.postgres, connections: 4, requestTimeout: .seconds(60)
      ) { store in
        try await body(around(store))
      }
      await end(keepsFolder: wish.keepsFolder && !outcome.isGood)
      return outcome.report
    } catch {
      await end(keepsFolder: wish.keepsFolder && !(error is CancellationError))
      throw error
    }
  }

  // MARK: Setup

  private func start() async throws -> ((DeskStore) -> ChaosDesk, LocalDesk) {
    for folder in [folder, "\(folder)/detour", "\(folder)/clients"] { try PrivateFile.makeFolder(folder) }
    let hook = try await HookEndpoint()
    self.hook = hook
    var plan = plan
    let text = try PolicyFile(path: wish.policy).text
    if let entered = hook.entered(into: text) {
      plan.policy = "\(folder)/policy.yaml"
      try PrivateFile.write(Data(entered.utf8), path: plan.policy)
    }
    if kinds.contains(.clockJump), let library = ShiftedClock.library() {
      let clock = try await ShiftedClock(file: "\(folder)/clock", library: library)
      plan.environment = clock.environment
      plan.launcher = ShiftedClock.launcher
      self.clock = clock
    }
    let database = try await line(at: .file("\(folder)/detour/.s.PGSQL.\(LocalPostgres.port)")) { local in
      .file("\(local.postgresSocket)/.s.PGSQL.\(LocalPostgres.port)")
    }
    plan.arguments += ["--database-detour", "\(folder)/detour"]
    let desk = try await PrivateDesk.start(plan)
    self.desk = desk
    let local = desk.local
    if kinds.contains(.diskFull) { try await addDisk(local) }
    let http = try await line(at: .loopback(port: 0)) { .loopback(port: $0.ports.intake) }
    let channel = try await line(at: .loopback(port: 0)) { .loopback(port: $0.ports.channel) }
    var described = local
    described.intakeURL = "http://127.0.0.1:\(http.port)"
    described.channelEndpoint = "tcp://127.0.0.1:\(channel.port)"
    try described.write(folder: "\(folder)/clients")
    let clients = ChaosClients(
      folder: "\(folder)/clients", seed: wish.seed, messagesPerSecond: wish.messagesPerSecond)
    for kind in [ServiceKind.slaWatcher, .notifier] {
      _ = try ControlClient.ask(
        .scale(service: kind, count: ChaosDesk.processes[kind] ?? 1), socket: local.controlSocket)
    }
    let (folder, disk, clock) = (folder, disk, clock)
    return (
      { store in
        ChaosDesk(
          folder: folder, local: local, store: store, clients: clients, databaseLine: database,
          clientLines: [http, channel], hook: hook, disk: disk, clock: clock)
      }, local
    )
  }

  /// Creates a proxy whose target is read from the desk's description once that exists.
  private func line(
    at place: FaultProxy.Place, to target: @escaping @Sendable (LocalDesk) -> FaultProxy.Place
  ) async throws -> FaultProxy {
    let folder = folder
    let line = try await FaultProxy(at: place) { (try? LocalDesk.read(folder: folder)).map(target) }
    lines.append(line)
    return line
  }

  private func addDisk(_ local: LocalDesk) async throws {
    let disk = try await SmallDisk(
      in: "\(folder)/disk", megabytes: ChaosBounds.smallDiskSpare + wish.messages / ChaosBounds.messagesPerMegabyte)
    self.disk = disk
    guard let password = PrivateFile.text(path: "\(folder)/secrets/postgres-superuser") else {
      throw CommandFailure("the private desk's database has no superuser password")
    }
    try await disk.take(messagesOf: local, superuser: password)
  }

  // MARK: Teardown

  private func end(keepsFolder: Bool) async {
    let disk = disk
    if let desk {
      await desk.end(keepsFolder: keepsFolder) { await disk?.end() }
      clock?.end(firstProcess: desk.processID)
    }
    for line in lines { await line.end() }
    await hook?.end()
    // Where the desk was never ready, we remove the folder.
    if !keepsFolder { PrivateDesk.remove(folder) }
  }
}
