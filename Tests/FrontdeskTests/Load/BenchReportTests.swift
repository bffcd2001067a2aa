import Foundation
import FoundationXML
import Testing

@testable import LoadTesting

@Suite("Benchmark report")
struct BenchReportTests {
  @Test("Medians are the middle value, or the mean of the two middle ones")
  func median() {
    #expect(BenchReport.median([3, 1, 2]) == 2)
    #expect(BenchReport.median([4, 1, 2, 3]) == 2.5)
    #expect(BenchReport.median([]) == 0)
  }

  @Test("The JSON has the figures under their documented names")
  func json() throws {
    var run = BenchMeasurement.Latencies(
      decidedPerSecond: 990, acknowledged: .init(p50: 1, p99: 4, p999: 6), queued: .init(p50: 5, p99: 9, p999: 20),
      queuedSinceDue: .init(p50: 6, p99: 11, p999: 22),
      cost: BenchCost(microsecondsByService: ["router": 50, "postgres": 120], busyShare: 0.61, ownShare: 0.6),
      messagesPerCommit: 4.26)
    let alone = BenchReport.Load(rate: 5000, runs: [run])
    run.rows = RawLimit.Figures(perSecond: 9000, microsecondsPerMessage: 88.4, busyShare: 0.9)
    let report = BenchReport(
      runs: 1, saturationPerSecond: 5000, rawLimitPerSecond: 8000,
      loads: [.init(rate: 1000, runs: [run]), alone])
    let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any]
    #expect(object?["saturation_per_second"] as? Double == 5000)
    #expect(object?["raw_limit_per_second"] as? Double == 8000)
    #expect(object?["saturation_to_raw_limit_ratio"] as? Double == 0.625)
    let load = (object?["latencies"] as? [[String: Any]])?.first
    #expect(load?["offered_per_second"] as? Double == 1000)
    #expect(load?["accept_to_queued_p99_ms"] as? Double == 9)
    #expect(load?["accept_to_queued_p99_9_ms"] as? Double == 20)
    #expect(load?["due_to_queued_p99_ms"] as? Double == 11)
    #expect(load?["processor_us_per_message"] as? Double == 170)
    #expect(load?["messages_per_commit"] as? Double == 4.3)
    #expect(load?["raw_processor_us_per_message"] as? Double == 88)
    #expect((object?["latencies"] as? [[String: Any]])?.last?["raw_processor_us_per_message"] is NSNull)
    #expect(load?["busy_share"] as? Double == 0.61)
    #expect(load?["own_busy_share"] as? Double == 0.6)
  }

  @Test("Processor times are compared run by run, and their ratio leads the report")
  func headline() throws {
    var report = BenchReport(runs: 3, loads: [])
    report.set(
      saturation: [(8000, 200), (4000, 400), (9000, 180)].map {
        .init(perSecond: $0, microsecondsPerMessage: $1, busyShare: 0.9)
      },
      raw: [(16_000, 100), (8000, 160), (15_000, 60)].map {
        .init(perSecond: $0, microsecondsPerMessage: $1, busyShare: nil)
      })
    let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any]
    #expect(object?["processor_to_raw_ratio"] as? Double == 2.5)
    #expect(object?["processor_us_per_message"] as? Double == 200)
    #expect(object?["raw_processor_us_per_message"] as? Double == 100)
    #expect(object?["saturation_busy_share"] as? Double == 0.9)
    #expect(object?["raw_busy_share"] is NSNull)
    #expect(report.text.hasPrefix("  processor      2.50 times"))
  }

  @Test("What was not measured is null")
  func unmeasured() throws {
    let report = BenchReport(runs: 1, loads: [])
    let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any]
    for key in [
      "saturation_per_second", "raw_limit_per_second", "saturation_to_raw_limit_ratio", "processor_to_raw_ratio",
    ] {
      #expect(object?[key] is NSNull, "\(key)")
    }
    #expect(!BenchPicture(report: report).svg.contains("nan"))
  }

  @Test("The chart is well-formed and shows each rate and both limits")
  func picture() throws {
    let runs = [1.0, 10, 100].map {
      BenchMeasurement.Latencies(
        decidedPerSecond: 100 * $0, acknowledged: .init(p50: $0, p99: 2 * $0, p999: 3 * $0),
        queued: .init(p50: $0, p99: 4 * $0, p999: 8 * $0), queuedSinceDue: .init(p50: $0, p99: 5 * $0, p999: 9 * $0))
    }
    let report = BenchReport(
      runs: 1, saturationPerSecond: 7123, rawLimitPerSecond: 15_001,
      loads: zip([500, 1000, 5000], runs).map { .init(rate: $0, runs: [$1]) })
    let svg = BenchPicture(report: report).svg
    let parser = XMLParser(data: Data(svg.utf8))
    #expect(parser.parse())
    for words in ["500/s", "1000/s", "5000/s", "saturation 7123/s", "raw limit 15001/s"] {
      #expect(svg.contains(words))
    }
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }
}
