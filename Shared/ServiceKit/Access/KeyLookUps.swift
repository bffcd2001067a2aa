/// Which keys are looked up when: the decisions of a `KeyCache`, without its waiting and its database.
///
/// Keys that were valid when they were last asked for are looked up on a lane of their own and are remembered apart from all others, so a
/// flood of unknown keys neither delays nor evicts them. Unknown keys gather into batches, one batch at a time and at most one each
/// `interval`, so what they cost the database does not grow with how many are tried.
struct KeyLookUps<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  /// Who waits for an answer.
  typealias Ticket = Int

  /// The two lanes.
  enum Lane: Sendable, CaseIterable {
    /// Keys that were valid before.
    case known
    /// All others.
    case unknown
  }

  /// What the shell is to do.
  enum Effect {
    /// Answer a question.
    case answer(Ticket, Result<Value?, any Error>)
    /// Look keys up, and report with `found` or `failed`.
    case lookUp(Lane, [Key])
    /// Report with `timePassed` at that time.
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
    /// Keys that wait for the next look-up, in the order in which they were asked for.
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

  /// Somebody asks for a key.
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

  /// A look-up has its answer; keys without a value are not valid.
  mutating func found(_ values: [Key: Value], _ lane: Lane, now: ContinuousClock.Instant) -> [Effect] {
    // What was revoked after the question is noticed in time: belief counts from the question.
    let until = withLine(lane) { line, _ in line.asked } + limits.lifetime
    for (key, value) in values { entries.set(Entry(value: value, believedUntil: until), for: key) }
    return settle(lane, now) { .success(values[$0]) }
  }

  /// A look-up failed. Nothing is remembered of it.
  mutating func failed(_ error: any Error, _ lane: Lane, now: ContinuousClock.Instant) -> [Effect] {
    settle(lane, now) { _ in .failure(error) }
  }

  /// The time of a `wake` has come.
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

/// More unknown keys wait to be looked up than may.
public struct KeyLookUpsExhausted: Error, Equatable {}
