/// Numbers terms, which are hashes already: a search looks up some forty terms for each message, and a dictionary would hash them again.
struct TermTable: Sendable {
  /// The terms in an open-addressing table, at most half full.
  private let keys: [UInt64]
  /// The number of each key; -1 is a free slot.
  private let numbers: [Int32]

  /// - Parameter terms: distinct; their numbers are their positions.
  init(_ terms: [UInt64]) {
    var capacity = 16
    while capacity < 2 * terms.count { capacity *= 2 }
    var keys = [UInt64](repeating: 0, count: capacity)
    var numbers = [Int32](repeating: -1, count: capacity)
    for (number, term) in terms.enumerated() {
      var slot = Self.slot(of: term, among: capacity)
      while numbers[slot] >= 0 { slot = (slot + 1) & (capacity - 1) }
      keys[slot] = term
      numbers[slot] = Int32(number)
    }
    self.keys = keys
    self.numbers = numbers
  }

  /// The number of a term; nil if it is not known.
  func number(of term: UInt64) -> Int? {
    var slot = Self.slot(of: term, among: keys.count)
    while numbers[slot] >= 0 {
      if keys[slot] == term { return Int(numbers[slot]) }
      slot = (slot + 1) & (keys.count - 1)
    }
    return nil
  }

  private static func slot(of term: UInt64, among capacity: Int) -> Int {
    Int(truncatingIfNeeded: (term &* 0x9E37_79B9_7F4A_7C15) >> 32) & (capacity - 1)
  }
}
