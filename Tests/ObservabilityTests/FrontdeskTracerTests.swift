import DeskCore
import Testing
import Tracing

@testable import Observability

@Suite struct FrontdeskTracerTests {
  private struct Failure: Error, CustomStringConvertible {
    var description: String { "the customer wrote: secret words" }
  }

  private static let sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
  private static let unsampled = "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
  private static let other = "00-2af7651916cd43dd8448eb211c80319c-c7ad6b7169203331-01"

  private let metrics = MetricsRegistry()
  private let spans: SpanBuffer

  init() {
    spans = SpanBuffer(metrics: metrics)
  }

  private func context(_ traceparent: String) throws -> ServiceContext {
    let trace = try #require(TraceContext(traceparent: traceparent))
    return ServiceContext(trace)
  }

  @Test func aSpanIsAChildOfItsContext() throws {
    let parent = try #require(TraceContext(traceparent: Self.sampled))
    let tracer = FrontdeskTracer(spans: spans)
    let span = tracer.startSpan("work", context: ServiceContext(parent), ofKind: .client)
    span.attributes["n"] = 3
    #expect(spans.count == 0)
    span.end()
    span.end()
    let finished = spans.take(9)
    #expect(finished.count == 1)
    #expect(finished[0].trace == span.trace && finished[0].trace.traceID == parent.traceID)
    #expect(finished[0].parent == parent.spanID && finished[0].trace.spanID != parent.spanID)
    #expect(finished[0].kind == .client && finished[0].state.name == "work")
    #expect(finished[0].state.attributes.get("n") == .int64(3))
    #expect(finished[0].end >= finished[0].start)
  }

  @Test func aSpanWithoutContextBeginsATrace() {
    let span = FrontdeskTracer(spans: spans).startSpan("work", context: .topLevel)
    span.end()
    #expect(spans.take(9).map(\.parent) == [0])
  }

  @Test func anUnsampledTraceTravelsWithoutSpans() throws {
    let context = try context(Self.unsampled)
    let span = FrontdeskTracer(spans: spans).startSpan("work", context: context)
    #expect(!span.isRecording)
    span.end()
    #expect(span.trace?.traceIDText == "1af7651916cd43dd8448eb211c80319c" && span.trace?.isSampled == false)
    #expect(spans.count == 0)
  }

  @Test func withoutAnExporterContextsTravelToo() throws {
    let tracer = FrontdeskTracer()
    #expect(!tracer.isRecording)
    let context = try context(Self.sampled)
    let span = tracer.startSpan("work", context: context)
    #expect(!span.isRecording && span.trace?.isSampled == true)
  }

  @Test func aBatchHasOneSpanInEachSampledTrace() {
    let tracer = FrontdeskTracer(spans: spans)
    let traceparents = [Self.sampled, nil, Self.other, Self.unsampled, "junk", Self.sampled]
    let outcome = tracer.withSpans("batch", in: traceparents, ofKind: .consumer, attributes: ["n": 6]) { 7 }
    #expect(outcome == 7)
    let finished = spans.take(9)
    #expect(
      Set(finished.map(\.trace.traceIDText)) == [
        "0af7651916cd43dd8448eb211c80319c", "2af7651916cd43dd8448eb211c80319c",
      ])
    #expect(finished.count == 2 && finished.allSatisfy { $0.state.attributes.get("n") == .int64(6) })
    #expect(finished.allSatisfy { !$0.state.hasFailed })
  }

  @Test func errorsLeaveTheirKindAndNoText() async throws {
    let tracer = FrontdeskTracer(spans: spans)
    await #expect(throws: Failure.self) {
      try await tracer.withSpans("batch", in: [Self.sampled], ofKind: .consumer) { () async throws in throw Failure() }
    }
    let finished = try #require(spans.take(1).first)
    #expect(finished.state.hasFailed)
    #expect(finished.state.attributes.get("error.type") == .string("Failure"))
  }

  @Test func aFullBufferDropsAndCounts() {
    let small = SpanBuffer(metrics: metrics, capacity: 2)
    let tracer = FrontdeskTracer(spans: small)
    for _ in 0..<5 { tracer.startSpan("work", context: .topLevel).end() }
    #expect(small.count == 2)
    #expect(metrics.render().contains("frontdesk_trace_spans_dropped_total{reason=\"full\"} 3\n"))
  }

  @Test func theTaskTracerIsTheCurrentOne() {
    #expect(!FrontdeskTracer.current.isRecording)
    let tracer = FrontdeskTracer(spans: spans)
    withTracer(tracer) { #expect(FrontdeskTracer.current === tracer) }
  }

  // MARK: - Sampling

  @Test func theShareDecidesAboutNewTraces() {
    var random = SeededGenerator(seed: 3)
    let sampling = TraceSampling(share: 0.25)
    let sampled = (0..<4000).count { _ in sampling.root(using: &random).isSampled }
    #expect((800...1200).contains(sampled))
    #expect((0..<100).allSatisfy { _ in TraceSampling(share: 1).root(using: &random).isSampled })
    #expect((0..<100).allSatisfy { _ in !TraceSampling(share: 0).root(using: &random).isSampled })
  }

  @Test func theSendersDecisionOutranksTheShare() throws {
    let tracer = FrontdeskTracer(sampling: TraceSampling(share: 0), spans: spans)
    let context = try context(Self.sampled)
    #expect(tracer.startSpan("work", context: context).isRecording)
    #expect(!tracer.startSpan("work", context: .topLevel).isRecording)
  }
}
