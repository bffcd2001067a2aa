import DeskCore

/// Something that goes wrong in a run, and when.
package struct PlannedFault: Hashable, Sendable, CustomStringConvertible {
  /// What goes wrong.
  package enum Kind: Hashable, Sendable {
    /// The process ends without a word, and starts again with nothing in memory.
    case kill(Node, down: Duration)
    /// The process stands still, as after SIGSTOP: what it should have done meanwhile, it does afterwards, late.
    case pause(Node, for: Duration)
    /// Nothing gets from one to the other, in either direction.
    case cut(Node, Node, for: Duration)
    /// ZeroMQ carries nothing at all.
    case cutLinks(for: Duration)
    /// A share of the frames is lost, repeated or late.
    case linkTrouble(share: Double, for: Duration)
    /// PostgreSQL is not there.
    case databaseAway(for: Duration)
    /// A share of the statements fails, half of them after they took effect.
    case databaseFails(share: Double, for: Duration)
    /// The statements of a process arrive late, by up to so much.
    case databaseSlow(Node, upTo: Duration, for: Duration)
    /// The database's clock is set.
    case clockJump(Duration)
    /// The endpoints of hooks refuse deliveries, or take them and do not answer.
    case endpointsFail(share: Double, for: Duration)
  }

  package let at: Duration
  package let kind: Kind

  package var description: String {
    let what =
      switch kind {
      case .kill(let node, let down): "\(node) is killed, and starts again after \(Self.text(down))"
      case .pause(let node, let time): "\(node) stands still for \(Self.text(time))"
      case .cut(let first, let second, let time): "\(first) and \(second) are cut off for \(Self.text(time))"
      case .cutLinks(let time): "ZeroMQ is cut off for \(Self.text(time))"
      case .linkTrouble(let share, let time):
        "\(Int(share * 100)) % of the frames are lost, repeated or late for \(Self.text(time))"
      case .databaseAway(let time): "PostgreSQL is away for \(Self.text(time))"
      case .databaseFails(let share, let time):
        "\(Int(share * 100)) % of the statements fail for \(Self.text(time)), half of them after they took effect"
      case .databaseSlow(let node, let delay, let time):
        "the statements of \(node) are late by up to \(Self.text(delay)), for \(Self.text(time))"
      case .clockJump(let leap): "the database's clock is set by \(Self.text(leap))"
      case .endpointsFail(let share, let time):
        "\(Int(share * 100)) % of the deliveries are refused or not answered for \(Self.text(time))"
      }
    return "\(Self.text(at)): \(what)"
  }

  private static func text(_ duration: Duration) -> String {
    let tenths = (duration.wholeMicroseconds + (duration < .zero ? -50_000 : 50_000)) / 100_000
    return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10) s"
  }
}
