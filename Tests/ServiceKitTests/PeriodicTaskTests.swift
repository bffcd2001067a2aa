import DeskCore
import Logging
import Testing

@testable import ServiceKit

@Suite struct PeriodicTaskTests {
  private struct Failure: Error {}

  private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  /// The pauses after rounds with these outcomes, in milliseconds.
  private func pauses(
    _ outcomes: [PeriodicTask.Pause?], interval: Duration = .seconds(1), seed: UInt64 = 1
  ) -> [Double] {
    var pauses = PeriodicPauses(interval: interval)
    var random = SeededGenerator(seed: seed)
    return outcomes.map { pauses.next(after: $0, using: &random) / .milliseconds(1) }
  }

  private func isAbout(_ values: [Double], _ expected: [Double]) -> Bool {
    values.count == expected.count && zip(values, expected).allSatisfy { $0 >= $1 * 0.9 && $0 <= $1 * 1.1 }
  }

  @Test func pausesAreAsRoundsRequest() {
    #expect(isAbout(pauses([.regular, .of(.seconds(7)), .some(.none)]), [1000, 7000, 0]))
  }

  @Test func failuresDoubleThePauseUntilALimitOrSuccess() {
    #expect(isAbout(pauses([nil, nil, nil, nil, nil, .regular, nil]), [1000, 2000, 4000, 5000, 5000, 1000, 1000]))
    #expect(isAbout(pauses(Array(repeating: nil, count: 100)).suffix(1), [5000]))
  }

  @Test func anIntervalAboveTheLimitIsKept() {
    #expect(isAbout(pauses([nil, nil, .regular], interval: .seconds(60)), [60_000, 60_000, 60_000]))
  }

  @Test func aLimitOfTheIntervalKeepsThePauseConstant() {
    var pauses = PeriodicPauses(interval: .seconds(1), longestBackOff: .seconds(1))
    var random = SeededGenerator(seed: 1)
    let values = (0..<4).map { _ in pauses.next(after: nil, using: &random) / .milliseconds(1) }
    #expect(isAbout(values, [1000, 1000, 1000, 1000]))
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
