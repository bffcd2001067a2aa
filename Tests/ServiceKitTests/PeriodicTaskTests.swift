import DeskCore
import Logging
import Store
import Testing

@testable import ServiceKit

@Suite struct PeriodicTaskTests {
  private struct Failure: Error {}

  private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// The pauses after rounds with these outcomes, in milliseconds.
  private func pauses(
    _ outcomes: [PeriodicTask.Pause?], interval: Duration = .seconds(1),
    longestBackOff: Duration = TaskBounds.longestBackOff, seed: UInt64 = 1
  ) -> [Double] {
    var pauses = PeriodicPauses(interval: interval, longestBackOff: longestBackOff)
    var random = SeededGenerator(seed: seed)
    return outcomes.map { pauses.next(after: $0, using: &random) / .milliseconds(1) }
  }

  private func isAbout(_ values: [Double], _ expected: [Double]) -> Bool {
    values.count == expected.count && zip(values, expected).allSatisfy { $0 >= $1 * 0.9 && $0 <= $1 * 1.1 }
  }

  /// After failures a pause is the whole one, less a random part of its last fifth.
  private func isUpTo(_ values: [Double], _ expected: [Double]) -> Bool {
    values.count == expected.count && zip(values, expected).allSatisfy { $0 >= $1 * 0.8 && $0 <= $1 }
  }

  @Test func pausesAreAsRoundsRequest() {
    #expect(isAbout(pauses([.regular, .of(.seconds(7)), .some(.none)]), [1000, 7000, 0]))
  }

  @Test func failuresDoubleThePauseUntilALimitOrSuccess() {
    #expect(isUpTo(pauses([nil, nil, nil, nil, nil]), [1000, 2000, 4000, 5000, 5000]))
    #expect(isUpTo(pauses([nil, nil, .some(.none), nil]), [1000, 2000, 0, 1000]))
    #expect(isUpTo(pauses(Array(repeating: nil, count: 100)).suffix(1), [5000]))
  }

  @Test func anIntervalAboveTheLimitIsKept() {
    let slow = pauses([nil, nil, .regular], interval: .seconds(60))
    #expect(isUpTo(Array(slow.prefix(2)), [60_000, 60_000]) && isAbout(Array(slow.suffix(1)), [60_000]))
  }

  @Test func aTaskThatOthersWaitForIsNotSlowedDownByFailures() {
    let interval = FleetBounds.heartbeat
    #expect(
      isUpTo(pauses([nil, nil, nil, nil], interval: interval, longestBackOff: interval), [500, 500, 500, 500]))
  }

  @Test func pausesOfDifferentProcessesDiffer() {
    let first = (0..<20).map { UInt64($0) }.map { pauses([.regular], seed: $0)[0] }
    #expect(Set(first).count > 10)
  }

  @Test func moreWorkRepeatsAtOnceUntilCancellation() async {
    let (rounds, round) = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      await PeriodicTask(WatchedTask("busy"), every: .seconds(3600), logger: Self.logger).run {
        round.yield()
        return .none
      }
    }
    var seen = 0
    for await _ in rounds {
      seen += 1
      if seen == 3 { break }
    }
    task.cancel()
    await task.value
  }

  @Test func failedRoundsAreCountedAndRetried() async {
    let watched = WatchedTask("failing")
    let (rounds, round) = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      await PeriodicTask(watched, every: .microseconds(10), logger: Self.logger).run {
        round.yield()
        throw Failure()
      }
    }
    var seen = 0
    for await _ in rounds {
      seen += 1
      if seen == 4 { break }
    }
    task.cancel()
    await task.value
    #expect(watched.failuresTotal >= 3)
    #expect(watched.problem?.kind == "Failure")
  }
}
