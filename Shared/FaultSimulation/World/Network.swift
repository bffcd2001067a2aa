import DeskCore

/// Carries messages between nodes: with delays always, with losses, repetitions, changes of order and cuts where a fault asks for them.
struct Network {
  /// What a message is carried by.
  enum Kind {
    /// A frame of a link, over ZeroMQ.
    case link
    /// A hint, over ZeroMQ.
    case hint
    /// A request or an answer, over TCP.
    case request
  }

  private struct Cut {
    let first: Node
    let second: Node
    let until: Duration
  }

  private var cuts: [Cut] = []
  private var linksCutUntil: Duration = .zero
  private var trouble: (share: Double, until: Duration) = (0, .zero)
  private var random: SeededGenerator

  init(random: SeededGenerator) { self.random = random }

  mutating func cut(_ first: Node, _ second: Node, until time: Duration) {
    cuts.append(Cut(first: first, second: second, until: time))
  }

  mutating func cutLinks(until time: Duration) { linksCutUntil = max(linksCutUntil, time) }

  mutating func trouble(share: Double, until time: Duration) { trouble = (share, time) }

  /// Ends every fault.
  mutating func heal() {
    cuts = []
    linksCutUntil = .zero
    trouble = (0, .zero)
  }

  func isCut(_ first: Node, _ second: Node, at now: Duration) -> Bool {
    cuts.contains {
      $0.until > now && (($0.first == first && $0.second == second) || ($0.first == second && $0.second == first))
    }
  }

  /// Returns the delays after which a message arrives: none when it is lost, two when it is repeated.
  mutating func delays(_ kind: Kind, from sender: Node, to receiver: Node, at now: Duration) -> [Duration] {
    let usual = delay()
    if isCut(sender, receiver, at: now) { return [] }
    guard kind != .request else { return [usual] }
    if linksCutUntil > now { return [] }
    guard trouble.until > now, Double.random(in: 0..<1, using: &random) < trouble.share else { return [usual] }
    switch Int.random(in: 0..<3, using: &random) {
    case 0: return []
    case 1: return [usual, usual + delay() * 20]
    default: return [usual + delay() * 20]
    }
  }

  /// Whether messages of a connection may overtake one another now.
  func mayReorder(at now: Duration) -> Bool { trouble.until > now }

  /// From a tenth of a millisecond to two.
  private mutating func delay() -> Duration { .microseconds(Int64.random(in: 100...2_000, using: &random)) }
}
