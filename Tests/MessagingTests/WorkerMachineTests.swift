import DeskCore
import Testing
import Wire

@testable import Messaging

/// Transcripts: events in, and the expected effects.
@Suite struct WorkerMachineTests {
  private let peerA = LinkPeer(instanceID: "a", endpoint: "tcp://127.0.0.1:1", serverPublicKey: nil)
  private let peerB = LinkPeer(instanceID: "b", endpoint: "tcp://127.0.0.1:2", serverPublicKey: nil)

  private func makeMachine(window: Int = 8) -> WorkerMachine {
    var limits = WorkerMachine.Limits()
    limits.window = window
    return WorkerMachine(hello: hello("me"), limits: limits)
  }

  /// A machine with one ready upstream, connection 1, that has been granted the whole window.
  private func makeReadyMachine(window: Int = 8) -> WorkerMachine {
    var machine = makeMachine(window: window)
    _ = machine.handle(.updated([peerA]), now: .zero)
    _ = machine.handle(.received(.hello(hello("a")), over: 1), now: .zero)
    return machine
  }

  @Test func connectsGreetsAndGrantsItsWindow() {
    var machine = makeMachine()
    #expect(
      machine.handle(.updated([peerA]), now: .zero)
        == [.connect(peerA, as: 1), .send(.hello(hello("me")), over: 1)])
    #expect(machine.handle(.updated([peerA]), now: .zero) == [])
    #expect(machine.handle(.received(.hello(hello("a")), over: 1), now: .zero) == [.send(.credit(8), over: 1)])
  }

  @Test func finishedItemsAreReportedAndCreditReturnsInBatches() {
    var machine = makeReadyMachine()
    #expect(machine.handle(.received(.work(items(0..<8)), over: 1), now: .zero) == [.deliver(items(0..<8))])
    #expect(machine.handle(.finished(ids([0])), now: .zero) == [.send(.done(ids([0])), over: 1)])
    #expect(
      machine.handle(.finished(ids([1])), now: .zero)
        == [.send(.done(ids([1])), over: 1), .send(.credit(2), over: 1)])
    #expect(machine.handle(.finished(ids([1, 99])), now: .zero) == [])
  }

  @Test func refusedItemsReturnWithTheReason() {
    var machine = makeReadyMachine()
    _ = machine.handle(.received(.work(items(0..<2)), over: 1), now: .zero)
    #expect(
      machine.handle(.refused(ids(0..<2), reason: "full"), now: .zero)
        == [.send(.nack(ids(0..<2), reason: "full"), over: 1), .send(.credit(2), over: 1)])
  }

  @Test func exceedingTheCreditEndsTheConnection() {
    var machine = makeReadyMachine(window: 2)
    #expect(
      machine.handle(.received(.work(items(0..<3)), over: 1), now: .zero)
        == [.disconnect(1), .connect(peerA, as: 2), .send(.hello(hello("me")), over: 2)])
    #expect(machine.holders.isEmpty)
    // Messages from the old connection are ignored.
    #expect(machine.handle(.received(.work(items(0..<1)), over: 1), now: .zero) == [])
  }

  @Test func aSecondUpstreamGetsCreditTheFirstReturns() {
    var machine = makeReadyMachine()
    _ = machine.handle(.updated([peerA, peerB]), now: .zero)
    #expect(machine.handle(.received(.hello(hello("b")), over: 2), now: .zero) == [.send(.drain, over: 1)])
    // Work that crossed the request is still accepted.
    #expect(machine.handle(.received(.work(items(0..<1)), over: 1), now: .zero) == [.deliver(items(0..<1))])
    #expect(
      machine.handle(.received(.drain, over: 1), now: .zero)
        == [.send(.credit(3), over: 1), .send(.credit(4), over: 2)])
  }

  @Test func duplicateItemsAreDeliveredOnceAndReportedToBoth() {
    var machine = makeMachine()
    _ = machine.handle(.updated([peerA, peerB]), now: .zero)
    _ = machine.handle(.received(.hello(hello("a")), over: 1), now: .zero)
    _ = machine.handle(.received(.hello(hello("b")), over: 2), now: .zero)
    _ = machine.handle(.received(.drain, over: 1), now: .zero)
    #expect(machine.handle(.received(.work(items(0..<1)), over: 1), now: .zero) == [.deliver(items(0..<1))])
    #expect(machine.handle(.received(.work(items(0..<1)), over: 2), now: .zero) == [])
    let effects = machine.handle(.finished(ids([0])), now: .zero)
    #expect(effects.contains(.send(.done(ids([0])), over: 1)))
    #expect(effects.contains(.send(.done(ids([0])), over: 2)))
    #expect(machine.snapshot().duplicateTotal == 1)
  }

  @Test func aSilentUpstreamIsReconnected() {
    var machine = makeReadyMachine()
    #expect(machine.handle(.ticked, now: .milliseconds(400)) == [.send(.heartbeat(held: 0), over: 1)])
    #expect(
      machine.handle(.ticked, now: .milliseconds(1500))
        == [.disconnect(1), .connect(peerA, as: 2), .send(.hello(hello("me")), over: 2)])
    #expect(
      machine.handle(.ticked, now: .milliseconds(3500))
        == [.disconnect(2), .connect(peerA, as: 3), .send(.hello(hello("me")), over: 3)])
    #expect(
      machine.handle(.received(.hello(hello("a")), over: 3), now: .milliseconds(3600)) == [.send(.credit(8), over: 3)])
  }

  @Test func afterByeItReconnectsAndReportsFinishedItems() {
    var machine = makeReadyMachine()
    _ = machine.handle(.received(.work(items(0..<2)), over: 1), now: .zero)
    #expect(machine.handle(.received(.bye(reason: "send HELLO first"), over: 1), now: .zero) == [])
    #expect(machine.handle(.ticked, now: .milliseconds(300)) == [.send(.hello(hello("me")), over: 1)])
    #expect(
      machine.handle(.received(.hello(hello("a")), over: 1), now: .milliseconds(300))
        == [.send(.credit(6), over: 1)])
    #expect(
      machine.handle(.finished(ids(0..<2)), now: .milliseconds(300))
        == [.send(.done(ids(0..<2)), over: 1), .send(.credit(2), over: 1)])
  }

  @Test func anotherInstanceAtTheAddressIsNotServed() {
    var machine = makeMachine()
    _ = machine.handle(.updated([peerA]), now: .zero)
    #expect(machine.handle(.received(.hello(hello("b")), over: 1), now: .zero) == [])
    #expect(machine.snapshot().readyUpstreamCount == 0)
  }

  @Test func aRemovedInstanceIsDisconnected() {
    var machine = makeReadyMachine()
    _ = machine.handle(.received(.work(items(0..<2)), over: 1), now: .zero)
    #expect(machine.handle(.updated([]), now: .zero) == [.disconnect(1)])
    #expect(machine.snapshot().heldCount == 2)
    #expect(machine.handle(.finished(ids(0..<2)), now: .zero) == [])
    #expect(machine.snapshot().heldCount == 0)
  }

  @Test func drainingCancelsCreditFinishesAndSendsBye() {
    var machine = makeReadyMachine()
    _ = machine.handle(.received(.work(items(0..<2)), over: 1), now: .zero)
    #expect(machine.handle(.drained, now: .zero) == [.send(.drain, over: 1)])
    #expect(machine.handle(.received(.drain, over: 1), now: .zero) == [])
    #expect(machine.handle(.finished(ids([0])), now: .zero) == [.send(.done(ids([0])), over: 1)])
    #expect(
      machine.handle(.finished(ids([1])), now: .zero)
        == [.send(.done(ids([1])), over: 1), .send(.bye(reason: "leaving"), over: 1)])
    #expect(machine.handle(.received(.bye(reason: "farewell"), over: 1), now: .zero) == [.disconnect(1), .finish])
    #expect(machine.handle(.ticked, now: .seconds(9)) == [])
  }

  @Test func abandoningReturnsTheRest() {
    var machine = makeReadyMachine()
    _ = machine.handle(.received(.work(items(0..<2)), over: 1), now: .zero)
    _ = machine.handle(.drained, now: .zero)
    #expect(
      machine.handle(.abandoned, now: .zero)
        == [.send(.nack(ids(0..<2), reason: RefusalReason.draining), over: 1), .send(.bye(reason: "leaving"), over: 1)])
    #expect(machine.handle(.ticked, now: .milliseconds(500)) == [.disconnect(1), .finish])
  }

  @Test func drainingWithoutUpstreamsEndsAtOnce() {
    var machine = makeMachine()
    #expect(machine.handle(.drained, now: .zero) == [.finish])
  }

  /// Random events from a seed: the window holds after each of them.
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func theWindowHoldsUnderRandomEvents(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var machine = makeMachine(window: 50)
    let peers = (0..<4).map { number in
      LinkPeer(instanceID: "p\(number)", endpoint: "tcp://127.0.0.1:\(number + 1)", serverPublicKey: nil)
    }
    var now: Duration = .zero
    var next = 0
    var delivered = 0
    for _ in 0..<5000 {
      now += .milliseconds(Int.random(in: 0...60, using: &random))
      let upstream = machine.upstreams.randomElement(using: &random)
      let effects: [WorkerMachine.Effect]
      switch (Int.random(in: 0..<10, using: &random), upstream) {
      case (0, _):
        effects = machine.handle(.updated(peers.filter { _ in Bool.random(using: &random) }), now: now)
      case (1...2, let upstream?):
        let greeting = LinkFrame.hello(hello(upstream.peer.instanceID))
        effects = machine.handle(.received(greeting, over: upstream.connection), now: now)
      case (3...5, let upstream?) where upstream.credit > 0:
        let count = Int.random(in: 1...upstream.credit, using: &random)
        effects = machine.handle(.received(.work(items(next..<next + count)), over: upstream.connection), now: now)
        next += count
      case (6, let upstream?) where upstream.isVoiding:
        effects = machine.handle(.received(.drain, over: upstream.connection), now: now)
      case (7...8, _):
        let held = machine.holders.keys.shuffled(using: &random).prefix(20)
        effects = machine.handle(.finished(Array(held)), now: now)
      case (9, let upstream?):
        effects = machine.handle(.received(.heartbeat(held: 0), over: upstream.connection), now: now)
      default: effects = machine.handle(.ticked, now: now)
      }
      for case .deliver(let items) in effects { delivered += items.count }
      let snapshot = machine.snapshot()
      #expect(snapshot.heldCount + snapshot.creditCount <= 50)
      #expect(machine.upstreams.allSatisfy { $0.heldCount >= 0 && $0.credit >= 0 })
    }
    #expect(delivered > 500)
  }
}
