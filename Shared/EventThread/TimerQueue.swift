/// Names one pending timer.
public struct TimerID: Hashable, Sendable {
  fileprivate let sequence: UInt64
}

/// Timers in the order in which they are due; those due at the same time keep the order in which they were added.
///
/// A sorted array: an event thread has tens of timers, seldom hundreds, and an array of that size is faster than a heap.
public struct TimerQueue {
  private struct Entry {
    let deadline: ContinuousClock.Instant
    let id: TimerID
    let handler: @Sendable () -> Void
  }

  /// Latest first, so that taking the next one is a `removeLast`.
  private var entries: [Entry] = []
  private var nextSequence: UInt64 = 0

  /// Creates an empty queue.
  public init() {}

  /// Whether no timer is pending.
  public var isEmpty: Bool { entries.isEmpty }

  /// When the next timer is due; `nil` without timers.
  public var nextDeadline: ContinuousClock.Instant? { entries.last?.deadline }

  /// Adds a timer that is due at `deadline`.
  public mutating func add(at deadline: ContinuousClock.Instant, _ handler: @escaping @Sendable () -> Void) -> TimerID {
    let id = TimerID(sequence: nextSequence)
    nextSequence += 1
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].deadline > deadline { low = middle + 1 } else { high = middle }
    }
    entries.insert(Entry(deadline: deadline, id: id, handler: handler), at: low)
    return id
  }

  /// Cancels a timer; one that has fired or was cancelled before is ignored.
  public mutating func cancel(_ id: TimerID) {
    if let index = entries.lastIndex(where: { $0.id == id }) { entries.remove(at: index) }
  }

  /// Removes the next timer if it is due at `now` and returns its handler.
  public mutating func takeDue(at now: ContinuousClock.Instant) -> (@Sendable () -> Void)? {
    guard let entry = entries.last, entry.deadline <= now else { return nil }
    entries.removeLast()
    return entry.handler
  }

  /// Returns the time to wait: the smaller of `limit` (`nil`: none) and the time until the next timer, never negative.
  public func wait(from now: ContinuousClock.Instant, atMost limit: Duration?) -> Duration? {
    guard let next = nextDeadline else { return limit }
    let untilNext = max(.zero, now.duration(to: next))
    return limit.map { min($0, untilNext) } ?? untilNext
  }
}

extension Duration {
  /// Whole milliseconds, rounded up so that a wait never ends early, within the range of a C `int`.
  public var millisecondsRoundedUp: Int32 {
    let (seconds, attoseconds) = components
    let attosecondsPerMillisecond: Int64 = 1_000_000_000_000_000
    guard seconds < 2_000_000 else { return 2_000_000_000 }
    let milliseconds = seconds * 1000 + (attoseconds + attosecondsPerMillisecond - 1) / attosecondsPerMillisecond
    return Int32(clamping: max(0, milliseconds))
  }
}
