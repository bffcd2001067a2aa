import DeskCore
import Simulator
import Store

/// A process: what is in its memory is gone when it is killed, and late when it stood still.
class SimulatedProcess {
  let node: Node
  unowned let world: World
  private(set) var instance = InstanceID(high: 0, low: 0)
  private(set) var isRunning = false
  /// Whether it is registered and at work.
  private(set) var hasBegun = false
  /// How often it has started.
  private(set) var incarnation = 0
  var random: SeededGenerator
  private(set) var identifiers = IdentifierSource()
  /// The upstream side of its link, if it has one.
  var source: LinkSource?
  private var clock: ClockReading?
  private var standsStillUntil: Duration?
  private var backlog: [() -> Void] = []

  init(_ node: Node, in world: World) {
    self.node = node
    self.world = world
    random = SeededGenerator(seed: 0)
  }

  // MARK: For each kind of process

  /// The name under which it registers; nil for what is not a process of the desk.
  var service: String? { nil }

  /// Begins its work, with nothing in memory.
  func begin() {}

  /// Is told which processes live.
  func learn(_ living: [ServiceInstance]) {}

  /// Gets a hint.
  func hear(_ hint: Hint) {}

  // MARK: Life

  final func start() {
    incarnation += 1
    random = world.plan.seed.generator(
      stream: RunPlan.Stream.processes + UInt64(node.role.rawValue * 10_000 + node.number * 100 + incarnation))
    identifiers = IdentifierSource()
    instance = InstanceID(high: random.next(), low: random.next())
    isRunning = true
    standsStillUntil = nil
    clock = nil
    if incarnation > 1 { world.note("starts again", by: node) }
    register()
  }

  final func kill(restartingAfter down: Duration) {
    guard isRunning else { return }
    isRunning = false
    hasBegun = false
    source = nil
    backlog = []
    world.after(down) { [unowned self] in if !isRunning { start() } }
  }

  final func pause(for time: Duration) {
    guard isRunning else { return }
    let until = world.now + time
    guard until > standsStillUntil ?? .zero else { return }
    standsStillUntil = until
    let life = incarnation
    world.after(time) { [unowned self] in
      guard isRunning, life == incarnation, standsStillUntil == until else { return }
      standsStillUntil = nil
      world.note("goes on", by: node)
      let late = backlog
      backlog = []
      for action in late where isRunning && life == incarnation { perform(action) }
    }
  }

  /// Does something now, or when it goes on.
  final func perform(_ action: @escaping () -> Void) {
    if standsStillUntil == nil { action() } else { backlog.append(action) }
  }

  /// Does something later, unless it is killed until then.
  final func after(_ delay: Duration, _ action: @escaping () -> Void) {
    let life = incarnation
    world.after(delay) { [unowned self] in
      guard isRunning, life == incarnation else { return }
      perform(action)
    }
  }

  /// Repeats something, with pauses that vary by a tenth, so that processes do not work in step.
  final func every(_ interval: Duration, _ action: @escaping () -> Void) {
    after(interval * Double.random(in: 0.9...1.1, using: &random)) { [unowned self] in
      action()
      every(interval, action)
    }
  }

  final func note(_ text: String) { world.note(text, by: node) }

  // MARK: The database

  /// The database's time, as far as it knows.
  final var now: Instant { clock?.now(at: world.monotonic) ?? DatabaseServer.beginning }

  /// Executes a statement. The answer comes later, or a failure that does not say whether it took effect, or nothing if this process is
  /// killed until then.
  final func execute<Answer>(
    _ statement: @escaping (inout DatabaseServer) -> Answer,
    _ then: @escaping (Result<Answer, ConnectionLost>) -> Void
  ) {
    let (life, asked) = (incarnation, world.now)
    var isAnswered = false
    func answer(_ result: Result<Answer, ConnectionLost>) {
      guard !isAnswered, isRunning, life == incarnation else { return }
      isAnswered = true
      perform { then(result) }
    }
    let late = world.database.delay(of: node, at: world.now)
    let limit = FaultSimulationBounds.statementTimeout
    world.after(limit) { answer(.failure(ConnectionLost())) }
    guard let way = world.network.delays(.request, from: node, to: .database, at: world.now).first else { return }
    world.after(way + late) { [unowned self] in
      // A statement whose caller has given up is cancelled.
      guard world.now < asked + limit else { return }
      let result = world.database.execute(at: world.now, statement)
      guard let back = world.network.delays(.request, from: .database, to: node, at: world.now).first else { return }
      world.after(back) { answer(result) }
    }
  }

  // MARK: The register

  private func register() {
    guard let service else {
      hasBegun = true
      return begin()
    }
    let me = ServiceInstance(
      id: instance, service: service, build: "simulated", host: "\(node)", processID: Int32(incarnation), state: .ready,
      linkEndpoint: "tcp://\(node)", hintEndpoint: "tcp://\(node)", httpEndpoint: nil, operationsEndpoint: nil,
      curvePublicKey: [], startedAt: now, heartbeatAt: now)
    let asked = world.monotonic
    execute({ server in
      server.tables.register(me)
      return server.tables.now
    }) { [unowned self] result in
      guard case .success(let time) = result else {
        return after(FleetBounds.heartbeat) { [unowned self] in register() }
      }
      read(time, askedAt: asked)
      hasBegun = true
      begin()
      beat(me)
    }
  }

  private func beat(_ me: ServiceInstance) {
    let asked = world.monotonic
    execute({ server in
      let beat = server.tables.heartbeat(me.id, problems: [])
      if !beat.isRegistered { server.tables.register(me) }
      return beat
    }) { [unowned self] result in
      if case .success(let beat) = result {
        read(beat.now, askedAt: asked)
        learn(beat.living)
      }
      after(FleetBounds.heartbeat) { [unowned self] in beat(me) }
    }
  }

  private func read(_ time: Instant, askedAt asked: ContinuousClock.Instant) {
    if clock == nil {
      clock = ClockReading(time, askedAt: asked, answeredAt: world.monotonic)
    } else {
      clock?.set(time, askedAt: asked, answeredAt: world.monotonic)
    }
  }

  // MARK: Hints

  /// Tells others that something may wait for them. Hints may be lost.
  final func publish(_ hint: Hint) {
    for process in world.processes where process.node != node {
      guard process.node.role == hint.listener else { continue }
      world.send(.hint, from: node, to: process.node) { if $0.hasBegun { $0.hear(hint) } }
    }
  }
}

/// A wake-up that may be lost.
enum Hint: Hashable {
  /// Something waits in a queue.
  case queue(QueueID)
  /// An agent has room again.
  case agent(AgentID)
  /// Something is to be delivered.
  case outbox

  /// Who listens to it.
  var listener: Node.Role { self == .outbox ? .notifier : .router }
}
