import SystemPrimitives
import Testing

@testable import Intake

/// The order is decided by `FairLine`, and tested there.
@Suite("FairTurns")
struct FairTurnsTests {
  private struct Watch {
    var running = 0
    var most = 0
    var done: Set<Int> = []
  }

  @Test("no more work runs at once than allowed, each item runs once, and every turn is returned", arguments: [1, 3])
  func limitsConcurrentWork(atOnce: Int) async {
    let turns = FairTurns<Int>(atOnce: atOnce)
    let watch = PthreadMutex(Watch())
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<400 {
        group.addTask {
          let isNew = await turns.turn(of: number % 7) {
            watch.withLock { watch in
              watch.running += 1
              watch.most = max(watch.most, watch.running)
            }
            return watch.withLock { watch in
              watch.running -= 1
              return watch.done.insert(number).inserted
            }
          }
          #expect(isNew)
        }
      }
    }
    let seen = watch.withLock { $0 }
    #expect(seen.most <= atOnce && seen.done.count == 400)
    #expect(turns.waitingCount == 0 && turns.runningCount == 0)
  }

  @Test("failing work returns its turn")
  func failingWorkReturnsItsTurn() async {
    struct Fault: Error {}
    let turns = FairTurns<Int>(atOnce: 1)
    await #expect(throws: Fault.self) { try await turns.turn(of: 1) { () throws(Fault) in throw Fault() } }
    #expect(await turns.turn(of: 2) { 7 } == 7)
  }
}
