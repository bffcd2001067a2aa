/// The pool's decision logic: which caller gets which connection, when one is opened or closed. It has no side effects: events in,
/// effects out.
struct PoolMachine {
  typealias Member = UInt64
  typealias Waiter = UInt64

  enum Effect: Equatable {
    case open(Member)
    case lend(Member, to: Waiter)
    case refuse(Waiter, Refusal)
    case close(Member)
    /// Call `retryDue` after this time.
    case retry(after: Duration)
    /// Nothing is left after `shutDown`.
    case drained
  }

  enum Refusal: Equatable {
    case exhausted
    case shutDown
    /// The last connection attempt failed in a way that retrying cannot fix.
    case cannotConnect
  }

  struct Idle: Equatable {
    let member: Member
    let since: ContinuousClock.Instant
  }

  let limits: PostgresPoolLimits
  private(set) var idle: [Idle] = []
  private(set) var inUse: Set<Member> = []
  private(set) var opening: Set<Member> = []
  private(set) var waiters: [Waiter] = []
  private(set) var failuresInRow = 0
  private(set) var isBackingOff = false
  private(set) var isShutDown = false
  private var nextMember: Member = 1

  init(limits: PostgresPoolLimits) {
    self.limits = limits
  }

  var count: Int { idle.count + inUse.count + opening.count }

  // MARK: Events

  mutating func start() -> [Effect] {
    fill(upTo: limits.connectionsAtStart)
  }

  /// Lends an idle connection, if there is one: the most recently used, so that the others can age.
  mutating func takeIdle() -> Member? {
    guard let free = idle.popLast() else { return nil }
    inUse.insert(free.member)
    return free.member
  }

  mutating func request(_ waiter: Waiter) -> [Effect] {
    if isShutDown { return [.refuse(waiter, .shutDown)] }
    if let member = takeIdle() { return [.lend(member, to: waiter)] }
    guard waiters.count < limits.waitersMaximum else { return [.refuse(waiter, .exhausted)] }
    waiters.append(waiter)
    return fill()
  }

  /// The waiter has given up. An opening connection is still needed: it will serve the next one.
  mutating func withdraw(_ waiter: Waiter) -> Bool {
    guard let index = waiters.firstIndex(of: waiter) else { return false }
    waiters.remove(at: index)
    return true
  }

  mutating func opened(_ member: Member, now: ContinuousClock.Instant) -> [Effect] {
    guard opening.remove(member) != nil else { return [] }
    failuresInRow = 0
    if isShutDown { return [.close(member)] + drained() }
    return provide(member, now: now) + fill()
  }

  /// - Parameter jitter: 0 to 1, evenly distributed, so that many programs do not reconnect in lockstep.
  mutating func openFailed(_ member: Member, isRetriable: Bool, jitter: Double) -> [Effect] {
    guard opening.remove(member) != nil else { return [] }
    if isShutDown { return drained() }
    failuresInRow += 1
    var effects: [Effect] = []
    if !isRetriable {
      effects = waiters.map { .refuse($0, .cannotConnect) }
      waiters = []
    }
    guard !isBackingOff else { return effects }
    isBackingOff = true
    return effects + [.retry(after: limits.backOff(failuresInRow: failuresInRow, jitter: jitter))]
  }

  mutating func retryDue() -> [Effect] {
    isBackingOff = false
    return fill()
  }

  mutating func returned(_ member: Member, isReusable: Bool, now: ContinuousClock.Instant) -> [Effect] {
    guard inUse.remove(member) != nil else { return [] }
    if isShutDown { return [.close(member)] + drained() }
    guard isReusable else { return [.close(member)] + fill() }
    return provide(member, now: now)
  }

  /// An idle connection was lost; a lost one that is in use is noticed when it is returned.
  mutating func lost(_ member: Member) -> [Effect] {
    guard let index = idle.firstIndex(where: { $0.member == member }) else { return [] }
    idle.remove(at: index)
    return fill()
  }

  /// Closes what has been idle for too long, down to the minimum.
  mutating func sweep(now: ContinuousClock.Instant) -> [Effect] {
    var effects: [Effect] = []
    while count > limits.connectionsMinimum, let oldest = idle.first, oldest.since + limits.idleLifetime <= now {
      idle.removeFirst()
      effects.append(.close(oldest.member))
    }
    return effects
  }

  mutating func shutDown() -> [Effect] {
    guard !isShutDown else { return drained() }
    isShutDown = true
    let effects = waiters.map { Effect.refuse($0, .shutDown) } + idle.map { .close($0.member) }
    waiters = []
    idle = []
    return effects + drained()
  }

  // MARK: Steps

  private mutating func provide(_ member: Member, now: ContinuousClock.Instant) -> [Effect] {
    if waiters.isEmpty {
      idle.append(Idle(member: member, since: now))
      return []
    }
    inUse.insert(member)
    return [.lend(member, to: waiters.removeFirst())]
  }

  /// Opens the connections required by the minimum or the waiters. After a failure a single attempt goes first.
  private mutating func fill(upTo wanted: Int = 0) -> [Effect] {
    guard !isShutDown, !isBackingOff else { return [] }
    var effects: [Effect] = []
    while count < limits.connectionsMaximum, failuresInRow == 0 || opening.isEmpty,
      count < max(limits.connectionsMinimum, wanted) || opening.count < waiters.count
    {
      let member = nextMember
      nextMember += 1
      opening.insert(member)
      effects.append(.open(member))
    }
    return effects
  }

  private func drained() -> [Effect] {
    isShutDown && inUse.isEmpty && opening.isEmpty ? [.drained] : []
  }
}
