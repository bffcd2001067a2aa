import Testing

@testable import DeskCore

/// The controller as a transcript: what is seen, then what it wants and why.
@Suite struct CapacityControllerTests {
  private var now = Instant(seconds: 1_000_000)
  private var controller: CapacityController

  init() {
    let settings = CapacitySettings(base: 2, limit: 8, coolDown: .seconds(60), stepPause: .seconds(10))
    controller = CapacityController(settings, wanted: 2, now: now)
  }

  private mutating func see(
    _ running: Int, busy: Double? = 0.1, backlog: Int = 0, age: Double = 0, arrivals: Double? = 10,
    each: Double = 100, after seconds: Int = 1
  ) -> String {
    now = now + .seconds(seconds)
    let decision = controller.handle(
      CapacityObservation(
        at: now, running: running, backlog: backlog, oldestAge: .seconds(age), arrivals: arrivals, busyShare: busy,
        throughput: busy.map { $0 * Double(running) * each }), now: now)
    #expect(decision.wanted == controller.wanted)
    return "\(decision.wanted) \(decision.reason.code.rawValue)"
  }

  private mutating func seeNothing(after seconds: Int = 1) -> String {
    now = now + .seconds(seconds)
    let decision = controller.handle(nil, now: now)
    return "\(decision.wanted) \(decision.reason.code.rawValue)"
  }

  @Test mutating func aLowLoadNeedsTheBase() {
    #expect(see(2) == "2 base")
    #expect(see(2, busy: 0.6) == "2 base")
    // Work that waits while the workers have nothing to do waits for another stage.
    #expect(see(2, busy: 0.1, backlog: 50_000, age: 900) == "2 base")
  }

  @Test mutating func theFirstSignOfPressureCallsTheReserveAtOnce() {
    #expect(see(2) == "2 base")
    #expect(see(2, busy: 0.8) == "3 busy")
    controller = CapacityController(CapacitySettings(base: 10, limit: 20), wanted: 10, now: now)
    #expect(see(10, busy: 0.75) == "12 busy", "a fifth of ten, though eleven would do")
    #expect(see(10, busy: 1) == "15 busy")
  }

  @Test mutating func aBacklogThatTakesTooLongNeedsWhatClearsItInTime() {
    // Two workers of 100 per second: 1,500 messages take 7.5 s of 10.
    #expect(see(2, busy: 0.6, backlog: 1_500, arrivals: 120) == "2 base")
    // 4,000 take 20 s: (120 + 400) per second need 5.2.
    #expect(see(2, busy: 0.6, backlog: 4_000, arrivals: 120) == "6 late")
    #expect(see(2, busy: 1, backlog: 90_000, arrivals: 120) == "8 limit")
  }

  @Test mutating func anOldMessageCallsTheReserveAndNoMore() {
    #expect(see(2, busy: 0.5, backlog: 1, age: 11) == "3 old")
    #expect(see(3, busy: 0.4, backlog: 1, age: 3_600) == "3 old")
  }

  @Test mutating func withoutAnyWorkerTheBaseIsWanted() {
    controller = CapacityController(CapacitySettings(base: 0, limit: 0), wanted: 0, now: now)
    #expect(see(0, busy: nil, backlog: 5) == "1 base", "a base is at least one")
    #expect(see(0, busy: nil, backlog: 50_000, age: 900) == "1 limit")
  }

  @Test mutating func itShrinksOneByOneAfterTheWholeCoolDown() {
    #expect(see(2, busy: 1, backlog: 6_000, arrivals: 200) == "8 late")
    // Low from now on, with observations every second.
    for _ in 0..<60 { #expect(see(8) == "8 cool_down") }
    #expect(see(8) == "7 low")
    // The next one only when the last has drained, and after the pause.
    for _ in 0..<9 { #expect(see(8) == "7 cool_down") }
    #expect(see(8) == "7 draining")
    #expect(see(7) == "6 low")
    // One sign of load, and the cool-down begins again.
    #expect(see(6, busy: 0.65) == "6 busy")
    for _ in 0..<60 { #expect(see(6) == "6 cool_down") }
    #expect(see(6) == "5 low")
  }

  @Test mutating func whatIsNotSeenIsNotLow() {
    #expect(see(2, busy: 0.8) == "3 busy")
    for _ in 0..<50 { _ = see(3) }
    #expect(seeNothing(after: 10) == "3 unknown")
    for _ in 0..<60 { #expect(see(3) == "3 cool_down") }
    #expect(see(3) == "2 low")
    // A stale observation is none.
    now = now + .seconds(1)
    let stale = CapacityObservation(at: now - .seconds(6), running: 2, busyShare: 1)
    #expect(controller.handle(stale, now: now).reason.code == .unknown)
    // Nor is the time before a clock was set back.
    #expect(see(2, busy: 1) == "3 busy")
    now = now - .seconds(3_600)
    for _ in 0..<60 { #expect(see(3) == "3 cool_down") }
    #expect(see(3) == "2 low")
  }

  @Test mutating func aKnownPeakIsPreparedAndEnds() {
    let start = now + .seconds(300)
    controller.peaks = [PlannedPeak(name: "Double 11", from: start, to: start + .seconds(100), workers: 6)]
    #expect(see(2, after: 179) == "2 base")
    #expect(see(2, after: 1) == "6 peak")
    // Also unseen, and within the limit.
    controller = CapacityController(controller.settings, peaks: controller.peaks, wanted: 2, now: now)
    controller.settings.limit = 5
    #expect(seeNothing() == "5 peak")
    #expect(see(5) == "5 limit")
    #expect(see(5, after: 219) == "5 cool_down", "over, and then the cool-down")
  }

  @Test mutating func changedSettingsCountAtOnce() {
    #expect(see(2, busy: 1, backlog: 6_000, arrivals: 200) == "8 late")
    controller.settings.limit = 4
    #expect(see(8) == "4 base")
    controller.settings.base = 5
    controller.settings.limit = 9
    #expect(see(4) == "5 base")
  }
}
