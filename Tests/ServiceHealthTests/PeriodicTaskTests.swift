import DeskCore
import Logging
import Store
import SystemPrimitives
import TestKit
import TestService
import Testing

@testable import ServiceHealth

@Suite struct PeriodicTaskTests {
  private struct Failure: Error {}

  private static let logger = Logger.silent

  /// The pauses after rounds with these outcomes, in milliseconds.
  private func pauses(
    _ turns: [PeriodicTask.Turn], interval: Duration = .seconds(1),
    longestBackOff: Duration = TaskBounds.longestBackOff, backOff: ExponentialBackOff? = nil, seed: UInt64 = 1
  ) -> [Double] {
    var pauses = PeriodicPauses(
      interval: interval, backOff: backOff ?? PeriodicPauses.backOff(from: interval, upTo: longestBackOff))
    var random = SeededGenerator(seed: seed)
    return turns.map { pauses.next(after: $0, using: &random) / .milliseconds(1) }
  }

  private func isAbout(_ values: [Double], _ expected: [Double]) -> Bool {
    values.count == expected.count && zip(values, expected).allSatisfy { $0 >= $1 * 0.9 && $0 <= $1 * 1.1 }
  }

  /// After failures a pause is the whole one, less a random part of its last fifth.
  private func isUpTo(_ values: [Double], _ expected: [Double]) -> Bool {
    values.count == expected.count && zip(values, expected).allSatisfy { $0 >= $1 * 0.8 && $0 <= $1 }
  }

  @Test func pausesAreAsRoundsRequest() {
    #expect(isAbout(pauses([.done(.regular), .done(.of(.seconds(7))), .done(.none)]), [1000, 7000, 0]))
  }

  @Test func anExactPauseDoesNotVary() {
    let exact = (0..<20).map { pauses([.done(.exactly(.milliseconds(123)))], seed: $0)[0] }
    #expect(Set(exact) == [123])
  }

  @Test func aStandByChecksOftenWhateverTheInterval() {
    let expected = TaskBounds.standByPause / .milliseconds(1)
    #expect(isAbout(pauses([.standBy, .standBy], interval: .seconds(3600)), [expected, expected]))
  }

  @Test func failuresDoubleThePauseUntilALimitOrSuccess() {
    let turns: [PeriodicTask.Turn] = [
      .failed, .failed, .failed, .failed, .failed, .done(.regular), .failed, .done(.exactly(.seconds(1))), .failed,
    ]
    let expected: [Double] = [1000, 2000, 4000, 5000, 5000, 1000, 1000, 1000, 1000]
    let pauses = pauses(turns)
    for (index, turn) in turns.enumerated() {
      let (pause, whole) = ([pauses[index]], [expected[index]])
      #expect(turn == .failed ? isUpTo(pause, whole) : isAbout(pause, whole), "turn \(index)")
    }
    #expect(isUpTo(self.pauses(Array(repeating: .failed, count: 100)).suffix(1), [5000]))
  }

  @Test func anIntervalAboveTheLimitIsKept() {
    let slow = pauses([.failed, .failed, .done(.regular)], interval: .seconds(60))
    #expect(isUpTo(Array(slow.prefix(2)), [60_000, 60_000]) && isAbout(Array(slow.suffix(1)), [60_000]))
  }

