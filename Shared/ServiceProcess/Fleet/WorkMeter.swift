internal import Observability
internal import Store
internal import SystemPrimitives

/// Measures how busy this process is: the mean share of its places for work that are in use, and how many items it finishes.
///
/// A place is what holds one unit of work while the process works on it, also while it waits for the database: a router that commits up to
/// 512 messages together has as many places, so its share is low while its batches are small, and 1 when more waits than it can take. The
/// heartbeat takes the reading; beginning and ending a batch cost an addition each.
public final class WorkMeter: Sendable {
  /// The time over which the share and the rate are means: longer than one burst, short enough to follow a rush.
  static let window: Duration = .seconds(3)
  /// Readings kept for that; the heartbeat takes two in a second.
  static let readings = 16

  private struct Reading {
    let at: ContinuousClock.Instant
    let used: Double
    let items: Int
  }

  private struct State {
    var active = 0
    /// Places in use, added up over time, in place-seconds.
    var used = 0.0
    var items = 0
    var counted: ContinuousClock.Instant
    var places = 0
    var readings: [Reading] = []
  }

  private let state: PthreadMutex<State>
  private let now: @Sendable () -> ContinuousClock.Instant

  /// - Parameter now: the clock, for tests.
  public init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.now = now
    state = PthreadMutex(State(counted: now()))
  }

  /// Declares how many places this process has; until then it measures nothing.
  public func open(places: Int) {
    state.withLock { $0.places = max(0, places) }
  }

  /// Work began that takes some places.
  public func begin(_ places: Int) {
    let now = now()
    state.withLock { state in
      WorkMeter.count(&state, now)
      state.active += places
    }
  }

  /// That work ended.
  /// - Parameter items: the items that it finished.
  public func end(_ places: Int, items: Int) {
    let now = now()
    state.withLock { state in
      WorkMeter.count(&state, now)
      state.active = max(0, state.active - places)
      state.items += items
    }
  }

  /// The means of the last seconds; nil before `open`, and at the first reading.
  func read() -> ServiceInstance.Load? {
    let now = now()
    return state.withLock { state in
      WorkMeter.count(&state, now)
      guard state.places > 0 else { return nil }
      state.readings.append(Reading(at: now, used: state.used, items: state.items))
      // The oldest one that is kept covers the window, or is all there is.
      while state.readings.count > 2,
        state.readings.count > WorkMeter.readings || now - state.readings[1].at >= WorkMeter.window
      {
        state.readings.removeFirst()
      }
      guard let first = state.readings.first, first.at < now else { return nil }
      let seconds = (now - first.at).seconds
      return ServiceInstance.Load(
        busyShare: (state.used - first.used) / (seconds * Double(state.places)),
        itemsPerSecond: Double(state.items - first.items) / seconds)
    }
  }

  private static func count(_ state: inout State, _ now: ContinuousClock.Instant) {
    state.used += Double(state.active) * max(0, (now - state.counted).seconds)
    state.counted = now
  }
}
