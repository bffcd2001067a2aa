import DequeModule
import Wire

/// Items in the order in which they are to be sent. Removal is lazy: readers skip items that no longer wait, and the queue is compacted
/// when those are the majority.
struct WaitingLine {
  private static let compactionSlack = 1024

  private var names: Deque<ItemID> = []

  /// The number of items that really wait.
  private(set) var count = 0

  mutating func append(_ id: ItemID) {
    names.append(id)
    count += 1
  }

  mutating func prepend(_ id: ItemID) {
    names.prepend(id)
    count += 1
  }

  /// The first item for which `isWaiting` holds; it stays at the head.
  mutating func first(where isWaiting: (ItemID) -> Bool) -> ItemID? {
    while let name = names.first {
      if isWaiting(name) { return name }
      names.removeFirst()
    }
    return nil
  }

  /// Removes the head, which `first` returned.
  mutating func removeFirst() {
    names.removeFirst()
    count -= 1
  }

  /// Records that an item somewhere in the queue no longer waits.
  mutating func forgetOne(isWaiting: (ItemID) -> Bool) {
    count -= 1
    guard names.count > 2 * count + Self.compactionSlack else { return }
    names = Deque(names.lazy.filter(isWaiting))
  }
}
