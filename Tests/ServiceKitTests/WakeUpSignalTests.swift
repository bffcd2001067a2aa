import DeskCore
import EventThread
import Logging
import TestKit
import TestService
import Testing

@testable import ServiceKit

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

  @Test func signalsDoNotEndThePauseAfterAFailure() async throws {
    let wakeUp = WakeUpSignal()
    let watched = WatchedTask("failing")
    let (rounds, round) = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      await PeriodicTask(watched, every: .seconds(3600), wokenBy: wakeUp, logger: Self.logger).run {
        round.yield()
        throw Failure()
      }
    }
    for await _ in rounds { break }
    try await eventually("the pause after the failure") { wakeUp.isPaused }
    for _ in 0..<100 { wakeUp.ring() }
    #expect(wakeUp.isPaused && watched.failuresTotal == 1)
    task.cancel()
    await task.value
  }

  @Test func cancellationEndsTheWait() async {
    let wakeUp = WakeUpSignal()
    let task = Task { await wakeUp.pause(upTo: .seconds(3600), heedingSignals: true) }
    task.cancel()
    await task.value
  }
}
