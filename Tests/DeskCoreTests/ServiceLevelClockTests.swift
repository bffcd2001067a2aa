import Testing

@testable import DeskCore

@Suite("One clock of a service level")
struct ServiceLevelClockTests {
  private static let level = ServiceLevel.abandoned

  /// A clock with a target of 1,000 s from `morning` on.
  private func running() -> ServiceLevelClock {
    var clock = ServiceLevelClock()
    clock.start(ServiceLevelTarget(allowed: .seconds(1_000), from: .morning, in: .always), from: .morning)
    return clock
  }

  private func next(_ clock: ServiceLevelClock) -> Instant? { clock.nextAt(under: Self.level, escalationSteps: 0) }

  @Test func thresholdsFallAtTheRightTimes() {
    let target = ServiceLevelTarget(allowed: .seconds(1_000), from: .morning, in: .always)
    #expect(target.firstNotificationAt == .at(750))
    #expect(target.dueAt == .at(1_000))
    #expect(running().dueAt == .at(1_000))
    #expect(next(running()) == .at(750))
  }

  @Test func eachThresholdIsNotifiedOnce() {
    var clock = running()
    #expect(clock.notify(at: .at(749), under: Self.level) == nil)
    #expect(clock.notify(at: .at(750), under: Self.level) == 75)
    #expect(clock.notify(at: .at(751), under: Self.level) == nil)
    #expect(next(clock) == .at(900))
    #expect(clock.notify(at: .at(900), under: Self.level) == 90)
    #expect(next(clock) == .at(1_000))
    #expect(clock.notify(at: .at(1_000), under: Self.level) == 100)
    #expect(clock.notify(at: .at(5_000), under: Self.level) == nil)
    #expect(next(clock) == nil)
  }

  @Test(arguments: [(800, 75), (950, 90), (1_000, 100), (90_000, 100)])
  func skippedThresholdsNotifyOnlyTheHighest(_ second: Int64, _ share: Int) {
    var clock = running()
    #expect(clock.notify(at: .at(second), under: Self.level) == share)
    #expect(clock.notify(at: .at(second), under: Self.level) == nil)
  }

  @Test func thePolicyChoosesTheThresholds() {
    let level = ServiceLevel(
      ServiceLevelPolicy(
        name: "p", condition: .always, calendar: nil, firstResponse: [:], resolution: [:], pausesWhilePending: true,
        warningPercents: [50]), in: .always)
    var clock = running()
    #expect(clock.nextAt(under: level, escalationSteps: 0) == .at(500))
    #expect(clock.notify(at: .at(990), under: level) == 50)
    #expect(clock.nextAt(under: level, escalationSteps: 0) == .at(1_000))
  }

  @Test func aPauseShiftsLaterDeadlines() {
    var clock = running()
    clock.pause(at: .at(100))
    clock.settle(in: .always)
    #expect(clock.used == .seconds(100))
    #expect(next(clock) == nil)
    #expect(clock.notify(at: .at(5_000), under: Self.level) == nil)
    clock.pause(at: .at(200))
    clock.resume(at: .at(300))
    clock.settle(in: .always)
    #expect(next(clock) == .at(950))
    #expect(clock.dueAt == .at(1_200))
    clock.resume(at: .at(400))
    clock.settle(in: .always)
    #expect(clock.dueAt == .at(1_200))
  }

  @Test func closedHoursAroundAPauseDoNotCount() {
    // Monday 09:00 to Tuesday 11:00 local time, with a noon break and a night between.
    let office = BusinessCalendarTests.office(.utc)
    let monday = BusinessCalendarTests.moment(2026, 3, 2, 9)
    var clock = ServiceLevelClock()
    clock.start(ServiceLevelTarget(allowed: .seconds(4 * 3_600), from: monday, in: office), from: monday)
    #expect(clock.dueAt == BusinessCalendarTests.moment(2026, 3, 2, 14, 30))
    clock.pause(at: BusinessCalendarTests.moment(2026, 3, 2, 11))
    clock.settle(in: office)
    #expect(clock.used == .seconds(2 * 3_600))
    // It was paused for 3.5 h of wall-clock time, of which 2 h were open; it resumes when the desk is closed for the night.
    clock.resume(at: BusinessCalendarTests.moment(2026, 3, 2, 20))
    clock.settle(in: office)
    #expect(clock.dueAt == BusinessCalendarTests.moment(2026, 3, 3, 11))
  }

  @Test func aClockStopsOnlyOnce() {
    var clock = running()
    clock.meet(at: .at(500))
    clock.meet(at: .at(600))
    clock.settle(in: .always)
    #expect(clock.metAt == .at(500))
    #expect(clock.used == .seconds(500))
    #expect(clock.dueAt == .at(1_000))
    #expect(next(clock) == nil)
    #expect(clock.notify(at: .at(2_000), under: Self.level) == nil)
    clock.pause(at: .at(700))
    #expect(clock.pausedAt == nil)
  }

  @Test func restartingSkipsTheStoppedTime() {
    var clock = running()
    clock.meet(at: .at(500))
    clock.settle(in: .always)
    clock.restart(at: .at(800))
    clock.settle(in: .always)
    #expect(clock.isRunning)
    #expect(clock.dueAt == .at(1_300))
  }

