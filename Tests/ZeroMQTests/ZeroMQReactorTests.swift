import EventThread
import SystemPrimitives
import Testing

@testable import ZeroMQ

@Suite struct ZeroMQReactorTests {
  @Test func wakesFromAnotherThreadAndFiresTimers() async throws {
    let owner = ZeroMQThread(context: try ZeroMQContext())
    let clock = TimerOwner(owner)
    #expect(await clock.fire([20, 5, 10]) == [5, 10, 20])
    await owner.stop()
  }

  @Test func timersAreSetFromAnyThreadAndEndOnIt() async throws {
    let owner = ZeroMQThread(context: try ZeroMQContext())
    let ends = AsyncStream<Bool>.makeStream()
    owner.after(.milliseconds(1)) {
      ends.continuation.yield(owner.thread.isCurrent)
      owner.after(.milliseconds(1)) { ends.continuation.yield(owner.thread.isCurrent) }
    }
    var iterator = ends.stream.makeAsyncIterator()
    #expect(await [iterator.next(), iterator.next()] == [true, true])
    await owner.stop()
    // Nothing is there any more to call it.
    owner.after(.zero) { ends.continuation.yield(false) }
    await owner.stop()
    ends.continuation.finish()
    #expect(await iterator.next() == nil)
  }

  @Test func aRemovedSocketIsNotServed() throws {
    let context = try ZeroMQContext()
    let reactor = ZeroMQReactor()
    let router = try Socket(.router, context: context)
    try router.bind(to: "inproc://one")
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(to: "inproc://one")
    let calls = PthreadMutex(0)
    let id = reactor.register(router, interest: .readable) { _ in calls.withLock { $0 += 1 } }
    #expect(try dealer.send([[1]]))
    reactor.turn(waitingAtMost: nil)
    reactor.turn(waitingAtMost: .zero)
    #expect(calls.withLock { $0 } == 2)
    reactor.setInterest([], for: id)
    reactor.turn(waitingAtMost: .zero)
    #expect(calls.withLock { $0 } == 2)
    reactor.remove(id)
    reactor.turn(waitingAtMost: .zero)
    #expect(calls.withLock { $0 } == 2)
  }

  @Test func errorsIncludePlaceAndKind() throws {
    let context = try ZeroMQContext()
    let first = try Socket(.router, context: context)
    let endpoint = try first.bind(to: "tcp://127.0.0.1:*")
    let second = try Socket(.router, context: context)
    let inUse = #expect(throws: ZeroMQError.self) { try second.bind(to: endpoint) }
    #expect(inUse?.code == .addressInUse && inUse?.isRetriable == true)
    #expect(inUse?.place == "bind \(endpoint)")
    let invalid = #expect(throws: ZeroMQError.self) { try second.bind(to: "nowhere") }
    #expect(invalid?.code == .invalidArgument && invalid?.isRetriable == false)
    let unreachable = #expect(throws: ZeroMQError.self) { try second.send([[1], [2]]) }
    #expect(unreachable?.code == .peerUnreachable)
  }
}

private actor TimerOwner {
  private let owner: ZeroMQThread
  nonisolated var unownedExecutor: UnownedSerialExecutor { owner.thread.asUnownedSerialExecutor() }

  init(_ owner: ZeroMQThread) { self.owner = owner }

  func fire(_ delays: [Int]) async -> [Int] {
    let fired = AsyncStream<Int>.makeStream()
    for delay in delays { owner.reactor.after(.milliseconds(delay)) { fired.continuation.yield(delay) } }
    var order: [Int] = []
    for await delay in fired.stream {
      order.append(delay)
      if order.count == delays.count { break }
    }
    return order
  }
}
