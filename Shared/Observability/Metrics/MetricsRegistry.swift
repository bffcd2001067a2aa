internal import SystemPrimitives

/// The metrics of one process, rendered as Prometheus text (format 0.0.4).
///
/// A handle is fetched once and kept; using it needs no lookup. A family holds a bounded number of series: beyond it,
/// further label values share one series labelled `overflow="true"`, so that a labelling mistake cannot exhaust memory.
public final class MetricsRegistry: Sendable {
  /// Buckets for durations of requests and database steps, in seconds.
  public static let latencyBuckets: [Double] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
  ]
  /// Buckets for counts and bytes, in powers of four.
  public static let sizeBuckets: [Double] = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262_144, 1_048_576]

  struct State: Sendable {
    var families: [String: MetricFamily] = [:]
    var collectors: [@Sendable (inout MetricsScrape) -> Void] = []
  }

  private let maximumSeriesPerMetric: Int
  private let state = PthreadMutex(State())

  /// - Parameter maximumSeriesPerMetric: the maximum number of label combinations of one metric.
  public init(maximumSeriesPerMetric: Int = 500) {
    self.maximumSeriesPerMetric = maximumSeriesPerMetric
  }

  /// Returns the counter with that name and labels. The name ends in `_total`.
  ///
  /// A name that is in use for another kind of metric is a programming error and traps.
  public func counter(_ name: String, help: String, labels: [String: String] = [:]) -> CounterMetric {
    guard case .counter(let counter) = series(name, .counter, help, labels, { .counter(CounterMetric()) }) else {
      preconditionFailure("the metric \(name) is not a counter")
    }
    return counter
  }

  /// Returns the gauge with that name and labels.
  public func gauge(_ name: String, help: String, labels: [String: String] = [:]) -> GaugeMetric {
    guard case .gauge(let gauge) = series(name, .gauge, help, labels, { .gauge(GaugeMetric()) }) else {
      preconditionFailure("the metric \(name) is not a gauge")
    }
    return gauge
  }

  /// Returns the histogram with that name and labels. The name ends in its unit, usually `_seconds` or `_bytes`.
  public func histogram(
    _ name: String, help: String, labels: [String: String] = [:], buckets: [Double] = latencyBuckets
  ) -> HistogramMetric {
    precondition(zip(buckets, buckets.dropFirst()).allSatisfy { $0 < $1 }, "buckets of \(name) are not ascending")
    let made = series(name, .histogram, help, labels) { .histogram(HistogramMetric(buckets: buckets)) }
    guard case .histogram(let histogram) = made else { preconditionFailure("the metric \(name) is not a histogram") }
    return histogram
  }

  /// Calls `collect` at every scrape, for values that are kept elsewhere. It must not block.
  public func collector(_ collect: @escaping @Sendable (inout MetricsScrape) -> Void) {
    state.withLock { $0.collectors.append(collect) }
  }

  /// All metrics as text, families and series in a fixed order.
  public func render() -> String {
    let (families, collectors) = state.withLock { ($0.families, $0.collectors) }
    var scrape = MetricsScrape(families: families)
    for collect in collectors { collect(&scrape) }
    return scrape.render()
  }

  private func series(
    _ name: String, _ kind: MetricFamily.Kind, _ help: String, _ labels: [String: String],
    _ make: () -> MetricFamily.Series
  ) -> MetricFamily.Series {
    precondition(MetricText.isName(name), "\(name) is not a valid metric name")
    precondition(labels.keys.allSatisfy(MetricText.isLabel), "a label of \(name) has an invalid name")
    return state.withLock { state in
      var family = state.families[name] ?? MetricFamily(kind: kind, help: help)
      var key = MetricText.labels(labels)
      if family.series[key] == nil, family.series.count >= maximumSeriesPerMetric {
        key = MetricText.labels(["overflow": "true"])
      }
      if let known = family.series[key] { return known }
      guard family.kind == kind else { preconditionFailure("the metric \(name) is used for two kinds") }
      let made = make()
      family.series[key] = made
      state.families[name] = family
      return made
    }
  }
}
