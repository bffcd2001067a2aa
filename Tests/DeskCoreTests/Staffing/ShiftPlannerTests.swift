import Foundation
import Testing

@testable import DeskCore

@Suite("Shifts from a plan")
struct ShiftPlannerTests {
  private let day = Instant(seconds: 1_772_409_600)  // 2026-03-02T00:00:00Z

  /// A plan whose flat rule needs these agents in each half hour: with a handling time of half an hour, as many tickets less a fifth.
  private func plan(_ agents: [QueueID: [Int]], from half: Int = 0, shrinkage: Double = 0) throws -> StaffingPlan {
    let periods = agents.flatMap { queue, agents in
      agents.enumerated().map { number, count in
        ForecastPeriod(
          queue: queue, start: day + .seconds((half + number) * 1800), length: .seconds(1800),
          expected: Double(count) / 1.2, interval: 0...Double(count))
      }
    }
    return try StaffingPlan(
      periods,
      StaffingAssumptions(
        target: ServiceTarget(share: 0.8, withinSeconds: 600),
        work: .init(handlingSeconds: 1800, patienceSeconds: 3600), shrinkage: shrinkage))
  }

  private func fill(
    _ plan: StaffingPlan, _ templates: [ShiftTemplate], staff: Int? = nil
  ) throws -> ShiftPlan {
    try ShiftPlanner.fill(plan, by: .flat, templates: templates, in: .utc, staff: staff)
  }

  private func eight(_ starts: [Int] = Array(stride(from: 0, to: 1440, by: 60))) throws -> ShiftTemplate {
    try ShiftTemplate(
      name: "eight", starts: starts, minutes: 480,
      breaks: [
        .init(window: 90...150, minutes: 15), .init(window: 180...300, minutes: 30),
        .init(window: 360...420, minutes: 15),
      ])
  }

  /// The cover counted again from the shifts.
  private func cover(_ result: ShiftPlan, of queue: QueueID, slots: Int) -> [Int] {
    (0..<slots).map { slot in
      let moment = result.start + .seconds(slot * 900)
      return result.shifts.count { shift in
        shift.queue == queue && shift.start <= moment && moment < shift.end
          && !shift.breaks.contains { $0.contains(moment) }
      }
    }
  }

  @Test func theCoverNeverFallsBelowTheRequirement() throws {
    var random = SeededGenerator(seed: 8)
    for round in 0..<6 {
      var curve: [Int] = []
      for half in 0..<48 {
        let distance: Double = Double(half - 26) / 9
        curve.append(Int((12 * exp(-distance * distance)).rounded()) + Int.random(in: 0...3, using: &random))
      }
      let short = try ShiftTemplate(name: "four", starts: Array(stride(from: 0, to: 1440, by: 30)), minutes: 240)
      let result = try fill(plan(["orders": curve, "returns": curve.reversed()]), [eight(), short])
      #expect(result.shortfalls.isEmpty, "round \(round)")
      for covered in result.covers {
        #expect(covered.covered == cover(result, of: covered.queue, slots: 96), "breaks are not counted as work")
        #expect(zip(covered.covered, covered.required).allSatisfy { $0 >= $1 })
      }
      #expect(result.paidHours >= result.leastPaidHours && result.leastPaidHours >= result.requiredHours)
      #expect(result.paidHours < 1.5 * result.requiredHours, "\(result.paidHours) of \(result.requiredHours)")
    }
  }

  @Test func breaksAreStaggeredSoThatSomeoneIsAlwaysThere() throws {
    let result = try fill(plan(["orders": Array(repeating: 3, count: 16)], from: 18), [eight([540])])
    #expect(result.shortfalls.isEmpty && result.shifts.count == 4, "one more agent is enough for the breaks of three")
    #expect(Set(result.shifts.map(\.breaks)).count > 1)
  }

  @Test func whatNoShiftCoversIsReported() throws {
    let result = try fill(plan(["orders": Array(repeating: 2, count: 20)], from: 18), [eight([540])])
    #expect(result.shortfalls.count == 1)
    let gap = try #require(result.shortfalls.first)
    #expect(gap.start == day + .seconds(17 * 3600) && gap.end == day + .seconds(19 * 3600))
    #expect(gap.agents == 2 && gap.hours == 4 && gap.abandonedShare == 1 && gap.waitSeconds == .infinity)
  }

  @Test func withFewPeopleTheWorstIsCoveredFirst() throws {
    let short = try ShiftTemplate(name: "four", starts: [540, 780], minutes: 240)
    let agents: [QueueID: [Int]] = [
      "orders": Array(repeating: 6, count: 8) + Array(repeating: 1, count: 8),
      "returns": Array(repeating: 1, count: 16),
    ]
    let result = try fill(plan(agents, from: 18), [short], staff: 4)
    #expect(result.shifts.count == 4 && result.shifts.allSatisfy { $0.queue == "orders" || $0.queue == "returns" })
    #expect(result.shifts.count { $0.queue == "orders" && $0.start == day + .seconds(9 * 3600) } >= 3)
    let missing = result.shortfalls.reduce(0) { $0 + $1.hours }
    #expect(missing == result.requiredHours - 16)
    let gap = try #require(result.shortfalls.first { $0.queue == "orders" })
    #expect(gap.abandonedShare > 0 && gap.waitSeconds > 0)
  }

