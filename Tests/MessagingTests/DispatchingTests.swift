import Testing
import Wire

@testable import Messaging

/// Which worker gets which items.
@Suite struct DispatchingTests {
  /// The routing ids are in the opposite order of the instances' names.
  private let routes = (0..<8).map { WorkerRoute(bytes: [UInt8(100 - $0)]) }

  private func makeMachine(workers: Int, credit: Int) -> UpstreamMachine {
    var machine = UpstreamMachine(hello: hello("upstream"))
    for number in 0..<workers {
      _ = machine.handle(.received(.hello(hello("w\(number)")), from: routes[number]), now: .zero)
      _ = machine.handle(.received(.credit(credit), from: routes[number]), now: .zero)
    }
    return machine
  }

  /// The number of items for each worker, in the order of sending.
  private func sent(_ effects: [UpstreamMachine.Effect]) -> [[Int]] {
    effects.compactMap { effect in
      guard case .send(.work(let items), let route) = effect, let worker = routes.firstIndex(of: route) else {
        return nil
      }
      return [worker, items.count]
    }
  }

  private func offer(
    _ numbers: Range<Int>, to machine: inout UpstreamMachine, at milliseconds: Int
  ) -> [[Int]] {
    sent(machine.offer(items(numbers), unreported: 0, now: .milliseconds(milliseconds)).effects)
  }

  @Test func smallBatchesGoToTheFirstWorkerEvenWhileItIsBusy() {
    var machine = makeMachine(workers: 3, credit: 1000)
    for round in 0..<4 {
      #expect(offer(round * 5..<round * 5 + 5, to: &machine, at: round * 4) == [[0, 5]])
    }
  }

  @Test func theNextWorkerGetsWhatTheFirstHasNoRoomFor() {
    var machine = makeMachine(workers: 3, credit: 1000)
    #expect(offer(0..<64, to: &machine, at: 0) == [[0, 64]])
    #expect(offer(64..<128, to: &machine, at: 1) == [[0, 64]])
    #expect(offer(128..<133, to: &machine, at: 2) == [[1, 5]])
    #expect(offer(133..<138, to: &machine, at: 3) == [[1, 5]])
    _ = machine.handle(.received(.done(ids(0..<64)), from: routes[0]), now: .milliseconds(4))
    #expect(offer(138..<143, to: &machine, at: 5) == [[0, 5]])
  }

  @Test func theNextWorkerGetsWhatWouldWaitForALongRoundOfTheFirst() {
    var machine = makeMachine(workers: 3, credit: 1000)
    #expect(offer(0..<5, to: &machine, at: 0) == [[0, 5]])
    #expect(offer(5..<10, to: &machine, at: 19) == [[0, 5]])
    #expect(offer(10..<15, to: &machine, at: 20) == [[1, 5]])
    #expect(offer(15..<20, to: &machine, at: 40) == [[2, 5]])
    // The end of a round is progress.
    _ = machine.handle(.received(.done(ids(0..<5)), from: routes[0]), now: .milliseconds(41))
    #expect(offer(20..<25, to: &machine, at: 60) == [[0, 5]])
    // One that holds nothing is not behind, however long ago its last round was.
    _ = machine.handle(.received(.done(ids(5..<10) + ids(20..<25)), from: routes[0]), now: .milliseconds(61))
    #expect(offer(25..<30, to: &machine, at: 900) == [[0, 5]])
  }

  @Test func whenAllAreBehindTheOneThatHoldsLeastGetsMore() {
    var machine = makeMachine(workers: 2, credit: 1000)
    #expect(offer(0..<5, to: &machine, at: 0) == [[0, 5]])
    #expect(offer(5..<8, to: &machine, at: 30) == [[1, 3]])
    #expect(offer(8..<12, to: &machine, at: 60) == [[1, 4]])
    #expect(offer(12..<16, to: &machine, at: 60) == [[0, 4]])
  }

  @Test func manyItemsAreSpreadOverAll() {
    var machine = makeMachine(workers: 2, credit: 1000)
    #expect(offer(0..<5, to: &machine, at: 0) == [[0, 5]])
    #expect(offer(5..<105, to: &machine, at: 1) == [[1, 64], [0, 36]])
    #expect(offer(105..<505, to: &machine, at: 2) == [[0, 200], [1, 200]])
  }

  /// Workers that wait for a database far away: a round takes 60 ms, however many items it has.
  @Test(arguments: [2, 16, 1024]) func slowWorkersCarryInProportionToTheirNumber(credit: Int) {
    let alone = finished(by: 1, credit: credit)
    for count in [2, 4, 8] {
      #expect(finished(by: count, credit: credit) >= alone * count * 9 / 10, "\(count) workers")
    }
  }

  /// The items finished in a second when there is always more to do; each round takes what came until its beginning, up to 32 items.
  private func finished(by count: Int, credit: Int) -> Int {
    var machine = makeMachine(workers: count, credit: credit)
    var inbox: [[ItemID]] = Array(repeating: [], count: count)
    var deciding: [(ids: [ItemID], until: Int)?] = Array(repeating: nil, count: count)
    var next = 0
    var finished = 0
    for now in 0..<1000 {
      var effects = machine.offer(items(next..<next + 7), unreported: 0, now: .milliseconds(now)).effects
      next += 7
      for worker in 0..<count {
        guard let (ids, until) = deciding[worker], until <= now else { continue }
        finished += ids.count
        deciding[worker] = nil
        for frame in [LinkFrame.done(ids), .credit(ids.count)] {
          effects += machine.handle(.received(frame, from: routes[worker]), now: .milliseconds(now))
        }
      }
      for case .send(.work(let items), let route) in effects {
        guard let worker = routes.firstIndex(of: route) else { continue }
        inbox[worker] += items.map(\.id)
      }
      for worker in 0..<count where deciding[worker] == nil && !inbox[worker].isEmpty {
        deciding[worker] = (Array(inbox[worker].prefix(32)), now + 60)
        inbox[worker].removeFirst(min(32, inbox[worker].count))
      }
    }
    return finished
  }
}
