internal import DequeModule
internal import SystemPrimitives

/// The finished spans that wait for their export. When it is full, further spans are dropped and counted: tracing never slows work down.
public final class SpanBuffer: Sendable {
  private let capacity: Int
  private let waiting = PthreadMutex<Deque<FinishedSpan>>([])
  private let dropped: CounterMetric

  /// - Parameter capacity: the maximum number of waiting spans.
  public init(metrics: MetricsRegistry, capacity: Int = TracingBounds.spansWaiting) {
    precondition(capacity > 0, "a buffer of spans has room")
    self.capacity = capacity
    dropped = ExportMetrics.dropped(.full, in: metrics)
  }

  package var count: Int { waiting.withLock { $0.count } }

  func add(_ span: FinishedSpan) {
    let isFull = waiting.withLock { waiting in
      if waiting.count >= capacity { return true }
      waiting.append(span)
      return false
    }
    if isFull { dropped.increment() }
  }

  /// Removes the oldest spans.
  package func take(_ limit: Int) -> [FinishedSpan] {
    waiting.withLock { waiting in
      let taken = Array(waiting.prefix(limit))
      waiting.removeFirst(taken.count)
      return taken
    }
  }
}

/// The counters of the export.
package enum ExportMetrics {
  package enum DropReason: String {
    /// The buffer was full.
    case full
    /// The collector does not accept them.
    case refused
    /// The process stopped before they could be exported.
    case shutdown
  }

  package static func dropped(_ reason: DropReason, in metrics: MetricsRegistry) -> CounterMetric {
    metrics.counter(
      "frontdesk_trace_spans_dropped_total", help: "Spans that were not exported, by reason.",
      labels: ["reason": reason.rawValue])
  }

  package static func exported(in metrics: MetricsRegistry) -> CounterMetric {
    metrics.counter("frontdesk_trace_spans_exported_total", help: "Spans that the collector has accepted.")
  }
}
