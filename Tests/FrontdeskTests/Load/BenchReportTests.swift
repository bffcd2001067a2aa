import Foundation
import Testing

@testable import Frontdesk

@Suite("Measurement's report")
struct BenchReportTests {
  @Test("Medians are the middle value, or the mean of the two middle ones")
  func median() {
    #expect(BenchReport.median([3, 1, 2]) == 2)
    #expect(BenchReport.median([4, 1, 2, 3]) == 2.5)
    #expect(BenchReport.median([]) == 0)
  }

  @Test("The JSON has the figures by their documented names")
  func json() throws {
    let run = BenchMeasurement.Latencies(acknowledgedP50: 1, acknowledgedP99: 4, queuedP50: 5, queuedP99: 9)
    let report = BenchReport(
      runs: 1, saturationPerSecond: 5000, rawLimitPerSecond: 8000, loads: [.init(rate: 1000, runs: [run])])
    let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any]
    #expect(object?["saturation_per_second"] as? Double == 5000)
    #expect(object?["raw_limit_per_second"] as? Double == 8000)
    #expect(object?["saturation_to_raw_limit_ratio"] as? Double == 0.625)
    let load = (object?["latencies"] as? [[String: Any]])?.first
    #expect(load?["offered_per_second"] as? Double == 1000)
    #expect(load?["accept_to_queued_p99_ms"] as? Double == 9)
  }
}
