public import Wire

/// The outcome of one offered item. Each item accepted by `offer` gets exactly one outcome.
public struct WorkOutcome: Equatable, Sendable {
  /// How it ended.
  public enum Result: Equatable, Sendable {
    /// A worker finished it, end to end.
    case done
    /// Workers refused it until the limit was reached; the last one's code.
    case refused(reason: String)
    /// Workers were lost while they held it, until the limit was reached. It may not be the cause: they held other items too.
    case workersLost
    /// It is too large for a frame.
    case unsendable
    /// It became too old and was dropped here; a worker may still finish it.
    case expired
  }

  /// The item's id.
  public let id: ItemID

  /// How it ended.
  public let result: Result
}

extension [WorkOutcome] {
  /// The finished items.
  public var done: [ItemID] { filter { $0.result == .done }.map(\.id) }

  /// The expired items.
  public var expired: [ItemID] { filter { $0.result == .expired }.map(\.id) }

  /// The failed items with a short code each.
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