  @Test func aClockStoppedWhilePausedRestartsFromThePause() {
    var clock = running()
    clock.pause(at: .at(200))
    clock.meet(at: .at(500))
    clock.settle(in: .always)
    clock.restart(at: .at(800))
    clock.settle(in: .always)
    #expect(clock.isRunning)
    #expect(clock.dueAt == .at(1_600))
  }

  @Test func notifiedThresholdsStayNotifiedAfterARestart() {
    var clock = running()
    #expect(clock.notify(at: .at(750), under: Self.level) == 75)
    clock.meet(at: .at(760))
    clock.settle(in: .always)
    clock.restart(at: .at(1_760))
    clock.settle(in: .always)
    #expect(clock.notify(at: .at(1_800), under: Self.level) == nil)
    #expect(next(clock) == .at(1_900))
  }

  @Test func aBreachKeepsItsTimeAcrossPauses() {
    var clock = running()
    #expect(clock.notify(at: .at(1_000), under: Self.level) == 100)
    clock.pause(at: .at(1_100))
    clock.settle(in: .always)
    clock.resume(at: .at(2_000))
    clock.settle(in: .always)
    #expect(clock.dueAt == .at(1_000))
    #expect(clock.overrun(at: .at(2_100), in: .always) == .seconds(200))
  }

  @Test func startingAgainChangesNothing() {
    var clock = running()
    clock.start(ServiceLevelTarget(allowed: .seconds(5), from: .at(3), in: .always), from: .at(3))
    #expect(clock == running())
  }

  @Test func anUnstartedClockNeverRuns() {
    var clock = ServiceLevelClock()
    clock.pause(at: .at(1))
    clock.resume(at: .at(2))
    clock.meet(at: .at(3))
    clock.restart(at: .at(4))
    clock.settle(in: .always)
    clock.promise(.seconds(9), at: .at(5), under: Self.level)
    #expect(clock.notify(at: .at(9_999), under: Self.level) == nil)
    #expect(clock == ServiceLevelClock())
  }
}

@Suite("Changing the target of a running clock")
struct NewPromiseTests {
  private static let level = ServiceLevel.abandoned

  private func running() -> ServiceLevelClock {
    var clock = ServiceLevelClock()
    clock.start(ServiceLevelTarget(allowed: .seconds(1_000), from: .morning, in: .always), from: .morning)
    return clock
  }

  @Test func usedTimeStaysUsed() {
    var clock = running()
    clock.promise(.seconds(600), at: .at(300), under: Self.level)
    clock.settle(in: .always)
    #expect(clock.dueAt == .at(600))
    clock.promise(.seconds(2_000), at: .at(400), under: Self.level)
    clock.settle(in: .always)
    #expect(clock.dueAt == .at(2_000))
  }

  @Test func aShorterTargetMayBeBreachedAtOnce() {
    var clock = running()
    clock.promise(.seconds(200), at: .at(300), under: Self.level)
    clock.settle(in: .always)
    #expect(clock.dueAt == .at(200))
    #expect(clock.nextAt(under: Self.level, escalationSteps: 0) == .at(150))
    #expect(clock.notify(at: .at(300), under: Self.level) == 100)
  }

  @Test func onlyThresholdsNoLongerReachedAreNotifiedAgain() {
    var clock = running()
    #expect(clock.notify(at: .at(900), under: Self.level) == 90)
    // 900 of 1,150 s are 78 %: the 75 % warning still holds, the 90 % one is sent again.
    clock.promise(.seconds(1_150), at: .at(900), under: Self.level)
    clock.settle(in: .always)
    #expect(clock.notifiedPercent == 75)
    #expect(clock.notify(at: .at(901), under: Self.level) == nil)
    #expect(clock.notify(at: .at(1_035), under: Self.level) == 90)
  }

  @Test func aBreachStaysABreach() {
    var clock = running()
    #expect(clock.notify(at: .at(1_000), under: Self.level) == 100)
    let before = clock
    clock.promise(.seconds(9_000), at: .at(1_001), under: Self.level)
    #expect(clock == before)
    var unnotified = running()
    unnotified.promise(.seconds(9_000), at: .at(1_000), under: Self.level)
    #expect(unnotified == running(), "lowering the priority does not prevent a due notification")
  }

  @Test func timeCountsEvenWithoutATarget() {
    var clock = ServiceLevelClock()
    clock.start(nil, from: .morning)
    #expect(clock.nextAt(under: Self.level, escalationSteps: 0) == nil)
    clock.promise(.seconds(1_000), at: .at(400), under: Self.level)
    clock.settle(in: .always)
    #expect(clock.dueAt == .at(1_000))
    clock.promise(nil, at: .at(500), under: Self.level)
    clock.settle(in: .always)
    #expect(clock.dueAt == nil)
    #expect(clock.isRunning)
  }

  @Test func aPausedClockProjectsFromItsPause() {
    var clock = running()
    clock.pause(at: .at(100))
    clock.settle(in: .always)
    clock.promise(.seconds(500), at: .at(300), under: Self.level)
    #expect(clock.dueAt == .at(500))
    clock.resume(at: .at(400))
    clock.settle(in: .always)
    #expect(clock.dueAt == .at(800))
  }
}
