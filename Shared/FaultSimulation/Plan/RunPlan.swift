import DeskCore
package import Simulator

/// Everything that a run is made of: which processes, which messages, which faults. All of it follows from the seed; shrinking takes parts
/// of it away.
package struct RunPlan: Sendable, Hashable {
  /// A message that a customer writes.
  package struct Message: Sendable, Hashable {
    /// From 1; also the channel's id of it.
    package let number: Int
    package let at: Duration
    /// From 1.
    package let customer: Int
    /// An index of `SimulatedPolicy.categories`.
    package let category: Int

    /// The text, of which the simulated classifier reads the first word.
    var text: String { "\(SimulatedPolicy.categories[category].name): message \(number)" }
  }

  package let seed: SimulationSeed
  /// The desk's processes, by role and number.
  package var processes: [Node]
  /// By time.
  package var messages: [Message]
  /// By time.
  package var faults: [PlannedFault]

  /// Draws a plan.
  package init(_ seed: SimulationSeed) {
    self.seed = seed
    var random = seed.generator(stream: Stream.plan)
    processes = Node.desk.flatMap { role -> [Node] in
      // Of what acts by lease there are always two, so that there is something to contend for.
      let least = role == .watcher || role == .router ? 2 : FaultSimulationBounds.processes.lowerBound
      let count = Int.random(in: least...FaultSimulationBounds.processes.upperBound, using: &random)
      return (1...count).map { Node(role, $0) }
    }
    let customers = Int.random(in: FaultSimulationBounds.customers, using: &random)
    messages = (1...Int.random(in: FaultSimulationBounds.messages, using: &random)).map { number in
      Message(
        number: number, at: Self.time(in: .zero...FaultSimulationBounds.writing, using: &random),
        customer: Int.random(in: 1...customers, using: &random),
        category: Int.random(in: 0..<SimulatedPolicy.categories.count, using: &random))
    }
    messages.sort { ($0.at, $0.number) < ($1.at, $1.number) }
    let nodes = processes
    faults = (0..<Int.random(in: FaultSimulationBounds.faults, using: &random)).map { _ in
      PlannedFault(
        at: Self.time(in: FaultSimulationBounds.faultsFrom...FaultSimulationBounds.faultsUntil, using: &random),
        kind: .random(among: nodes, using: &random))
    }
    // In one run of eight there is no ZeroMQ from the beginning to the end (guarantee I6).
    if Int.random(in: 0..<8, using: &random) == 0 {
      faults.append(PlannedFault(at: .zero, kind: .cutLinks(for: FaultSimulationBounds.healed * 100)))
    }
    faults.sort { $0.at < $1.at }
  }

  /// Streams of randomness that do not disturb one another.
  enum Stream {
    static let plan: UInt64 = 1
    static let network: UInt64 = 2
    static let database: UInt64 = 3
    static let endpoint: UInt64 = 4
    static let people: UInt64 = 5
    /// Plus the node and how often it has started.
    static let processes: UInt64 = 1_000
  }

  static func time(in range: ClosedRange<Duration>, using random: inout SeededGenerator) -> Duration {
    .microseconds(
      Int64.random(in: range.lowerBound.wholeMicroseconds...range.upperBound.wholeMicroseconds, using: &random))
  }

  /// Whether nothing may be concluded from comparing the times of different tickets: the clock that dated them was set.
  var setsClock: Bool {
    faults.contains { if case .clockJump = $0.kind { true } else { false } }
  }

  /// Whether the order of deliveries means nothing: they are ordered by a clock that was set back.
  var setsClockBack: Bool {
    faults.contains { if case .clockJump(let leap) = $0.kind { leap < .zero } else { false } }
  }

  /// Whether nothing carries work but the database, from the beginning to the end.
  package var isWithoutLinks: Bool {
    faults.contains { if case .cutLinks(let time) = $0.kind { time > FaultSimulationBounds.healed } else { false } }
  }
}

extension PlannedFault.Kind {
  /// Draws a fault.
  static func random(among nodes: [Node], using random: inout SeededGenerator) -> Self {
    func node() -> Node { nodes[Int.random(in: 0..<nodes.count, using: &random)] }
    func time(from least: Duration = .milliseconds(300)) -> Duration {
      RunPlan.time(in: least...FaultSimulationBounds.longestFault, using: &random)
    }
    func share() -> Double { Double(Int.random(in: 1...8, using: &random)) / 10 }
    switch Int.random(in: 0..<16, using: &random) {
    case 0...2: return .kill(node(), down: time())
    case 3...5: return .pause(node(), for: time(from: .seconds(1)))
    case 6: return .cut(node(), .database, for: time())
    case 7:
      let first = node()
      let others = nodes.filter { $0 != first }
      return .cut(first, others[Int.random(in: 0..<others.count, using: &random)], for: time())
    case 8: return .cutLinks(for: time())
    case 9: return .linkTrouble(share: share(), for: time())
    case 10: return .databaseAway(for: time())
    case 11: return .databaseFails(share: share() / 2, for: time())
    case 12, 13: return .databaseSlow(node(), upTo: time(from: .seconds(1)), for: time())
    case 14:
      let leaps: [Duration] = [
        .seconds(-15), .seconds(-3), .milliseconds(-400), .milliseconds(600), .seconds(6), .seconds(3_600),
      ]
      return .clockJump(leaps[Int.random(in: 0..<leaps.count, using: &random)])
    default: return .endpointsFail(share: share(), for: time())
    }
  }
}
