/// A bounded dictionary that evicts its least recently used entry when a new one needs room (LRU).
///
/// Entries are linked in the order of their use, so reading, writing and evicting take constant time.
package struct RecentlyUsed<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct Entry: Sendable {
    let key: Key
    var value: Value
    /// Towards the least recently used entry.
    var older: Int?
    /// Towards the most recently used entry.
    var newer: Int?
  }

  private var slots: [Entry] = []
  private var places: [Key: Int] = [:]
  private var oldest: Int?
  private var newest: Int?
  private let capacity: Int

  /// - Parameter capacity: the maximum number of entries, 1 or more.
  package init(capacity: Int) {
    precondition(capacity > 0, "the capacity must be at least 1")
    self.capacity = capacity
  }

  /// The current number of entries.
  var count: Int { places.count }

  /// Returns the value of a key, which counts as a use.
  package mutating func value(for key: Key) -> Value? {
    guard let place = places[key] else { return nil }
    moveToFront(place)
    return slots[place].value
  }

  /// Stores a value, which counts as a use; a new key evicts the least recently used entry if needed.
  package mutating func set(_ value: Value, for key: Key) {
    if let place = places[key] {
      slots[place].value = value
      return moveToFront(place)
    }
    let entry = Entry(key: key, value: value, older: nil, newer: nil)
    let place: Int
    if places.count < capacity {
      place = slots.count
      slots.append(entry)
    } else if let oldest {
      place = oldest
      places[slots[place].key] = nil
      unlink(place)
      slots[place] = entry
    } else {
      return
    }
    places[key] = place
    linkInFront(place)
  }

  private mutating func moveToFront(_ place: Int) {
    guard newest != place else { return }
    unlink(place)
    linkInFront(place)
  }

  private mutating func unlink(_ place: Int) {
    let (older, newer) = (slots[place].older, slots[place].newer)
    if let older { slots[older].newer = newer } else { oldest = newer }
    if let newer { slots[newer].older = older } else { newest = older }
    slots[place].older = nil
    slots[place].newer = nil
  }

  private mutating func linkInFront(_ place: Int) {
    slots[place].older = newest
    if let newest { slots[newest].newer = place }
    newest = place
    if oldest == nil { oldest = place }
  }
}
