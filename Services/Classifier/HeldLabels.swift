import DeskCore
import SystemPrimitives
import Wire

/// Labelled items while they are on their way to a router. Bounded by the credit granted to upstream. Almost all are finished there, so
/// the labels stay as they are on the link until they are needed.
final class HeldLabels: Sendable {
  private let held = PthreadMutex<[ItemID: LinkItem]>([:])

  func keep(_ items: [LinkItem]) {
    held.withLock { all in
      for item in items { all[item.id] = item }
    }
  }

  /// Forgets items that a router has finished.
  func drop(_ ids: [ItemID]) {
    held.withLock { all in
      for id in ids { all[id] = nil }
    }
  }

  /// Forgets items that no router has finished, and returns their labels.
  func take(_ ids: [ItemID]) -> [LabelledMessage] {
    let taken = held.withLock { all in ids.compactMap { all.removeValue(forKey: $0) } }
    return taken.compactMap { item in
      item.content.labels.map { LabelledMessage($0, of: MessageID(high: item.id.high, low: item.id.low)) }
    }
  }
}
