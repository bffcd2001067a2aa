import Logging
import SystemPrimitives
import TestService
import Testing

@testable import ServiceHealth

@Suite("Shares of the time for background work")
struct WorkShareTests {
  /// A clock that rounds and pauses move, and that records the pauses.
  private final class MovedClock: Sendable {
    private struct State {
      var passed: Duration = .zero
      var pauses: [Duration] = []
    }

    private let start = ContinuousClock.now
    private let state = PthreadMutex(State())

    var now: ContinuousClock.Instant { start + passed }
    var passed: Duration { state.withLock { $0.passed } }
    var pauses: [Duration] { state.withLock { $0.pauses } }

    func work(for time: Duration) { state.withLock { $0.passed += time } }

    func pause(for time: Duration) {
      state.withLock { state in
        state.passed += time
        state.pauses.append(time)
      }
    }
  }

  /// Runs rounds that take so long.
  /// - Parameters:
  ///   - asking: what each round asks for.
  ///   - isRung: whether each round is woken again at once.
  private func run(
    _ rounds: [Duration], every interval: Duration = .milliseconds(1), limitedTo share: WorkShare?,
    asking pause: PeriodicTask.Pause = .none, isRung: Bool = false
  ) async -> (clock: MovedClock, task: WatchedTask) {
    let clock = MovedClock()
    let task = WatchedTask("bulk") { clock.now }
    let wakeUp = isRung ? WakeUpSignal() : nil
    var periodic = PeriodicTask(task, every: interval, wokenBy: wakeUp, limitedTo: share, logger: .silent)
    periodic.sleep = { if !Task.isCancelled { clock.pause(for: $0) } }
    let position = PthreadMutex(0)
    await periodic.run {
      let number = position.withLock { number in
        defer { number += 1 }
        return number
      }
      guard number < rounds.count else {
        withUnsafeCurrentTask { $0?.cancel() }
        throw CancellationError()
      }
      clock.work(for: rounds[number])
      wakeUp?.ring()
      return pause
    }
    return (clock, task)
  }

  private func share(_ run: (clock: MovedClock, task: WatchedTask)) -> Double { run.task.busy / run.clock.passed }

  private let costs: [Duration] = [.milliseconds(3), .milliseconds(900), .milliseconds(40), .seconds(2), .zero]

  @Test("holds for a task that always finds more work, whatever its rounds take")
  func catchingUp() async {
    let limited = await run(costs, limitedTo: WorkShare(0.1, longestRest: .seconds(60)))
    #expect(limited.task.busy == .milliseconds(2_943), "every round counts")
    #expect(abs(share(limited) - 0.1) < 0.0001)
    #expect(await share(run(costs, limitedTo: nil)) == 1)
  }

  @Test("holds for regular rounds, exact ones, and those that a signal asks for", arguments: [true, false])
  func regular(isRung: Bool) async {
    for pause in [PeriodicTask.Pause.regular, .of(.milliseconds(2)), .exactly(.milliseconds(2))] {
      let bound = WorkShare(0.02, longestRest: .seconds(3_600))
      #expect(await share(run(costs, limitedTo: bound, asking: pause, isRung: isRung)) <= 0.0201)
      #expect(await share(run(costs, limitedTo: nil, asking: pause, isRung: isRung)) > 0.9)
    }
  }

  @Test("changes nothing for rounds that are short beside their interval")
  func shortRounds() async {
    let pauses = await run(
      [.milliseconds(1), .milliseconds(1)], every: .seconds(5), limitedTo: WorkShare(0.01, longestRest: .seconds(60)),
      asking: .exactly(.seconds(5))
    ).clock.pauses
    #expect(pauses.prefix(2) == [.seconds(5), .seconds(5)])
  }

  @Test("a task never waits longer than its longest rest, however slow its rounds are")
  func starvation() async {
    let slow = await run(
      [.seconds(60), .seconds(600)],
      limitedTo: WorkShare(0.01, longestRest: .seconds(30)).yielding(to: 0.001) { true })
    #expect(slow.clock.pauses.prefix(2) == [.seconds(30), .seconds(30)])
  }

  @Test("is lowered while something more urgent waits, and only then")
  func yielding() async {
    let isDue = PthreadMutex(true)
    let bound = WorkShare(0.5, longestRest: .seconds(60)).yielding(to: 0.1) { isDue.withLock { $0 } }
    #expect(bound.rest(after: .done(.none), taking: .seconds(1)).isAbout(.seconds(9)))
    isDue.withLock { $0 = false }
    #expect(bound.rest(after: .done(.none), taking: .seconds(1)).isAbout(.seconds(1)))
  }

  @Test("failed rounds rest too, a standby does not")
  func turns() {
    let bound = WorkShare(0.5, longestRest: .seconds(60))
    #expect(bound.rest(after: .failed, taking: .seconds(7)).isAbout(.seconds(7)))
    #expect(bound.rest(after: .standBy, taking: .seconds(7)) == .zero)
  }

  @Test(
    "sweeps that found nothing pause for longer the longer they took, those that found work continue",
    arguments: [
      (Duration.zero, Duration.milliseconds(500)), (.milliseconds(20), .milliseconds(500)),
      (.milliseconds(50), .milliseconds(950)), (.seconds(1), .seconds(3)), (.seconds(60), .seconds(3)),
    ])
  func idleRounds(took: Duration, rest: Duration) async {
    let bound = WorkShare(0.05, longestRest: .seconds(3), idleRoundsOnly: true)
    let idle = await run([took], every: .milliseconds(500), limitedTo: bound, asking: .exactly(.milliseconds(500)))
    #expect(idle.clock.pauses.first?.isAbout(rest) == true)
    #expect(await share(run([took + .milliseconds(1)], limitedTo: bound)) == 1)
  }
}

extension Duration {
  /// Whether it is the same but for rounding.
  fileprivate func isAbout(_ other: Duration) -> Bool { abs((self - other) / .microseconds(1)) < 1 }
}
