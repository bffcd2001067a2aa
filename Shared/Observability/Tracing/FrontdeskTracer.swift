internal import Store
internal import SystemPrimitives
public import Tracing

/// Starts spans and carries their W3C trace context into and out of messages. The process's tracer for swift-distributed-tracing.
///
/// Without a buffer it records nothing, but contexts still travel, so that logs and rows name the trace.
public final class FrontdeskTracer: Tracer {
  /// A tracer that records nothing, for processes that have set up none.
  private static let idle = FrontdeskTracer()

  private let sampling: TraceSampling
  private let spans: SpanBuffer?

  /// - Parameter spans: receives the ended spans of sampled traces; nil records nothing.
  public init(sampling: TraceSampling = TraceSampling(), spans: SpanBuffer? = nil) {
    self.sampling = sampling
    self.spans = spans
  }

  /// The tracer that the process or the task was given.
  public static var current: FrontdeskTracer { InstrumentationSystem.instrument as? FrontdeskTracer ?? idle }

  /// Whether spans of sampled traces are recorded.
  public var isRecording: Bool { spans != nil }

  // MARK: - Spans

  /// Starts a span as a child of the context's trace, or as the first of a new trace.
  public func startSpan<Instant: TracerInstant>(
    _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
    at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
  ) -> TraceSpan {
    var context = context()
    var random = SystemRandom()
    let parent = context.trace
    let trace = parent?.child(using: &random) ?? sampling.root(using: &random)
    context.trace = trace
    guard let spans, trace.isSampled else { return TraceSpan(context: context, record: nil) }
    return TraceSpan(
      context: context,
      record: SpanRecord(
        operationName, trace, parent: parent, kind: kind, start: instant().nanosecondsSinceEpoch, spans: spans))
  }

  /// Runs work on many messages, with a span in each sampled trace that they belong to.
  ///
  /// A batch belongs to many traces, and a span to one: each trace gets the span of the whole batch, so that none misses a step. When
  /// nothing is recorded it costs no more than looking at the flags.
  ///
  /// - Parameters:
  ///   - traceparents: the messages' trace contexts; nil and malformed ones are skipped.
  ///   - attributes: of every span; see `TraceSpan` for what must not be in them.
  public func withSpans<Outcome>(
    _ operationName: String, in traceparents: some Sequence<String?>, ofKind kind: SpanKind,
    attributes: @autoclosure () -> SpanAttributes = [:], _ operation: () async throws -> Outcome
  ) async rethrows -> Outcome {
    let spans = startSpans(operationName, in: traceparents, ofKind: kind, attributes())
    guard !spans.isEmpty else { return try await operation() }
    defer { spans.end() }
    do {
      return try await operation()
    } catch {
      for span in spans { span.recordError(error) }
      throw error
    }
  }

  /// The same for work that does not wait.
  public func withSpans<Outcome>(
    _ operationName: String, in traceparents: some Sequence<String?>, ofKind kind: SpanKind,
    attributes: @autoclosure () -> SpanAttributes = [:], _ operation: () throws -> Outcome
  ) rethrows -> Outcome {
    let spans = startSpans(operationName, in: traceparents, ofKind: kind, attributes())
    guard !spans.isEmpty else { return try operation() }
    defer { spans.end() }
    do {
      return try operation()
    } catch {
      for span in spans { span.recordError(error) }
      throw error
    }
  }

  private func startSpans(
    _ name: String, in traceparents: some Sequence<String?>, ofKind kind: SpanKind,
    _ attributes: @autoclosure () -> SpanAttributes
  ) -> [TraceSpan] {
    guard isRecording else { return [] }
    var parents: Set<TraceContext> = []
    for case let traceparent? in traceparents where Traceparent.isSampled(traceparent) {
      if let parent = TraceContext(traceparent: traceparent) { parents.insert(parent) }
    }
    guard !parents.isEmpty else { return [] }
    let attributes = attributes()
    let start = DefaultTracerClock.now
    return parents.map { parent in
      let span = startSpan(name, context: ServiceContext(parent), ofKind: kind, at: start)
      span.attributes = attributes
      return span
    }
  }

  // MARK: - Propagation

  public func extract<Carrier, Extract: Extractor>(
    _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
  ) where Extract.Carrier == Carrier {
    guard let text = extractor.extract(key: TraceContext.headerName, from: carrier) else { return }
    if let trace = TraceContext(traceparent: text) { context.trace = trace }
  }

  public func inject<Carrier, Inject: Injector>(
    _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
  ) where Inject.Carrier == Carrier {
    guard let trace = context.trace else { return }
    injector.inject(trace.traceparent, forKey: TraceContext.headerName, into: &carrier)
  }

  /// Nothing: the exporter exports what is left when the process drains.
  public func forceFlush() {}
}