  @Test func aTaskThatOthersWaitForIsNotSlowedDownByFailures() {
    let interval = FleetBounds.heartbeat
    #expect(
      isUpTo(
        pauses([.failed, .failed, .failed, .failed], interval: interval, longestBackOff: interval),
        [500, 500, 500, 500]))
  }

  @Test func aTaskWithLongPausesMayRetrySooner() {
    let backOff = ExponentialBackOff(from: .seconds(1), upTo: .seconds(3), jitter: 0)
    #expect(
      isAbout(
        pauses([.failed, .failed, .failed, .done(.regular), .failed], interval: .seconds(3600), backOff: backOff),
        [1000, 2000, 3000, 3_600_000, 1000]))
  }

  @Test func pausesOfDifferentProcessesDiffer() {
    let first = (0..<20).map { UInt64($0) }.map { pauses([.done(.regular)], seed: $0)[0] }
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

  // MARK: Leadership

  private static let fence = Fence(lease: "chore", holder: fixed(1), term: 7)

  private static func fixed<Subject>(_ seed: UInt64) -> Identifier<Subject> {
    var random = SeededGenerator(seed: seed)
    return Identifier(at: Instant(seconds: 1_000_000), using: &random)
  }

  @Test func onlyTheLeaderRunsRoundsAndGetsTheFence() async {
    let isLeading = PthreadMutex(false)
    let leadership = Leadership { isLeading.withLock { $0 } ? Self.fence : nil }
    let watched = WatchedTask("chore")
    let chore = PeriodicTask(watched, every: .seconds(1), logger: Self.logger)
    var rounds: [Fence] = []
    var standBys = 0
    func turn() async -> PeriodicTask.Turn {
      await chore.runOnce(under: leadership, standBy: { standBys += 1 }) {
        rounds.append($0)
        return .none
      }
    }
    #expect(await turn() == .standBy)
    #expect(rounds.isEmpty && standBys == 1)
    isLeading.withLock { $0 = true }
    #expect(await turn() == .done(.none))
    #expect(rounds == [Self.fence] && standBys == 1)
    isLeading.withLock { $0 = false }
    #expect(await turn() == .standBy)
    #expect(rounds.count == 1 && standBys == 2)
  }

  @Test func aStandByIsNotAFailingTask() async {
    let watched = WatchedTask("chore")
    let chore = PeriodicTask(watched, every: .seconds(1), logger: Self.logger)
    for _ in 0..<TaskBounds.failuresBeforeWarning {
      #expect(await chore.runOnce(under: Leadership { Self.fence }) { _ in throw Failure() } == .failed)
    }
    #expect(watched.problem != nil)
    #expect(await chore.runOnce(under: Leadership { nil }) { _ in throw Failure() } == .standBy)
    #expect(watched.problem == nil && watched.failuresTotal == TaskBounds.failuresBeforeWarning)
  }

  @Test func theLoopStandsByAtItsEnd() async {
    let (events, event) = AsyncStream.makeStream(of: String.self)
    let task = Task {
      await PeriodicTask(WatchedTask("chore"), every: .seconds(3600), logger: Self.logger)
        .run(under: Leadership { Self.fence }, standBy: { event.yield("stands by") }) { _ in
          event.yield("round")
          return .regular
        }
      event.finish()
    }
    var seen: [String] = []
    for await next in events {
      seen.append(next)
      if seen == ["round"] { task.cancel() }
    }
    #expect(seen == ["round", "stands by"])
  }

  // MARK: Wake-ups

  @Test func aWakeUpEndsAPauseAndFinishingEndsTheTask() async {
    let wakeUp = WakeUpSignal()
    let (rounds, round) = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      await PeriodicTask(WatchedTask("claims"), every: .seconds(3600), wokenBy: wakeUp, logger: Self.logger)
        .runUntilFinished {
          round.yield()
          return .regular
        }
    }
    var seen = 0
    for await _ in rounds {
      seen += 1
      if seen == 3 { break }
      wakeUp.ring()
    }
    wakeUp.finish()
    await task.value
    #expect(seen == 3)
  }

  @Test func aWakeUpDuringARoundCausesAnother() async {
    let wakeUp = WakeUpSignal()
    let rounds = PthreadMutex(0)
    await PeriodicTask(WatchedTask("claims"), every: .seconds(3600), wokenBy: wakeUp, logger: Self.logger)
      .runUntilFinished {
        let round = rounds.withLock { rounds in
          rounds += 1
          return rounds
        }
        if round == 1 { wakeUp.ring() } else { wakeUp.finish() }
        return .regular
      }
    #expect(rounds.withLock { $0 } == 2)
  }

  @Test(arguments: [true, false])
  func wakeUpsEndOnlyPausesThatHeedThem(heeds: Bool) async throws {
    let wakeUp = WakeUpSignal()
    let paused = Task { await wakeUp.pause(upTo: .seconds(3600), heedingSignals: heeds) }
    try await eventually("the pause") { wakeUp.isPaused }
    wakeUp.ring()
    #expect(wakeUp.isPaused == !heeds)
    wakeUp.finish()
    await paused.value
  }

  @Test func cancellationEndsAPause() async {
    let wakeUp = WakeUpSignal()
    let paused = Task { await wakeUp.pause(upTo: .seconds(3600), heedingSignals: true) }
    paused.cancel()
    await paused.value
  }
}
