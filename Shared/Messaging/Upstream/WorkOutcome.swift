public import Wire

/// What has become of one offered item. Each item taken by `offer` gets exactly one outcome.
public struct WorkOutcome: Equatable, Sendable {
  /// How it ended.
  public enum Result: Equatable, Sendable {
    /// A worker finished it, to the very end of the way.
    case done
    /// Workers refused it until the limit; the last one's code.
    case refused(reason: String)
    /// Workers were lost while they held it, until the limit. It may be innocent: they held others too.
    case workersLost
    /// It has no id of 16 bytes or is too large for a frame.
    case unsendable
    /// It got too old and was forgotten here; a worker may still finish it.
    case expired
  }

  /// The item's name.
  public let id: ItemID

  /// How it ended.
  public let result: Result
}

extension Sequence<WorkOutcome> {
  /// The finished ones.
  public var done: [ItemID] { filter { $0.result == .done }.map(\.id) }

  /// The forgotten ones.
  public var expired: [ItemID] { filter { $0.result == .expired }.map(\.id) }

  /// The failed ones with a short code each.
  public var failed: [(id: ItemID, reason: String)] {
    compactMap { outcome in
      switch outcome.result {
      case .done, .expired: nil
      case .refused(let reason): (outcome.id, reason)
      case .workersLost: (outcome.id, "workers lost")
      case .unsendable: (outcome.id, "unsendable")
      }
    }
  }
}
