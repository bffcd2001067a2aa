public import Metrics

/// Bridges swift-metrics, which libraries report through. Names are converted to Prometheus conventions: counters end in `_total`,
/// timers are histograms in seconds, recorders that aggregate are histograms, others gauges. A name that is used by
/// another kind of metric is dropped rather than stopping the process.
extension MetricsRegistry: MetricsFactory {
  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    CounterAdapter(counter: libraryCounter(label, dimensions))
  }

  public func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    CounterAdapter(counter: libraryCounter(label, dimensions))
  }

  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    GaugeAdapter(gauge: libraryGauge(label, dimensions))
  }

  public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    aggregate
      ? HistogramAdapter(histogram: libraryHistogram(Self.name(label), dimensions, Self.sizeBuckets))
      : GaugeAdapter(gauge: libraryGauge(label, dimensions))
  }

  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    HistogramAdapter(
      histogram: libraryHistogram(Self.name(label, suffix: "_seconds"), dimensions, Self.latencyBuckets))
  }

  // Series stay until the process ends: a series that disappears and returns looks like a restart.
  public func destroyCounter(_ handler: any CounterHandler) {}
  public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
  public func destroyMeter(_ handler: any MeterHandler) {}
  public func destroyRecorder(_ handler: any RecorderHandler) {}
  public func destroyTimer(_ handler: any TimerHandler) {}

  private func libraryCounter(_ label: String, _ dimensions: [(String, String)]) -> CounterMetric {
    let name = Self.name(label, suffix: "_total")
    guard canHold(name, .counter) else { return CounterMetric() }
    return counter(name, help: "Reported by a library as \(label).", labels: Self.labels(dimensions))
  }

  private func libraryGauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeMetric {
    let name = Self.name(label)
    guard canHold(name, .gauge) else { return GaugeMetric() }
    return gauge(name, help: "Reported by a library as \(label).", labels: Self.labels(dimensions))
  }

  private func libraryHistogram(
    _ name: String, _ dimensions: [(String, String)], _ buckets: [Double]
  ) -> HistogramMetric {
    guard canHold(name, .histogram) else { return HistogramMetric(buckets: buckets) }
    return histogram(name, help: "Reported by a library.", labels: Self.labels(dimensions), buckets: buckets)
  }

  private static func labels(_ dimensions: [(String, String)]) -> [String: String] {
    Dictionary(dimensions.map { (name($0.0), $0.1) }, uniquingKeysWith: { _, last in last })
  }

  private static func name(_ label: String, suffix: String = "") -> String {
    var name = String(label.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    if name.first.map({ $0.isNumber || $0 == "_" }) ?? true { name = "library_" + name }
    return name.hasSuffix(suffix) ? name : name + suffix
  }
}

private final class CounterAdapter: CounterHandler, FloatingPointCounterHandler {
  let counter: CounterMetric

  init(counter: CounterMetric) {
    self.counter = counter
  }

  func increment(by amount: Int64) { counter.increment(by: Double(amount)) }
  func increment(by amount: Double) { counter.increment(by: amount) }
  func reset() { counter.number.set(0) }
}

private final class GaugeAdapter: MeterHandler, RecorderHandler {
  let gauge: GaugeMetric

  init(gauge: GaugeMetric) {
    self.gauge = gauge
  }

  func set(_ value: Int64) { gauge.set(Double(value)) }
  func set(_ value: Double) { gauge.set(value) }
  func increment(by amount: Double) { gauge.add(amount) }
  func decrement(by amount: Double) { gauge.add(-amount) }
  func record(_ value: Int64) { gauge.set(Double(value)) }
  func record(_ value: Double) { gauge.set(value) }
}

private final class HistogramAdapter: RecorderHandler, TimerHandler {
  let histogram: HistogramMetric

  init(histogram: HistogramMetric) {
    self.histogram = histogram
  }

  func record(_ value: Int64) { histogram.observe(Double(value)) }
  func record(_ value: Double) { histogram.observe(value) }
  func recordNanoseconds(_ duration: Int64) { histogram.observe(Double(duration) / 1e9) }
  // Prometheus has base units only.
  func preferDisplayUnit(_ unit: TimeUnit) {}
}
