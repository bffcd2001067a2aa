import DeskCore
import Testing

@testable import PolicyReading

@Suite("Policy syntax of known events")
struct PolicyEventsTests {
  private static let ground = """
    version: 1
    agents: [{ id: ann }]
    queues: { general: {} }
    rules: [{ name: rest, queue: general }]
    default_queue: general
    triage: { queue: general, below: 0.35 }
    channels: { web: { replies: fetch } }

    """

  private func mistakes(_ section: String) -> [String] {
    do {
      _ = try PolicyDocument.load(yaml: Self.ground + section, version: 1)
      return []
    } catch {
      return error.mistakes.map { "\($0.line): \($0.path): \($0.problem)" }
    }
  }

  @Test func eventsHaveLocalDaysAndAFactor() throws {
    let policy = try PolicyDocument.load(
      yaml: Self.ground + """
        events:
          sale: { time_zone: UTC, days: 2026-06-18 }
          double-11:
            title: 双十一
            time_zone: Asia/Shanghai
            days: [2026-11-10..2026-11-13, 2025-11-11]
            factor: 2.5
        """, version: 1)
    func shanghai(_ year: Int, _ day: Int) -> Instant {
      Instant(seconds: Int64(CivilDay(year: year, month: 11, day: day)?.sinceEpoch ?? 0) * 86_400 - 8 * 3_600)
    }
    #expect(
      policy.events.first
        == KnownEvent(
          name: "double-11",
          occurrences: [shanghai(2025, 11)..<shanghai(2025, 12), shanghai(2026, 10)..<shanghai(2026, 14)], factor: 2.5))
    #expect(policy.events.map(\.name) == ["double-11", "sale"] && policy.events.last?.factor == nil)
  }

  @Test func mistakesAreNamedWithTheirPlace() {
    #expect(mistakes("events: { sale: { days: 2026-06-18 } }") == ["8: events.sale: 'time_zone' is missing"])
    #expect(mistakes("events: { sale: { time_zone: UTC } }") == ["8: events.sale: 'days' is missing"])
    #expect(
      mistakes("events: { sale: { time_zone: UTC, days: [2026-06-18..2026-07-30] } }") == [
        "8: events.sale.days[0]: one occurrence of the event takes 43 days"
      ])
    #expect(
      mistakes("events: { sale: { time_zone: UTC, days: [2026-06-18, 2026-06-10..2026-06-20] } }") == [
        "8: events.sale.days[1]: the event already takes place on one of these days"
      ])
    for factor in ["0", "-1", "many", "'2'", "1e9"] {
      #expect(
        mistakes("events: { sale: { time_zone: UTC, days: 2026-06-18, factor: \(factor) } }").count == 1, "\(factor)")
    }
  }
}
