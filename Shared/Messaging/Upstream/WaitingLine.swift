import DequeModule
import Wire

/// Items in the order in which they are to be handed out. Removal is lazy: whoever takes from it skips names that do
/// not wait any more, and the line is compacted when those are the most.
struct WaitingLine {
  private static let compactionSlack = 1024

  private var names: Deque<ItemID> = []

  /// Names that really wait.
  private(set) var count = 0

  mutating func append(_ id: ItemID) {
    names.append(id)
    count += 1
  }

  mutating func prepend(_ id: ItemID) {
    names.prepend(id)
    count += 1
  }

  /// The first name for which `isWaiting` holds; it stays at the head.
  mutating func first(where isWaiting: (ItemID) -> Bool) -> ItemID? {
    while let name = names.first {
      if isWaiting(name) { return name }
      names.removeFirst()
    }
    return nil
  }

  /// Takes the head, which `first` returned.
  mutating func removeFirst() {
    names.removeFirst()
    count -= 1
  }

  /// Notes that a name somewhere in the line does not wait any more.
  mutating func forgetOne(isWaiting: (ItemID) -> Bool) {
    count -= 1
    guard names.count > 2 * count + Self.compactionSlack else { return }
    names = Deque(names.lazy.filter(isWaiting))
  }
}