  @Test func nightShiftsBeginOnTheDayBefore() throws {
    let night = try ShiftTemplate(name: "night", starts: [1320], minutes: 480)
    let result = try fill(plan(["orders": Array(repeating: 1, count: 12)]), [night])
    #expect(result.shifts.map(\.start) == [day - .seconds(7200)] && result.shortfalls.isEmpty)
  }

  @Test func startsAreLocalTimesAlsoAfterAClockChange() throws {
    // Two o'clock becomes three on 2026-03-02 in this zone.
    let zone = ZoneOffsets(
      name: "Test/Zone", initialOffsetSeconds: 0,
      transitions: [.init(at: day + .seconds(7200), offsetSeconds: 3600)])
    let shift = try ShiftTemplate(name: "morning", starts: [540], minutes: 240)
    let plan = try plan(["orders": Array(repeating: 1, count: 4)], from: 17)
    let result = try ShiftPlanner.fill(plan, by: .flat, templates: [shift], in: zone)
    #expect(result.shifts.map(\.start) == [day + .seconds(8 * 3600)])
  }

  @Test func shrinkageIsRostered() throws {
    let shift = try ShiftTemplate(name: "four", starts: [540], minutes: 240)
    let result = try fill(plan(["orders": Array(repeating: 8, count: 8)], from: 18, shrinkage: 0.2), [shift])
    #expect(result.shifts.count == 10 && result.requiredHours == 40)
  }

  @Test func noCheaperRosterExistsForSmallRequirements() throws {
    // All choices of up to five shifts of two kinds, tried out.
    let templates = [
      try ShiftTemplate(name: "two", starts: [0, 60, 120], minutes: 120),
      try ShiftTemplate(name: "three", starts: [0, 60], minutes: 180),
    ]
    let spans = [(0, 4), (2, 6), (4, 8), (0, 6), (2, 8)]
    var random = SeededGenerator(seed: 5)
    var (used, least) = (0.0, 0.0)
    for _ in 0..<20 {
      let need = (0..<8).map { _ in Int.random(in: 0...2, using: &random) }
      var best = Int.max
      for code in 0..<(3 * 3 * 3 * 3 * 3) {
        var rest = code
        let counts = spans.map { _ in
          defer { rest /= 3 }
          return rest % 3
        }
        var (cover, cost) = (Array(repeating: 0, count: 8), 0)
        for (span, count) in zip(spans, counts) {
          for half in span.0..<span.1 { cover[half] += count }
          cost += (span.1 - span.0) * count
        }
        if need.indices.allSatisfy({ cover[$0] >= need[$0] }) { best = min(best, cost) }
      }
      let result = try fill(plan(["orders": need]), templates)
      #expect(result.shortfalls.isEmpty)
      used += result.paidHours
      least += Double(best) / 2
      #expect(result.paidHours >= Double(best) / 2)
    }
    #expect(used <= 1.1 * least, "\(used) of \(least) hours")
  }

  @Test func impossibleShiftsAreRefused() throws {
    for (starts, minutes) in [([], 480), ([7], 480), ([1440], 480), ([-15], 480), ([0], 50), ([0], 0), ([0], 10_000)] {
      #expect(throws: StaffingError.self) { try ShiftTemplate(name: "x", starts: starts, minutes: minutes) }
    }
    for pause in [
      ShiftTemplate.Break(window: 0...480, minutes: 15), .init(window: 470...475, minutes: 15),
      .init(window: 60...90, minutes: 0),
      .init(window: -15...30, minutes: 15), .init(window: 60...465, minutes: 30),
    ] {
      #expect(throws: StaffingError.self) {
        try ShiftTemplate(name: "x", starts: [0], minutes: 480, breaks: [pause])
      }
    }
    #expect(throws: StaffingError.self) {
      try ShiftTemplate(
        name: "x", starts: [0], minutes: 480,
        breaks: [.init(window: 60...120, minutes: 30), .init(window: 135...150, minutes: 15)])
    }
    #expect(throws: StaffingError.self) { try fill(plan(["orders": [1]]), []) }
    #expect(try fill(plan([:]), [eight()]).shifts.isEmpty)
  }

  @Test func aLargePlanIsFilledWithinItsBounds() throws {
    var agents: [QueueID: [Int]] = [:]
    for queue in 0..<30 { agents[QueueID("queue-\(queue)")] = (0..<48).map { (queue + $0) % 5 } }
    let templates = try (0..<20).map {
      try ShiftTemplate(name: "\($0)", starts: [$0 * 45], minutes: 480, breaks: [.init(window: 180...300, minutes: 30)])
    }
    let result = try fill(plan(agents), templates, staff: 100)
    #expect(result.shifts.count == 100 && result.covers.count == 30)
  }
}
