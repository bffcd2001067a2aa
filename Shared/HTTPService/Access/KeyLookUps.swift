/// Decides which keys are looked up when: the pure logic of a `KeyCache`, without waiting and database access.
///
/// Keys that were valid when they were last asked for are looked up on their own lane and cached separately from all others, so a
/// flood of unknown keys neither delays nor evicts them. Unknown keys are batched, one batch at a time and at most one per
/// `interval`, so their cost to the database does not grow with the number of keys tried.
struct KeyLookUps<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  /// Identifies a caller that waits for an answer.
  typealias Ticket = Int

  /// The two lookup lanes.
  enum Lane: Sendable, CaseIterable {
    /// Keys that were valid before.
    case known
    /// All other keys.
    case unknown
  }

  /// What the caller must do.
  enum Effect {
    /// Answer a waiting caller.
    case answer(Ticket, Result<Value?, any Error>)
    /// Look up keys, then call `found` or `failed`.
    case lookUp(Lane, [Key])
    /// Call `timePassed` at that time.
    case wake(at: ContinuousClock.Instant)
  }

  struct Limits: Sendable {
    var lifetime: Duration
    var keysRemembered: Int
    var keysPerLookUp: Int
    var interval: Duration
    var keysWaiting: Int
  }

  private struct Entry: Sendable {
    var value: Value
    var believedUntil: ContinuousClock.Instant
  }

  private struct Line: Sendable {
    /// Keys pending for the next lookup, in request order.
    var waiting: [Key] = []
    var tickets: [Key: [Ticket]] = [:]
    var running: [Key: [Ticket]] = [:]
    var isRunning = false
    var asked = ContinuousClock.Instant.now
    var mayBegin: ContinuousClock.Instant?
    var isWakeOrdered = false
  }

  private let limits: Limits
  private var entries: RecentlyUsed<Key, Entry>
  private var known = Line()
  private var unknown = Line()

  init(_ limits: Limits) {
    precondition(limits.keysPerLookUp > 0 && limits.keysWaiting >= limits.keysPerLookUp)
    self.limits = limits
    entries = RecentlyUsed(capacity: limits.keysRemembered)
  }

  /// Returns the value of a key that is cached.
  mutating func known(_ key: Key, now: ContinuousClock.Instant) -> Value? {
    guard let entry = entries.value(for: key), entry.believedUntil > now else { return nil }
    return entry.value
  }

  /// Handles a request for a key.
  mutating func ask(_ key: Key, ticket: Ticket, now: ContinuousClock.Instant) -> [Effect] {
    let entry = entries.value(for: key)
    if let entry, entry.believedUntil > now { return [.answer(ticket, .success(entry.value))] }
    let lane: Lane = entry == nil ? .unknown : .known
    return withLine(lane) { line, limits in
      if line.running[key] != nil {
        line.running[key]?.append(ticket)
        return []
      }
      if line.tickets[key] == nil {
        guard line.waiting.count < limits.keysWaiting else {
          return [.answer(ticket, .failure(KeyLookUpsExhausted()))]
        }
        line.waiting.append(key)
      }
      line.tickets[key, default: []].append(ticket)
      return Self.begin(lane, &line, limits, now)
    }
  }

  /// Handles a lookup's answer; keys without a value are not valid.
  mutating func found(_ values: [Key: Value], _ lane: Lane, now: ContinuousClock.Instant) -> [Effect] {
    // The lifetime counts from the query, so that a key revoked after it expires in time.
    let until = withLine(lane) { line, _ in line.asked } + limits.lifetime
    for (key, value) in values { entries.set(Entry(value: value, believedUntil: until), for: key) }
    return settle(lane, now) { .success(values[$0]) }
  }

  /// Handles a failed lookup. Nothing is cached.
  mutating func failed(_ error: any Error, _ lane: Lane, now: ContinuousClock.Instant) -> [Effect] {
    settle(lane, now) { _ in .failure(error) }
  }

  /// Handles the time of a `wake`.
  mutating func timePassed(now: ContinuousClock.Instant) -> [Effect] {
    withLine(.unknown) { line, limits in
      line.isWakeOrdered = false
      return Self.begin(.unknown, &line, limits, now)
    }
  }

  private mutating func settle(
    _ lane: Lane, _ now: ContinuousClock.Instant, _ outcome: (Key) -> Result<Value?, any Error>
  ) -> [Effect] {
    withLine(lane) { line, limits in
      let settled = line.running
      line.running = [:]
      line.isRunning = false
      let answers = settled.flatMap { key, tickets in tickets.map { Effect.answer($0, outcome(key)) } }
      return answers + Self.begin(lane, &line, limits, now)
    }
  }

  private static func begin(
    _ lane: Lane, _ line: inout Line, _ limits: Limits, _ now: ContinuousClock.Instant
  ) -> [Effect] {
    guard !line.isRunning, !line.waiting.isEmpty else { return [] }
    if lane == .unknown, let mayBegin = line.mayBegin, mayBegin > now {
      guard !line.isWakeOrdered else { return [] }
      line.isWakeOrdered = true
      return [.wake(at: mayBegin)]
    }
    let batch = Array(line.waiting.prefix(limits.keysPerLookUp))
    line.waiting.removeFirst(batch.count)
    for key in batch { line.running[key] = line.tickets.removeValue(forKey: key) ?? [] }
    line.isRunning = true
    line.asked = now
    line.mayBegin = now + limits.interval
    return [.lookUp(lane, batch)]
  }

  private mutating func withLine<Outcome>(_ lane: Lane, _ body: (inout Line, Limits) -> Outcome) -> Outcome {
    switch lane {
    case .known: body(&known, limits)
    case .unknown: body(&unknown, limits)
    }
  }
}

/// Too many unknown keys are pending.
public struct KeyLookUpsExhausted: Error, Equatable {}
