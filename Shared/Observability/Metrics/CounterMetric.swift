internal import Synchronization
internal import SystemPrimitives

/// A number that any thread may change without a lock.
final class AtomicNumber: Sendable {
  private let bits = Atomic<UInt64>(0)

  var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

  func set(_ value: Double) {
    bits.store(value.bitPattern, ordering: .relaxed)
  }

  func add(_ amount: Double) {
    var seen = bits.load(ordering: .relaxed)
    while true {
      let wanted = (Double(bitPattern: seen) + amount).bitPattern
      let (exchanged, original) = bits.weakCompareExchange(
        expected: seen, desired: wanted, successOrdering: .relaxed, failureOrdering: .relaxed)
      if exchanged { return }
      seen = original
    }
  }
}

/// Counts what has happened since the process started. Never goes down.
public final class CounterMetric: Sendable {
  let number = AtomicNumber()

  /// Adds; a negative or non-finite amount is ignored, because a counter that goes down reads as a restart.
  public func increment(by amount: Double = 1) {
    if amount >= 0, amount.isFinite { number.add(amount) }
  }

  /// The current count.
  public var value: Double { number.value }
}

/// A current amount that can go up and down.
public final class GaugeMetric: Sendable {
  let number = AtomicNumber()

  /// Replaces the value.
  public func set(_ value: Double) { number.set(value) }

  /// Adds; negative amounts lower the value.
  public func add(_ amount: Double) { number.add(amount) }

  /// The current value.
  public var value: Double { number.value }
}

/// Counts observations by size, in buckets fixed at the start.
public final class HistogramMetric: Sendable {
  struct State: Sendable {
    /// One per bucket and one for larger values; each observation is in exactly one.
    var counts: [UInt64]
    var sum = 0.0
  }

  /// Upper bounds, ascending, each one included in its bucket.
  public let buckets: [Double]
  private let state: PthreadMutex<State>

  init(buckets: [Double]) {
    self.buckets = buckets
    state = PthreadMutex(State(counts: Array(repeating: 0, count: buckets.count + 1)))
  }

  /// Adds one observation in base units (seconds, bytes). NaN is ignored.
  public func observe(_ value: Double) {
    guard !value.isNaN else { return }
    var low = 0
    var high = buckets.count
    while low < high {
      let middle = (low + high) / 2
      if buckets[middle] < value { low = middle + 1 } else { high = middle }
    }
    state.withLock { state in
      state.counts[low] += 1
      state.sum += value
    }
  }

  /// Adds one observation of a duration.
  public func observe(_ duration: Duration) {
    observe(duration.seconds)
  }

  func snapshot() -> State { state.withLock { $0 } }
}

extension Duration {
  /// As a fraction of seconds.
  public var seconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }
}
