import DeskCore
import Simulator
import Store

/// The whole of a run: virtual time, the network, the database, the processes. One thread; what happens follows from the plan.
final class World {
  let plan: RunPlan
  let planted: PlantedBug?
  private(set) var now: Duration = .zero
  var network: Network
  var database: DatabaseServer
  private(set) var trace = Trace()
  /// Every process, outside ones included, by node.
  private(set) var processes: [SimulatedProcess] = []
  let endpoint: Endpoint
  let customers: Customers
  private var events = EventQueue()
  private var ticketNumbers: [TicketID: Int] = [:]
  /// The time from which no fault is left.
  private(set) var isHealed = false

  /// The origin of every process's monotonic clock. Only differences between its readings are used.
  static let origin = ContinuousClock.now

  init(_ plan: RunPlan, planted: PlantedBug?) {
    self.plan = plan
    self.planted = planted
    network = Network(random: plan.seed.generator(stream: RunPlan.Stream.network))
    database = DatabaseServer(random: plan.seed.generator(stream: RunPlan.Stream.database), planted: planted)
    endpoint = Endpoint(random: plan.seed.generator(stream: RunPlan.Stream.endpoint))
    customers = Customers(plan.messages)
    database.tables.adoptAgents(of: SimulatedPolicy.policy)
    processes = plan.processes.map { node in
      switch node.role {
      case .intake: IntakeProcess(node, in: self)
      case .classifier: ClassifierProcess(node, in: self)
      case .router: RouterProcess(node, in: self)
      case .watcher: DeadlineProcess(node, in: self)
      default: NotifierProcess(node, in: self)
      }
    }
    processes += [AgentsProcess(.agents, in: self), ChannelProcess(.channel, in: self)]
  }

  // MARK: Time

  /// The monotonic clock of every process.
  var monotonic: ContinuousClock.Instant { Self.origin + now }

  func after(_ delay: Duration, _ action: @escaping () -> Void) {
    events.add(at: now + max(.zero, delay), action)
  }

  func note(_ text: String, by node: Node?) { trace.add(text, by: node, at: now) }

  /// Runs until everything is done, or until it should have been.
  /// - Returns: whether everything was done in time.
  func run() -> Bool {
    for process in processes { process.start() }
    for fault in plan.faults { events.add(at: fault.at) { [unowned self] in inject(fault) } }
    events.add(at: FaultSimulationBounds.healed) { [unowned self] in heal() }
    var nextLook = FaultSimulationBounds.healed
    let end = FaultSimulationBounds.healed + FaultSimulationBounds.settling
    var isDone = false
    while let event = events.next(), event.at <= end, !isDone {
      now = event.at
      event.action()
      if now >= nextLook, isHealed {
        nextLook = now + FaultSimulationBounds.look
        isDone = RunChecker.unfinished(self).isEmpty
      }
    }
    events.removeAll()
    return isDone
  }

  // MARK: Processes

  func processes(_ role: Node.Role) -> [SimulatedProcess] { processes.filter { $0.node.role == role } }

  func process(_ node: Node) -> SimulatedProcess? { processes.first { $0.node == node } }

  func process(of instance: InstanceID) -> SimulatedProcess? {
    processes.first { $0.instance == instance && $0.isRunning }
  }

  /// Sends a message to a process, which may be lost with everything in between.
  func send(
    _ kind: Network.Kind, from sender: Node, to receiver: Node, _ deliver: @escaping (SimulatedProcess) -> Void
  ) {
    for delay in network.delays(kind, from: sender, to: receiver, at: now) {
      after(delay) { [unowned self] in
        guard let process = process(receiver), process.isRunning else { return }
        process.perform { deliver(process) }
      }
    }
  }

  /// A ticket's name in the trace, by the order in which they appear.
  func name(of ticket: TicketID) -> String {
    let number = ticketNumbers[ticket] ?? ticketNumbers.count + 1
    ticketNumbers[ticket] = number
    return "ticket \(number)"
  }

  // MARK: Faults

  private func inject(_ planned: PlannedFault) {
    note("\(planned)", by: nil)
    switch planned.kind {
    case .kill(let node, let down): process(node)?.kill(restartingAfter: down)
    case .pause(let node, let time): process(node)?.pause(for: time)
    case .cut(let first, let second, let time): network.cut(first, second, until: now + time)
    case .cutLinks(let time): network.cutLinks(until: now + time)
    case .linkTrouble(let share, let time): network.trouble(share: share, until: now + time)
    case .databaseAway(let time): database.goAway(until: now + time)
    case .databaseFails(let share, let time): database.fail(share: share, until: now + time)
    case .databaseSlow(let node, let delay, let time): database.slowDown(node, upTo: delay, until: now + time)
    case .clockJump(let leap): database.leap(by: leap)
    case .endpointsFail(let share, let time): endpoint.fail(share: share, until: now + time)
    }
  }

  private func heal() {
    note("every fault has ended", by: nil)
    if !plan.isWithoutLinks { network.heal() }
    database.heal()
    endpoint.heal()
    isHealed = true
  }
}
