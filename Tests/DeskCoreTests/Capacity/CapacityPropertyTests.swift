import Testing

@testable import DeskCore

/// What holds for every stream of observations.
@Suite struct CapacityPropertyTests {
  private struct Load {
    var observation: CapacityObservation
    /// The same with more to do.
    var heavier: CapacityObservation
  }

  private func settings(_ random: inout SeededGenerator) -> CapacitySettings {
    let base = Int.random(in: 1...6, using: &random)
    return CapacitySettings(
      base: base, reserveShare: .random(in: 0...1, using: &random), limit: base + .random(in: 0...12, using: &random),
      coolDown: .seconds(.random(in: 5...60, using: &random)), stepPause: .seconds(.random(in: 1...10, using: &random)),
      allowed: .seconds(.random(in: 1...20, using: &random)), busyTarget: .random(in: 0.05...1, using: &random))
  }

  private func load(_ at: Instant, _ random: inout SeededGenerator) -> Load {
    let share = Double.random(in: 0...1, using: &random)
    let isHigh = Int.random(in: 0..<3, using: &random) == 0
    var observation = CapacityObservation(
      at: at, running: .random(in: 0...12, using: &random),
      backlog: isHigh ? .random(in: 0...20_000, using: &random) : .random(in: 0...20, using: &random),
      oldestAge: .seconds(isHigh ? .random(in: 0...60, using: &random) : 0),
      arrivals: Bool.random(using: &random) ? .random(in: 0...900, using: &random) : nil,
      busyShare: Int.random(in: 0..<5, using: &random) == 0 ? nil : isHigh ? share : share / 5,
      throughput: .random(in: 0...900, using: &random))
    if observation.running == 0 { observation.busyShare = nil }
    var heavier = observation
    heavier.backlog += .random(in: 0...5_000, using: &random)
    heavier.oldestAge += .seconds(.random(in: 0...30, using: &random))
    heavier.arrivals = heavier.arrivals.map { $0 + .random(in: 0...300, using: &random) }
    return Load(observation: observation, heavier: heavier)
  }

  @Test(arguments: 0..<60)
  func boundsHoldAndNothingFlaps(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let settings = settings(&random)
    var now = Instant(seconds: 1_000_000)
    var controller = CapacityController(
      settings, wanted: .random(in: settings.base...settings.limit, using: &random), now: now)
    var grown: Instant?
    for _ in 0..<600 {
      now = now + .milliseconds(.random(in: 200...2_000, using: &random))
      let before = controller.wanted
      let isMissing = Int.random(in: 0..<8, using: &random) == 0
      var seen = load(now, &random).observation
      let isStale = Int.random(in: 0..<12, using: &random) == 0
      if isStale { seen.at = now - .seconds(6) }
      let decision = controller.handle(isMissing ? nil : seen, now: now)
      #expect((settings.base...settings.limit).contains(decision.wanted))
      #expect(decision.wanted >= before - 1, "one at a time")
      if isMissing || isStale { #expect(decision.wanted >= before) }
      if decision.wanted < before {
        #expect(seen.running <= before, "drained")
        if let grown { #expect(now - grown >= settings.coolDown, "seed \(seed)") }
      }
      if decision.wanted > before { grown = now }
    }
  }

  @Test(arguments: 0..<60)
  func moreLoadNeverWantsFewer(seed: UInt64) {
    var random = SeededGenerator(seed: 1_000 + seed)
    let settings = settings(&random)
    var now = Instant(seconds: 1_000_000)
    var light = CapacityController(settings, wanted: settings.base, now: now)
    var heavy = light
    for place in 0..<600 {
      now = now + .milliseconds(.random(in: 200...2_000, using: &random))
      let load = load(now, &random)
      let (less, more) = (light.handle(load.observation, now: now), heavy.handle(load.heavier, now: now))
      #expect(less.needed <= more.needed, "seed \(seed) at \(place)")
      #expect(less.wanted <= more.wanted, "seed \(seed) at \(place)")
    }
  }

  /// A load that stays low ends at the base; a constant one at a constant number.
  @Test(arguments: 0..<20)
  func aConstantLoadEndsAtAConstantNumber(seed: UInt64) {
    var random = SeededGenerator(seed: 2_000 + seed)
    let settings = settings(&random)
    var now = Instant(seconds: 1_000_000)
    var controller = CapacityController(settings, wanted: settings.limit, now: now)
    let used = Double.random(in: 0...4, using: &random)
    var changes = 0
    for place in 0..<4_000 {
      now = now + .seconds(1)
      let (running, before) = (controller.wanted, controller.wanted)
      let share = running == 0 ? nil : min(1, used / Double(running))
      _ = controller.handle(
        CapacityObservation(
          at: now, running: running, arrivals: used * 50, busyShare: share,
          throughput: share.map { $0 * Double(running) * 50 }), now: now)
      if place >= 3_000, controller.wanted != before { changes += 1 }
    }
    #expect(changes == 0, "seed \(seed)")
    if used == 0 || Double(settings.base) * settings.busyTarget > used { #expect(controller.wanted == settings.base) }
  }

  @Test func everyReasonHasASentenceWithAllItsValuesInBothLanguages() {
    for code in CapacityReason.Code.allCases {
      for sentence in [code.english, code.chinese] {
        #expect(Set(SentencePattern(sentence).parameters) == Set(code.parameters), "\(code)")
      }
    }
    let reason = CapacityReason(.peak, ["name": .text("{workers} off"), "workers": .integer(6)])
    #expect(reason.text(in: .english) == "6 are planned for the peak \"{workers} off\"")
    #expect(CapacityReason(reason.coded) == reason && CapacityReason(.null) == nil)
  }
}
