import Testing

@testable import PostgreSQL

/// Transcripts: event, then the expected effects.
@Suite struct PoolMachineTests {
  private let start = ContinuousClock.now

  private func machine(minimum: Int = 0, maximum: Int = 2, waiters: Int = 3) -> PoolMachine {
    var limits = PostgresPoolLimits(connectionsMinimum: minimum, connectionsMaximum: maximum)
    limits.waitersMaximum = waiters
    limits.idleLifetime = .seconds(10)
    limits.backOffMinimum = .milliseconds(100)
    limits.backOffMaximum = .seconds(1)
    return PoolMachine(limits: limits)
  }

  @Test func opensForWaitersUpToTheMaximumAndLendsInOrder() {
    var pool = machine()
    #expect(pool.request(1) == [.open(1)])
    #expect(pool.request(2) == [.open(2)])
    #expect(pool.request(3) == [])
    #expect(pool.opened(2, now: start) == [.lend(2, to: 1)])
    #expect(pool.opened(1, now: start) == [.lend(1, to: 2)])
    #expect(pool.returned(2, isReusable: true, now: start) == [.lend(2, to: 3)])
    #expect(pool.returned(1, isReusable: true, now: start) == [])
    #expect(pool.request(4) == [.lend(1, to: 4)])
  }

  @Test func refusesWaitersBeyondTheLimit() {
    var pool = machine(maximum: 1, waiters: 2)
    _ = pool.request(1)
    _ = pool.request(2)
    #expect(pool.request(3) == [.refuse(3, .exhausted)])
    let (isFirst, isSecond) = (pool.withdraw(1), pool.withdraw(1))
    #expect(isFirst && !isSecond)
    #expect(pool.request(4) == [])
    #expect(pool.opened(1, now: start) == [.lend(1, to: 2)])
  }

  @Test func keepsTheMinimumAndReplacesLostOrExpiredConnections() {
    var pool = machine(minimum: 2)
    #expect(pool.start() == [.open(1), .open(2)])
    _ = pool.opened(1, now: start)
    _ = pool.opened(2, now: start)
    #expect(pool.lost(1) == [.open(3)])
    #expect(pool.request(1) == [.lend(2, to: 1)])
    #expect(pool.lost(2) == [])
    #expect(pool.returned(2, isReusable: false, now: start) == [.close(2), .open(4)])
  }

  @Test func opensTogetherAtTheStartAndKeepsOnlyTheMinimumLater() {
    var limits = PostgresPoolLimits(connectionsMinimum: 1, connectionsMaximum: 3)
    limits.connectionsAtStart = 3
    limits.idleLifetime = .seconds(10)
    var pool = PoolMachine(limits: limits)
    #expect(pool.start() == [.open(1), .open(2), .open(3)])
    #expect(pool.request(1) == [])
    #expect(pool.opened(1, now: start) == [.lend(1, to: 1)])
    _ = pool.opened(2, now: start)
    _ = pool.opened(3, now: start)
    #expect(pool.lost(2) == [], "only the minimum is replaced")
    #expect(pool.sweep(now: start + .seconds(10)) == [.close(3)])
    #expect(pool.returned(1, isReusable: true, now: start + .seconds(11)) == [])
    #expect(pool.sweep(now: start + .seconds(30)) == [], "the minimum stays")
  }

  @Test func backsOffOnceThenRetriesWithOneConnection() {
    var pool = machine(maximum: 2)
    _ = pool.request(1)
    _ = pool.request(2)
    #expect(pool.openFailed(1, isRetriable: true, jitter: 1) == [.retry(after: .milliseconds(100))])
    #expect(pool.openFailed(2, isRetriable: true, jitter: 1) == [])
    #expect(pool.retryDue() == [.open(3)])
    #expect(pool.openFailed(3, isRetriable: true, jitter: 0) == [.retry(after: .milliseconds(200))])
    #expect(pool.retryDue() == [.open(4)])
    #expect(pool.opened(4, now: start) == [.lend(4, to: 1), .open(5)])
  }

  @Test func backoffGrowsToItsMaximum() {
    let limits = machine().limits
    #expect(limits.backOff(failuresInRow: 1, jitter: 0) == .milliseconds(50))
    #expect(limits.backOff(failuresInRow: 3, jitter: 1) == .milliseconds(400))
    #expect(limits.backOff(failuresInRow: 1_000, jitter: 1) == .seconds(1))
  }

  @Test func aPermanentFailureRefusesAllWaiters() {
    var pool = machine(maximum: 1)
    _ = pool.request(1)
    #expect(
      pool.openFailed(1, isRetriable: false, jitter: 1)
        == [.refuse(1, .cannotConnect), .retry(after: .milliseconds(100))])
  }

  @Test func closesIdleConnectionsDownToTheMinimum() {
    var pool = machine(minimum: 1, maximum: 3)
    for waiter: UInt64 in 1...3 { _ = pool.request(waiter) }
    for member: UInt64 in 1...3 { _ = pool.opened(member, now: start) }
    _ = pool.returned(1, isReusable: true, now: start)
    _ = pool.returned(2, isReusable: true, now: start + .seconds(1))
    _ = pool.returned(3, isReusable: true, now: start + .seconds(2))
    #expect(pool.sweep(now: start + .seconds(9)) == [])
    #expect(pool.sweep(now: start + .seconds(10)) == [.close(1)])
    #expect(pool.sweep(now: start + .seconds(100)) == [.close(2)])
    #expect(pool.sweep(now: start + .seconds(100)) == [])
  }

  @Test func shutdownRefusesNewCallsAndAwaitsConnectionsInUse() {
    var pool = machine(maximum: 2)
    _ = pool.request(1)
    _ = pool.request(2)
    _ = pool.opened(1, now: start)
    #expect(pool.shutDown() == [.refuse(2, .shutDown)])
    #expect(pool.request(3) == [.refuse(3, .shutDown)])
    #expect(pool.opened(2, now: start) == [.close(2)])
    #expect(pool.returned(1, isReusable: true, now: start) == [.close(1), .drained])
  }
}
