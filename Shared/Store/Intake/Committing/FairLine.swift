import DequeModule

/// A queue that is shared by sender, so that one sender's flood delays no other (deficit round robin; Shreedhar and Varghese, "Efficient
/// fair queueing using deficit round-robin", SIGCOMM 1995).
///
/// Senders with elements waiting take turns. In each turn a sender's allowance grows by one unit, and the elements that it pays for leave
/// in order of arrival. So as long as fewer senders wait than a batch has units, every sender's next element of one unit is in the next
/// batch, however much the others submit. An insufficient allowance is kept for the next turn, and a sender with nothing waiting
/// accumulates none.
package struct FairLine<Sender: Hashable & Sendable, Element: Sendable>: Sendable {
  private struct Line {
    var elements: Deque<(element: Element, cost: Int)> = []
    var allowance = 0
  }

  private var lines: [Sender: Line] = [:]
  /// Senders with elements waiting, in the order of their turns.
  private var turns: Deque<Sender> = []

  /// Elements that wait.
  package private(set) var count = 0

  package var isEmpty: Bool { count == 0 }

  package init() {}

  /// - Parameter cost: in units, 1 or more.
  package mutating func append(_ element: Element, cost: Int, of sender: Sender) {
    precondition(cost > 0, "elements without a cost would never exhaust a batch")
    if lines[sender] == nil { turns.append(sender) }
    lines[sender, default: Line()].elements.append((element, cost))
    count += 1
  }

  /// Removes and returns the next elements, together at most `units`; always at least one if any waits.
  /// - Parameter isServed: whether a sender takes part; the others keep their places.
  package mutating func take(units: Int, of isServed: (Sender) -> Bool) -> [Element] {
    let others = turns.filter { !isServed($0) }
    guard !others.isEmpty else { return take(units: units) }
    turns.removeAll { !isServed($0) }
    let taken = take(units: units)
    turns = Deque(others) + turns
    return taken
  }

  /// Removes and returns the next elements, together at most `units`; always at least one if any waits.
  package mutating func take(units: Int) -> [Element] {
    guard count > 0 else { return [] }
    var taken: [Element] = []
    var left = units
    // Senders whose next element does not fit begin the next batch; the others continue with the rest of this one.
    var postponed: [Sender] = []
    // Out of the dictionary meanwhile: a line that is there too would be copied as a whole before it is changed.
    while left > 0, let sender = turns.first, var line = lines.removeValue(forKey: sender) {
      turns.removeFirst()
      line.allowance += 1
      var isPostponed = false
      while let next = line.elements.first, next.cost <= line.allowance {
        guard next.cost <= left || taken.isEmpty else {
          line.allowance -= 1
          isPostponed = true
          break
        }
        line.elements.removeFirst()
        line.allowance -= next.cost
        left -= next.cost
        taken.append(next.element)
        count -= 1
      }
      guard !line.elements.isEmpty else { continue }
      lines[sender] = line
      if isPostponed { postponed.append(sender) } else { turns.append(sender) }
    }
    if !postponed.isEmpty { turns = Deque(postponed) + turns }
    return taken
  }

  /// Removes the oldest elements of every sender for which a condition holds, up to the first for which it does not.
  package mutating func removeOldest(where condition: (Element) -> Bool) -> [Element] {
    var removed: [Element] = []
    for sender in turns {
      guard let oldest = lines[sender]?.elements.first, condition(oldest.element),
        var line = lines.removeValue(forKey: sender)
      else { continue }
      while let oldest = line.elements.first, condition(oldest.element) {
        removed.append(oldest.element)
        line.elements.removeFirst()
      }
      lines[sender] = line.elements.isEmpty ? nil : line
    }
    guard !removed.isEmpty else { return [] }
    count -= removed.count
    turns.removeAll { lines[$0] == nil }
    return removed
  }
}
