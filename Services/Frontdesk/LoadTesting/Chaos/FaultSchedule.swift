import DeskCore
import DeskSupervisor

/// One fault of a schedule, fully drawn: injecting it needs no further random numbers.
struct Fault: Sendable, Equatable {
  /// Counted from 1.
  let number: Int
  let kind: FaultKind
  /// The affected service; nil where it affects none in particular.
  let service: ServiceKind?
  /// The index of that service's process, counted from 0 and modulo the number of processes.
  let instance: Int
  /// The duration; zero for an instantaneous fault.
  let length: Duration
  /// An additional parameter of the kind: the number of processes, the share, the direction of a clock jump.
  let amount: Int

  /// A human-readable description: `pause intake 1 for 5.2 s`.
  var text: String {
    var words = [kind.rawValue]
    if let service {
      words.append(
        kind == .kill || kind == .pause || kind == .slowWorker
          ? "\(service.rawValue)#\(instance + 1)" : service.rawValue)
    }
    switch kind {
    case .scale: words.append("to \(amount)")
    case .duplicates: words.append("of \(amount) messages")
    case .databaseDelay, .clientsDelay: words.append("by \(amount) ms")
    case .databaseTerminateSome: words.append("(1 of \(amount))")
    case .clockJump: words.append("by \(amount) s")
    default: break
    }
    if length > .zero { words.append("for \(length.text)") }
    return words.joined(separator: " ")
  }
}

/// Faults in the order in which they are injected, drawn from a seed: the same seed, kinds and number give the same schedule on
/// every machine.
///
/// They are drawn in rounds. Each round has every kind as often as its weight, in a random order, so that a long run covers
/// all of them and a short one covers many.
struct FaultSchedule: Sendable, Equatable {
  let seed: UInt64
  let faults: [Fault]

  /// - Parameters:
  ///   - count: the number of faults.
  ///   - kinds: the kinds to draw from, in any order; at least one.
  init(seed: UInt64, count: Int, kinds: [FaultKind]) {
    precondition(!kinds.isEmpty && count >= 0, "there are kinds to draw from")
    self.seed = seed
    var random = SeededGenerator(seed: seed)
    // In declaration order, so that the argument's order does not matter.
    let deck = FaultKind.allCases.filter(kinds.contains).flatMap { Array(repeating: $0, count: $0.weight) }
    var round: [FaultKind] = []
    faults = (0..<count).map { position in
      if round.isEmpty { round = deck.shuffled(using: &random) }
      return FaultSchedule.draw(round.removeFirst(), number: position + 1, using: &random)
    }
  }

  private static func draw(_ kind: FaultKind, number: Int, using random: inout SeededGenerator) -> Fault {
    // All random numbers are drawn for every fault, whether it needs them or not.
    let service = services(of: kind).randomElement(using: &random)
    let instance = Int.random(in: 0..<ChaosBounds.instancesDrawn, using: &random)
    let share = Double.random(in: 0...1, using: &random)
    let range = lengths(of: kind)
    let milliseconds = range.lowerBound + Int((Double(range.upperBound - range.lowerBound) * share).rounded())
    return Fault(
      number: number, kind: kind, service: service,
      instance: instance % (service.flatMap { ChaosDesk.processes[$0] } ?? 1),
      length: .milliseconds(milliseconds),
      amount: amounts(of: kind).randomElement(using: &random) ?? 0)
  }

  /// Returns the services that a kind can affect.
  static func services(of kind: FaultKind) -> [ServiceKind] {
    switch kind {
    case .kill, .pause, .restart: ServiceKind.allCases
    case .slowWorker, .scale, .linkStall: [.router, .classifier]
    default: []
    }
  }

  /// Returns the duration range in milliseconds.
  static func lengths(of kind: FaultKind) -> ClosedRange<Int> {
    switch kind {
    case .pause, .linkStall: ChaosBounds.pauseMilliseconds
    case .kill, .databaseStop, .databaseTerminateAll, .databaseTerminateSome, .duplicates, .restart, .schemaUpgrade,
      .poison, .poisonRow, .manyFrames, .bigTicket:
      0...0
    default: ChaosBounds.outageMilliseconds
    }
  }

  private static func amounts(of kind: FaultKind) -> [Int] {
    switch kind {
    case .scale: [0, 1, 3, 4]
    case .duplicates: [60, 120, 240]
    case .databaseDelay, .clientsDelay: [20, 50, 100, 200]
    case .databaseTerminateSome: [2, 3, 5]
    case .clockJump: [-86_400, -3_600, -60, 60, 3_600, 86_400]
    default: []
    }
  }
}
