import DequeModule

/// Decides how many messages commits may add to a link that is deep: to one whose workers make progress no more than they finish in a
/// short time, to any other as many as there are.
///
/// A message that the link has no place for takes the way through the database, which costs more than the link; in an overload that would
/// feed the overload. So while workers make progress, commits wait for places, and with them the acknowledgements. Workers that are gone,
/// cut off or stopped are a fault and not an overload: when too little has been finished for `stallTime`, nothing is held back any more and
/// the database takes what the link cannot. Whether a worker lives is not asked: what it finishes shows it.
package struct LinkPressure: Sendable {
  package struct Limits: Sendable {
    /// Messages up to which a link is not deep.
    package var depth = CommitBounds.linkDepth
    /// Messages that a deep link may have however slow it is, so that its workers are never without work.
    package var shallow = CommitBounds.linkShallow
    /// How long a link that finishes too little counts as making progress.
    package var stallTime = CommitBounds.linkStallTime
    /// Messages per second below which it does not.
    package var slowestPerSecond = CommitBounds.linkSlowestPerSecond
    /// The work that a link may have ahead of it.
    package var workAhead = CommitBounds.linkWorkAhead

    package init() {}
  }

  /// What was finished in a short time, so that few numbers are kept.
  private struct Slice {
    let begins: Duration
    var count: Int
  }

  /// Slices of `stallTime`.
  private static let slices = 10
  /// The part of its places, one in this many, that a deep link must have free before commits continue.
  private static let sharesWorthACommit = 40

  private let limits: Limits
  private var finished: Deque<Slice> = []
  private var finishedCount = 0
  /// Since when the link has been deep.
  private var deepSince: Duration?

  package init(limits: Limits = Limits()) {
    self.limits = limits
  }

  /// Workers finished messages.
  package mutating func finish(_ count: Int, now: Duration) {
    guard count > 0 else { return }
    forget(now: now)
    finishedCount += count
    if let last = finished.last, now - last.begins < limits.stallTime / Self.slices {
      finished[finished.count - 1].count += count
    } else {
      finished.append(Slice(begins: now, count: count))
    }
  }

  /// Returns how many messages commits may take now; 0 makes them wait.
  /// - Parameter used: messages that the link has, or that commits in progress may add.
  package mutating func room(used: Int, now: Duration) -> Int {
    forget(now: now)
    let seconds = limits.stallTime / .seconds(1)
    let perSecond = Double(finishedCount) / seconds
    guard let deepSince else {
      let free = worthwhile(limits.depth - used, of: limits.depth)
      if free == 0 { deepSince = now }
      return free
    }
    // A link that has only just become deep may have been idle before, which says nothing about its speed.
    let isYoung = now - deepSince < limits.stallTime
    let ahead = Int(perSecond * (limits.workAhead / .seconds(1)))
    let depth = isYoung ? limits.depth : min(limits.depth, max(limits.shallow, ahead))
    if used < depth / 2 {
      self.deepSince = nil
      return limits.depth - used
    }
    guard isYoung || perSecond >= limits.slowestPerSecond else { return .max }
    return worthwhile(depth - used, of: depth)
  }

  /// Few places would make small commits, which cost more: in an overload of all times.
  private func worthwhile(_ free: Int, of depth: Int) -> Int {
    free >= max(1, depth / Self.sharesWorthACommit) ? free : 0
  }

  private mutating func forget(now: Duration) {
    while let oldest = finished.first, now - oldest.begins >= limits.stallTime {
      finished.removeFirst()
      finishedCount -= oldest.count
    }
  }
}
