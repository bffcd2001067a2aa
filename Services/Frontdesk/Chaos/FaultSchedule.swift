/// One fault of a schedule, fully drawn: injecting it needs no luck any more.
struct Fault: Sendable, Equatable {
  /// Counted from 1.
  let number: Int
  let kind: FaultKind
  /// The service that it hits; nil where it hits none in particular.
  let service: ServiceKind?
  /// Which of that service's processes, counted from 0 and around.
  let instance: Int
  /// How long it lasts; zero for what happens at once.
  let length: Duration
  /// What else the kind needs: how many processes, which share, which way a clock jumps.
  let amount: Int

  /// For people: `pause intake 1 for 5.2 s`.
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
/// They are drawn in rounds. Each round has every kind as often as its weight says, in an order of its own, so that a long run
/// meets all of them and a short one meets many.
struct FaultSchedule: Sendable, Equatable {
  let seed: UInt64
  let faults: [Fault]

  /// - Parameters:
  ///   - count: how many faults.
  ///   - kinds: those to draw from, in any order; at least one.
  init(seed: UInt64, count: Int, kinds: [FaultKind]) {
    precondition(!kinds.isEmpty && count >= 0, "there is something to draw from")
    self.seed = seed
    var random = SeededRandom(seed: seed)
    // In the order of their declaration, so that the order of the argument is of no account.
    let deck = FaultKind.allCases.filter(kinds.contains).flatMap { Array(repeating: $0, count: $0.weight) }
    var round: [FaultKind] = []
    faults = (0..<count).map { position in
      if round.isEmpty { round = deck.shuffled(using: &random) }
      return FaultSchedule.draw(round.removeFirst(), number: position + 1, using: &random)
    }
  }

  private static func draw(_ kind: FaultKind, number: Int, using random: inout SeededRandom) -> Fault {
    // All lots are drawn for every fault, whatever it needs of them.
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

  /// The services that a kind can hit.
  static func services(of kind: FaultKind) -> [ServiceKind] {
    switch kind {
    case .kill, .pause, .restart: ServiceKind.allCases
    case .slowWorker, .scale, .linkStall: [.router, .classifier]
    default: []
    }
  }

  /// How long it lasts, in milliseconds.
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
