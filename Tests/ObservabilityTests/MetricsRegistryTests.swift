import Observability
import Testing

@Suite struct MetricsRegistryTests {
  let registry = MetricsRegistry(maximumSeriesPerMetric: 3)

  @Test func rendersFamiliesInOrderWithEscapedText() {
    registry.gauge("b_depth", help: "Line one\nand \\ two.", labels: ["queue": "a\"b\\c\nd"]).set(-1.5)
    registry.counter("a_total", help: "A.").increment(by: 3)
    #expect(
      registry.render() == """
        # HELP a_total A.
        # TYPE a_total counter
        a_total 3
        # HELP b_depth Line one\\nand \\\\ two.
        # TYPE b_depth gauge
        b_depth{queue="a\\"b\\\\c\\nd"} -1.5

        """)
  }

  @Test func aQuoteBeforeACombiningMarkIsEscaped() {
    registry.gauge("b_depth", help: "A\n\u{301}b.", labels: ["queue": "a\"\u{301}} 1\n\u{FE0F}x\\\u{301}"]).set(1)
    let lines = registry.render().unicodeScalars.split(separator: "\n").map { String($0) }
    #expect(lines.count == 3)
    #expect(
      lines.last.map { Array($0.utf8) } == Array("b_depth{queue=\"a\\\"\u{301}} 1\\n\u{FE0F}x\\\\\u{301}\"} 1".utf8))
  }

  @Test func bucketsAreCumulativeAndIncludeTheirUpperBound() {
    let histogram = registry.histogram("t_seconds", help: "T.", labels: ["k": "v"], buckets: [0.5, 1])
    for value in [0.5, 0.75, 1, 2, .nan] { histogram.observe(value) }
    histogram.observe(Duration.milliseconds(250))
    #expect(
      registry.render() == """
        # HELP t_seconds T.
        # TYPE t_seconds histogram
        t_seconds_bucket{k="v",le="0.5"} 2
        t_seconds_bucket{k="v",le="1"} 4
        t_seconds_bucket{k="v",le="+Inf"} 5
        t_seconds_sum{k="v"} 4.5
        t_seconds_count{k="v"} 5

        """)
  }

  @Test func equalNamesAndLabelsAreOneSeries() {
    registry.counter("c_total", help: "C.", labels: ["x": "1", "y": "2"]).increment()
    let again = registry.counter("c_total", help: "C.", labels: ["y": "2", "x": "1"])
    again.increment(by: -5)
    again.increment(by: .infinity)
    #expect(again.value == 1)
  }

  @Test func labelsBeyondTheLimitShareOneSeries() {
    for index in 0..<10 { registry.counter("c_total", help: "C.", labels: ["id": "\(index)"]).increment() }
    let text = registry.render()
    #expect(text.contains("c_total{overflow=\"true\"} 7"))
    #expect(!text.contains("id=\"3\""))
  }

  @Test func collectorsRunAtEachScrape() {
    let source = registry.gauge("source", help: "S.")
    registry.collector { $0.gauge("twice", help: "T.", source.value * 2) }
    source.set(2)
    #expect(registry.render().contains("twice 4\n"))
    source.set(5)
    #expect(registry.render().contains("twice 10\n"))
  }

  @Test func concurrentIncrementsAreAllCounted() async {
    let counter = registry.counter("c_total", help: "C.")
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask { for _ in 0..<10_000 { counter.increment() } }
      }
    }
    #expect(counter.value == 80_000)
  }

  @Test func reportsProcessMetrics() {
    registry.collectProcessMetrics()
    let text = registry.render()
    for name in ["start_time_seconds", "cpu_seconds_total", "resident_memory_bytes", "open_fds"] {
      #expect(text.contains("\nprocess_\(name) ") || text.hasPrefix("process_\(name) "))
    }
  }
}
