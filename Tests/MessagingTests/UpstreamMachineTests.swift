import DeskCore
import Testing
import Wire

@testable import Messaging

/// Transcripts: events in, and the expected effects.
@Suite struct UpstreamMachineTests {
  private let first = WorkerRoute(bytes: [1])
  private let second = WorkerRoute(bytes: [2])

  private func makeMachine(_ change: (inout UpstreamMachine.Limits) -> Void = { _ in }) -> UpstreamMachine {
    var limits = UpstreamMachine.Limits()
    change(&limits)
    return UpstreamMachine(hello: hello("upstream"), limits: limits)
  }

  /// A machine whose first worker has sent HELLO and granted credit.
  private func makeMachine(
    credit: Int, _ change: (inout UpstreamMachine.Limits) -> Void = { _ in }
  ) -> UpstreamMachine {
    var machine = makeMachine(change)
    _ = machine.handle(.received(.hello(hello("w1")), from: first), now: .zero)
    _ = machine.handle(.received(.credit(credit), from: first), now: .zero)
    return machine
  }

  @Test func workIsSentAtOnceWithinTheCredit() {
    var machine = makeMachine()
    #expect(machine.offer(items(0..<5), unreported: 0, now: .zero).effects == [])
    #expect(
      machine.handle(.received(.hello(hello("w1")), from: first), now: .zero)
        == [.send(.hello(hello("upstream")), to: first)])
    #expect(
      machine.handle(.received(.credit(3), from: first), now: .zero)
        == [.send(.work(attempted(0..<3)), to: first)])
    #expect(machine.offer(items(5..<6), unreported: 0, now: .zero).effects == [])
    let effects = machine.handle(.received(.done(ids(0..<2)), from: first), now: .zero)
    #expect(effects == [.report(done(0..<2))])
    #expect(
      machine.handle(.received(.credit(2), from: first), now: .zero)
        == [.send(.work(attempted(3..<5)), to: first)])
  }

  @Test func offersAreBoundedIncludingUnreportedOutcomes() {
    var machine = makeMachine { $0.items = 10 }
    #expect(machine.offer(items(0..<8), unreported: 0, now: .zero).taken == 8)
    #expect(machine.offer(items(8..<16), unreported: 1, now: .zero).taken == 1)
    #expect(machine.offer(items(20..<21), unreported: 1, now: .zero).taken == 0)
    #expect(machine.count == 9)
  }

  @Test func anItemOfferedTwiceIsAcceptedOnce() {
    var machine = makeMachine(credit: 10)
    _ = machine.offer(items(0..<2), unreported: 0, now: .zero)
    let again = machine.offer(items(0..<2), unreported: 0, now: .zero)
    #expect(again.taken == 2 && again.effects == [])
    #expect(machine.snapshot(unreported: 0, now: .zero).duplicateTotal == 2)
  }

  @Test func aTooLargeItemFailsAlone() {
    var machine = makeMachine(credit: 10)
    let large = item(1, text: String(repeating: "x", count: MessagingBounds.bytesPerItem))
    let effects = machine.offer([item(0), large, item(2)], unreported: 0, now: .zero).effects
    #expect(
      effects == [
        .report([WorkOutcome(id: id(1), result: .unsendable)]),
        .send(.work(attempted([0, 2])), to: first),
      ])
  }

  @Test func batchesAreBoundedInItemsAndBytes() {
    var machine = makeMachine(credit: 1000) {
      $0.itemsPerBatch = 4
      $0.bytesPerBatch = 10_000
    }
    let batches = machine.offer(items(0..<10), unreported: 0, now: .zero).effects.map { workCount($0) }
    #expect(batches == [4, 4, 2])
    let text = String(repeating: "x", count: 6000)
    let large = machine.offer((20..<23).map { item($0, text: text) }, unreported: 0, now: .zero).effects
    #expect(large.map { workCount($0) } == [1, 1, 1])
  }

  @Test func itemsAreDistributedByFreeCredit() {
    var machine = makeMachine(credit: 100)
    _ = machine.handle(.received(.hello(hello("w2")), from: second), now: .zero)
    _ = machine.handle(.received(.credit(100), from: second), now: .zero)
    _ = machine.offer(items(0..<120), unreported: 0, now: .zero)
    let held = machine.snapshot(unreported: 0, now: .zero).workers.map(\.heldCount)
    #expect(held.reduce(0, +) == 120)
    #expect(held.allSatisfy { $0 >= 40 })
  }

  @Test func itemsOfASilentWorkerGoToAnother() {
    var machine = makeMachine(credit: 10)
    _ = machine.offer(items(0..<3), unreported: 0, now: .zero)
    _ = machine.handle(.received(.hello(hello("w2")), from: second), now: .seconds(1))
    _ = machine.handle(.received(.credit(10), from: second), now: .seconds(1))
    #expect(!machine.handle(.ticked, now: .milliseconds(1499)).contains { workCount($0) > 0 })
    let effects = machine.handle(.ticked, now: .milliseconds(1500))
    #expect(effects.contains(.send(.bye(reason: "silent"), to: first)))
    #expect(effects.contains(.send(.work(attempted(0..<3, 1)), to: second)))
    #expect(machine.snapshot(unreported: 0, now: .zero).redeliveredTotal == 3)
  }

  @Test func aLateCompletionFromALostWorkerCounts() {
    var machine = makeMachine(credit: 10)
    _ = machine.offer(items(0..<2), unreported: 0, now: .zero)
    _ = machine.handle(.unreachable(first), now: .zero)
    #expect(machine.handle(.received(.done(ids([0])), from: first), now: .zero) == [.report(done([0]))])
    #expect(machine.handle(.received(.done(ids([0, 9])), from: first), now: .zero) == [])
    #expect(machine.snapshot(unreported: 0, now: .zero).lateDoneTotal == 2)
    _ = machine.handle(.received(.hello(hello("w2")), from: second), now: .zero)
    #expect(
      machine.handle(.received(.credit(10), from: second), now: .zero)
        == [.send(.work(attempted([1], 1)), to: second)])
  }

  @Test func aRefusedItemIsRetriedThenFails() {
    var machine = makeMachine(credit: 10)
    _ = machine.offer(items(0..<1), unreported: 0, now: .zero)
    let refusal = UpstreamMachine.Event.received(.nack(ids([0]), reason: "broken"), from: first)
    #expect(machine.handle(refusal, now: .zero) == [.send(.work(attempted([0], 1)), to: first)])
    #expect(machine.handle(refusal, now: .zero) == [.send(.work(attempted([0], 2)), to: first)])
    #expect(
      machine.handle(refusal, now: .zero)
        == [.report([WorkOutcome(id: id(0), result: .refused(reason: "broken"))])])
    #expect(machine.count == 0)
  }

  @Test func returningItemsWhileDrainingIsNotAnAttempt() {
    var machine = makeMachine(credit: 100)
    _ = machine.offer(items(0..<1), unreported: 0, now: .zero)
    for _ in 0..<10 {
      let refusal = UpstreamMachine.Event.received(.nack(ids([0]), reason: RefusalReason.draining), from: first)
      #expect(machine.handle(refusal, now: .zero) == [.send(.work(attempted([0])), to: first)])
    }
  }

  @Test func onlyTheHolderCanRefuse() {
    var machine = makeMachine(credit: 10)
    _ = machine.handle(.received(.hello(hello("w2")), from: second), now: .zero)
    _ = machine.offer(items(0..<1), unreported: 0, now: .zero)
    #expect(machine.handle(.received(.nack(ids([0]), reason: "no"), from: second), now: .zero) == [])
    #expect(machine.snapshot(unreported: 0, now: .zero).inFlightCount == 1)
  }

  @Test func oldItemsExpireWaitingOrInFlight() {
    var machine = makeMachine(credit: 1)
    _ = machine.offer(items(0..<2), unreported: 0, now: .zero)
    _ = machine.offer(items(2..<3), unreported: 0, now: .seconds(1))
    _ = machine.handle(.received(.heartbeat(held: 1), from: first), now: .seconds(7))
    let effects = machine.handle(.ticked, now: .seconds(8))
    #expect(effects.contains(.report(ids(0..<2).map { WorkOutcome(id: $0, result: .expired) })))
    let snapshot = machine.snapshot(unreported: 0, now: .seconds(8))
    #expect(snapshot.waitingCount == 1 && snapshot.inFlightCount == 0 && snapshot.oldestAge == .seconds(7))
    #expect(snapshot.workers.map(\.heldCount) == [0])
    // Offered again after it expired, its age starts over.
    _ = machine.offer(items(0..<1), unreported: 0, now: .seconds(9))
    #expect(machine.count == 2)
  }

  @Test func drainCancelsTheCreditAndIsEchoed() {
    var machine = makeMachine(credit: 10)
    #expect(machine.handle(.received(.drain, from: first), now: .zero) == [.send(.drain, to: first)])
    #expect(machine.offer(items(0..<1), unreported: 0, now: .zero).effects == [])
    #expect(
      machine.handle(.received(.credit(1), from: first), now: .zero)
        == [.send(.work(attempted([0])), to: first)])
  }

  @Test func itemsOfALeavingWorkerReturnWithoutAnAttempt() {
    var machine = makeMachine(credit: 10)
    _ = machine.offer(items(0..<2), unreported: 0, now: .zero)
    #expect(
      machine.handle(.received(.bye(reason: "leaving"), from: first), now: .zero)
        == [.send(.bye(reason: "farewell"), to: first)])
    _ = machine.handle(.received(.hello(hello("w2")), from: second), now: .zero)
    #expect(
      machine.handle(.received(.credit(9), from: second), now: .zero)
        == [.send(.work(attempted(0..<2)), to: second)])
  }

  @Test func unknownPeersAreAskedToSendHello() {
    var machine = makeMachine()
    #expect(
      machine.handle(.received(.credit(5), from: first), now: .zero)
        == [.send(.bye(reason: "send HELLO first"), to: first)])
    var other = hello("w1")
    other.protocolVersion = 99
    #expect(
      machine.handle(.received(.hello(other), from: first), now: .zero)
        == [.send(.bye(reason: "protocol version"), to: first)])
    #expect(machine.handle(.malformed(from: first), now: .zero) == [])
    #expect(machine.snapshot(unreported: 0, now: .zero).malformedTotal == 1)
  }

  @Test func attemptCountsSaturate() {
    var machine = makeMachine(credit: 1)
    let offered = machine.offer(attempted([1], .max), unreported: 0, now: .zero)
    #expect(offered.effects == [.send(.work(attempted([1], .max)), to: first)])
  }

  @Test func heartbeatsAreSentWhenIdle() {
    var machine = makeMachine(credit: 1)
    #expect(machine.handle(.ticked, now: .milliseconds(399)) == [])
    #expect(machine.handle(.ticked, now: .milliseconds(400)) == [.send(.heartbeat(held: 0), to: first)])
    #expect(machine.handle(.ticked, now: .milliseconds(401)) == [])
  }

  /// Random events from a seed: the invariants hold after each of them.
  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func invariantsHoldUnderRandomEvents(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var machine = makeMachine { $0.items = 200 }
    var now: Duration = .zero
    var granted: [WorkerRoute: Int] = [:]
    var taken = 0
    var outcomes: [ItemID] = []
    var nextNumber = 0
    for _ in 0..<5000 {
      now += .milliseconds(Int.random(in: 0...40, using: &random))
      let route = WorkerRoute(bytes: [UInt8.random(in: 1...4, using: &random)])
      let held = machine.workers[route].map { Array($0.held) } ?? []
      var effects: [UpstreamMachine.Effect]
      switch Int.random(in: 0..<10, using: &random) {
      case 0...2:
        let batch = items(nextNumber..<nextNumber + Int.random(in: 1...20, using: &random))
        let offered = machine.offer(batch, unreported: 0, now: now)
        nextNumber += offered.taken
        taken += offered.taken
        effects = offered.effects
      case 3:
        effects = machine.handle(.received(.hello(hello("w")), from: route), now: now)
        granted[route] = 0
      case 4...5:
        let credit = Int.random(in: 1...10, using: &random)
        let isKnown = machine.workers[route] != nil
        if isKnown { granted[route, default: 0] += credit }
        effects = machine.handle(.received(.credit(credit), from: route), now: now)
      case 6...7 where !held.isEmpty:
        effects = machine.handle(.received(.done(held.shuffled(using: &random)), from: route), now: now)
      case 8 where !held.isEmpty:
        effects = machine.handle(.received(.nack([held[0]], reason: "no"), from: route), now: now)
      case 9: effects = machine.handle(.unreachable(route), now: now)
      default: effects = machine.handle(.ticked, now: now)
      }
      for effect in effects {
        switch effect {
        case .send(.work(let work), let route):
          granted[route, default: 0] -= work.count
          #expect(granted[route, default: 0] >= 0)
        case .report(let ended): outcomes += ended.map(\.id)
        case .send: break
        }
      }
      #expect(machine.count <= 200)
    }
    #expect(Set(outcomes).count == outcomes.count)
    #expect(outcomes.count + machine.count == taken)
    #expect(outcomes.count > 500)
  }

  private func attempted(_ numbers: some Sequence<Int>, _ attempts: UInt32 = 0) -> [LinkItem] {
    numbers.map { number in
      var item = item(number)
      item.attempts = attempts
      return item
    }
  }

  private func done(_ numbers: some Sequence<Int>) -> [WorkOutcome] {
    ids(numbers).map { WorkOutcome(id: $0, result: .done) }
  }

  private func workCount(_ effect: UpstreamMachine.Effect) -> Int {
    if case .send(.work(let items), _) = effect { items.count } else { 0 }
  }
}
