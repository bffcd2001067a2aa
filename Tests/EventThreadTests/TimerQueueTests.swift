import SystemPrimitives
import Testing

@testable import EventThread

@Suite struct TimerQueueTests {
  private let start = ContinuousClock.now

  @Test func equalTimesKeepTheirOrder() {
    var queue = TimerQueue()
    let fired = PthreadMutex<[Int]>([])
    for number in 0..<5 {
      _ = queue.add(at: start) { fired.withLock { $0.append(number) } }
    }
    while let handler = queue.takeDue(at: start) { handler() }
    #expect(fired.withLock { $0 } == [0, 1, 2, 3, 4])
    #expect(queue.isEmpty)
  }

  @Test func nothingIsDueBeforeItsTime() {
    var queue = TimerQueue()
    _ = queue.add(at: start + .seconds(1)) {}
    #expect(queue.takeDue(at: start + .milliseconds(999)) == nil)
    #expect(queue.takeDue(at: start + .seconds(1)) != nil)
  }

  @Test func theWaitIsTheEarlierOfLimitAndTimer() {
    var queue = TimerQueue()
    #expect(queue.wait(from: start, atMost: nil) == nil)
    #expect(queue.wait(from: start, atMost: .seconds(3)) == .seconds(3))
    let timer = queue.add(at: start + .seconds(1)) {}
    #expect(queue.wait(from: start, atMost: nil) == .seconds(1))
    #expect(queue.wait(from: start, atMost: .milliseconds(5)) == .milliseconds(5))
    #expect(queue.wait(from: start + .seconds(9), atMost: nil) == .zero)
    queue.cancel(timer)
    queue.cancel(timer)
    #expect(queue.nextDeadline == nil)
  }

  @Test(arguments: zip([Duration.zero, .microseconds(1), .milliseconds(7), .seconds(1e12)], [0, 1, 7, 2_000_000_000]))
  func millisecondsAreRoundedUp(duration: Duration, expected: Int32) {
    #expect(duration.millisecondsRoundedUp == expected)
  }
}
