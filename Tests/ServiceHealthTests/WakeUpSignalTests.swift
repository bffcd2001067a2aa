import DeskCore
import Logging
import SystemPrimitives
import TestKit
import TestService
import Testing

@testable import ServiceHealth

@Suite(.timeLimit(.minutes(3))) struct WakeUpSignalTests {
  private struct Failure: Error {}

  private static let logger = Logger.silent

  @Test func aSignalEndsThePause() async {
    let wakeUp = WakeUpSignal()
    let (rounds, round) = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      await PeriodicTask(
        WatchedTask("woken"), every: .seconds(3600), wokenBy: wakeUp, noSoonerThan: .microseconds(10),
        logger: Self.logger
      ).run {
        round.yield()
        return .regular
      }
    }
    var seen = 0
    for await _ in rounds {
      seen += 1
      if seen == 5 { break }
      wakeUp.ring()
    }
    task.cancel()
    await task.value
  }

  @Test func aSignalDuringARoundCausesAnother() async throws {
    let wakeUp = WakeUpSignal()
    let rounds = PthreadMutex(0)
    let (ends, end) = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      await PeriodicTask(WatchedTask("woken"), every: .seconds(3600), wokenBy: wakeUp, logger: Self.logger).run {
        let number = rounds.withLock { count in
          count += 1
          return count
        }
        if number == 1 { for _ in 0..<5 { wakeUp.ring() } }
        if number == 2 { end.yield() }
        return .regular
      }
    }
    for await _ in ends { break }
    // Five signals, one further round: after it the task pauses, and a signal that was kept would prevent that.
    try await eventually("the pause after the second round") { wakeUp.isPaused }
    #expect(rounds.withLock { $0 } == 2)
    task.cancel()
    await task.value
  }

  @Test func everySignalIsFollowedByARound() async {
    let wakeUp = WakeUpSignal()
    let asked = PthreadMutex(0)
    let (served, serve) = AsyncStream.makeStream(of: Int.self)
    let task = Task {
      await PeriodicTask(WatchedTask("woken"), every: .seconds(3600), wokenBy: wakeUp, logger: Self.logger).run {
        let seen = asked.withLock { $0 }
        await Task.yield()
        serve.yield(seen)
        return .regular
      }
    }
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<250 {
            asked.withLock { $0 += 1 }
            wakeUp.ring()
            await Task.yield()
          }
        }
      }
    }
    // Hangs when the last signal was lost.
    for await seen in served where seen == 1000 { break }
    task.cancel()
    await task.value
  }

  // MARK: After failures

  /// A task with an interval of one second whose rounds all fail, after each of which it pauses for four.
  private final class FailingTask: Sendable {
    let time = ManualTime()
    let wakeUp = WakeUpSignal()
    private let rounds = PthreadMutex<[Duration]>([])

    /// When the rounds began, in seconds.
    var seconds: [Double] { rounds.withLock { $0.map { $0 / .seconds(1) } } }

    func run() async {
      var task = PeriodicTask(
        WatchedTask("failing"), every: .seconds(1),
        retrying: ExponentialBackOff(from: .seconds(4), upTo: .seconds(4), jitter: 0), wokenBy: wakeUp,
        logger: WakeUpSignalTests.logger)
      task.sleep = { [time] in try await time.sleep($0) }
      await task.runUntilFinished {
        self.rounds.withLock { [now = self.time.now] in $0.append(now) }
        throw Failure()
      }
    }

    /// Lets time pass in steps of a tenth of a second, each of which begins when the task pauses.
    func advance(tenths: Int, ringing: Bool = false) async {
      for _ in 0..<tenths {
        await settle()
        if ringing { for _ in 0..<10 { wakeUp.ring() } }
        await settle()
        time.advance(by: .milliseconds(100))
      }
      await settle()
    }

    private func settle() async {
      while !wakeUp.isPaused || time.sleeperCount == 0 { await Task.yield() }
    }
  }

  private func withFailingTask(_ body: (FailingTask) async -> Void) async {
    let failing = FailingTask()
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await failing.run() }
      await body(failing)
      failing.wakeUp.finish()
    }
  }

  @Test func withoutASignalThePauseAfterAFailureIsTheWholeOne() async {
    await withFailingTask { failing in
      await failing.advance(tenths: 39)
      #expect(failing.seconds == [0])
      await failing.advance(tenths: 1)
      #expect(failing.seconds == [0, 4])
    }
  }

  @Test func aSignalEndsThePauseAfterAFailureOnceTheIntervalHasPassed() async {
    await withFailingTask { failing in
      await failing.advance(tenths: 25)
      failing.wakeUp.ring()
      await failing.advance(tenths: 0)
      #expect(failing.seconds == [0, 2.5])
    }
  }

  @Test func aSignalWithinTheIntervalIsServedAtItsEnd() async {
    await withFailingTask { failing in
      await failing.advance(tenths: 1, ringing: true)
      await failing.advance(tenths: 8)
      #expect(failing.seconds == [0])
      await failing.advance(tenths: 1)
      #expect(failing.seconds == [0, 1])
      await failing.advance(tenths: 39)
      #expect(failing.seconds == [0, 1], "the signal shortens one pause only")
    }
  }

  @Test func aFloodOfSignalsCausesNoMoreFailingRoundsThanOnePerInterval() async {
    await withFailingTask { failing in
      await failing.advance(tenths: 100, ringing: true)
      #expect(failing.seconds == (0...10).map(Double.init))
    }
  }

  @Test func cancellationEndsTheWait() async {
    let wakeUp = WakeUpSignal()
    let task = Task { await wakeUp.pause(upTo: .seconds(3600), heedingSignals: true) }
    task.cancel()
    await task.value
  }
}
