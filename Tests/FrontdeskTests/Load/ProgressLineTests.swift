import Testing

@testable import CommandLineTool
@testable import LoadTesting

@Suite("Progress line")
struct ProgressLineTests {
  @Test("The line has counts and rate, latencies once there are any, and problems only when there are some")
  func parts() {
    let tally = SendTally()
    #expect(ProgressLine.text(tally.counts, total: 10, rate: 0) == "0/10 acknowledged · 0 sent · 0/s")
    tally.sent(4)
    tally.answered(
      [
        .acknowledged(message: "m", ticket: "t", isDuplicate: false),
        .acknowledged(message: "m", ticket: "t", isDuplicate: true), .refused(reason: "r"),
      ], latency: .milliseconds(2))
    let text = ProgressLine.text(tally.counts, total: 10, rate: 12.6)
    #expect(text == "2/10 acknowledged · 4 sent · 13/s · p50 2.0 ms p99 2.0 ms · 1 duplicates · 1 NOT acknowledged")
  }

  @Test(
    "Times have only significant digits",
    arguments: [(0.42, "0.4 ms"), (12.3, "12 ms"), (12_345, "12.3 s"), (250_000, "250 s")])
  func times(_ value: Double, _ text: String) {
    #expect(RoundedTime.milliseconds(value) == text)
  }

  @Test("The rate covers the last seconds")
  func meter() {
    let start = ContinuousClock.now
    var meter = RateMeter(start: start)
    #expect(meter.rate(100, at: start + .seconds(1)) == 100)
    #expect(meter.rate(100, at: start + .seconds(2)) == 50)
    for second in 3...10 { _ = meter.rate(100, at: start + .seconds(second)) }
    #expect(meter.rate(100, at: start + .seconds(11)) == 0)
  }
}
