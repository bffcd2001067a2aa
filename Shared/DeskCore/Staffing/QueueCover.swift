/// One queue's requirement and the shifts that cover it so far.
struct QueueCover: Sendable {
  /// A shift that could be added.
  struct Choice: Sendable {
    let placed: PlacedShift
    /// Slots in which it covers a missing agent, and how many are missing in these.
    let gain: Int
    let depth: Int

    /// Whether it covers more for its cost; among equals, where more are missing.
    func isBetter(than other: Choice) -> Bool {
      let (mine, others) = (gain * other.placed.length, other.gain * placed.length)
      return mine == others ? depth > other.depth : mine > others
    }
  }

  let queue: QueueID
  let required: [Int]
  private(set) var covered: [Int]
  private(set) var placed: [PlacedShift] = []

  init(queue: QueueID, required: [Int]) {
    self.queue = queue
    self.required = required
    covered = Array(repeating: 0, count: required.count)
  }

  mutating func add(_ shift: PlacedShift) {
    placed.append(shift)
    change(shift, by: 1)
  }

  private mutating func change(_ shift: PlacedShift, by change: Int) {
    for stretch in shift.worked(within: covered.count) {
      for slot in stretch { covered[slot] += change }
    }
  }

  /// The stretches in which agents are missing.
  var gaps: [Range<Int>] {
    var gaps: [Range<Int>] = []
    for slot in required.indices where covered[slot] < required[slot] {
      if let last = gaps.last, last.upperBound == slot {
        gaps[gaps.count - 1] = last.lowerBound..<slot + 1
      } else {
        gaps.append(slot..<slot + 1)
      }
    }
    return gaps
  }

  /// The shift that covers most missing agents for its cost; nil when none covers any.
  func best(on grid: ShiftGrid) -> Choice? {
    let missing = Missing(required, covered)
    guard missing.total > 0 else { return nil }
    var best: Choice?
    for start in grid.starts {
      let choice = missing.choice(start, on: grid)
      guard choice.gain > 0 else { continue }
      if let other = best, !choice.isBetter(than: other) { continue }
      best = choice
    }
    return best
  }

  /// Takes out shifts that nobody misses, and replaces those for which a cheaper one covers all that would be missing.
  /// - Returns: whether anything changed.
  mutating func improve(on grid: ShiftGrid) -> Bool {
    var changed = false
    // The costliest first.
    for shift in placed.sorted(by: { $0.length > $1.length }) {
      let before = Missing(required, covered)
      change(shift, by: -1)
      let missing = Missing(required, covered)
      var replacement: PlacedShift?
      if missing.total > before.total {
        // Where some are missing anyway, the replacement must not leave more.
        let needed = missing.total - before.total
        replacement =
          grid.starts.lazy.filter { grid.lengths[$0.template] < shift.length }
          .map { missing.choice($0, on: grid) }
          .filter { $0.gain >= needed }
          .min { $0.placed.length < $1.placed.length }?.placed
        guard replacement != nil else {
          change(shift, by: 1)
          continue
        }
      }
      changed = true
      if let place = placed.firstIndex(of: shift) { placed.remove(at: place) }
      if let replacement { add(replacement) }
    }
    return changed
  }
}

/// Where agents are missing, as running sums.
private struct Missing {
  /// Slots with a missing agent, agents missing, and agents beyond those required, before each slot.
  private var slots: [Int]
  private var agents: [Int]
  private var surplus: [Int]

  init(_ required: [Int], _ covered: [Int]) {
    slots = [0]
    agents = [0]
    surplus = [0]
    slots.reserveCapacity(required.count + 1)
    agents.reserveCapacity(required.count + 1)
    surplus.reserveCapacity(required.count + 1)
    for slot in required.indices {
      let missing = max(0, required[slot] - covered[slot])
      slots.append(slots[slot] + (missing > 0 ? 1 : 0))
      agents.append(agents[slot] + missing)
      surplus.append(surplus[slot] + covered[slot] - required[slot])
    }
  }

  var total: Int { agents[agents.count - 1] }

  private func sum(_ sums: [Int], from low: Int, to high: Int) -> Int {
    let last = sums.count - 1
    return sums[min(last, max(0, high))] - sums[min(last, max(0, low))]
  }

  /// A shift at a start, each break where it is missed least; so breaks spread over their windows.
  func choice(_ start: ShiftGrid.Start, on grid: ShiftGrid) -> QueueCover.Choice {
    let length = grid.lengths[start.template]
    var gain = sum(slots, from: start.slot, to: start.slot + length)
    var depth = sum(agents, from: start.slot, to: start.slot + length)
    var breaks: [Range<Int>] = []
    for window in grid.windows[start.template] {
      var best: (place: Int, slots: Int, surplus: Int)?
      for place in window.places {
        let from = start.slot + place
        let (lost, spare) = (
          sum(slots, from: from, to: from + window.length), sum(surplus, from: from, to: from + window.length)
        )
        if let other = best, (other.slots, -other.surplus) <= (lost, -spare) { continue }
        best = (from, lost, spare)
      }
      guard let best else { continue }
      gain -= best.slots
      depth -= sum(agents, from: best.place, to: best.place + window.length)
      breaks.append(best.place..<best.place + window.length)
    }
    return QueueCover.Choice(
      placed: PlacedShift(template: start.template, slot: start.slot, length: length, breaks: breaks), gain: gain,
      depth: depth)
  }
}
