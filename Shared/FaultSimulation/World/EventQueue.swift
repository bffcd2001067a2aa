/// What happens later, by virtual time; what was added first comes first among equals.
struct EventQueue {
  private struct Entry {
    let at: Duration
    let number: UInt64
    let action: () -> Void

    func comes(before other: Entry) -> Bool { at != other.at ? at < other.at : number < other.number }
  }

  /// Latest first: few events wait, and most new ones are soon.
  private var entries: [Entry] = []
  private var lastNumber: UInt64 = 0

  mutating func add(at time: Duration, _ action: @escaping () -> Void) {
    lastNumber += 1
    let entry = Entry(at: time, number: lastNumber, action: action)
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entry.comes(before: entries[middle]) { low = middle + 1 } else { high = middle }
    }
    entries.insert(entry, at: low)
  }

  mutating func next() -> (at: Duration, action: () -> Void)? {
    entries.popLast().map { ($0.at, $0.action) }
  }

  /// Forgets everything, and with it the processes that the actions hold.
  mutating func removeAll() { entries = [] }
}
