import Curl
import DeskCore
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import ServiceLifecycle
import SystemPrimitives
import TestService
import Testing
import Tracing
import Wire

@testable import HTTPService
@testable import Observability
@testable import ServiceHealth
@testable import ServiceProcess

@Suite(.timeLimit(.minutes(1))) struct OTLPExporterTests {
  /// A clock that only `sleep` and the test advance.
  private final class Clock: Sendable {
    private let state = PthreadMutex<(now: ContinuousClock.Instant, sleeps: [Duration])>((.now, []))

    var now: ContinuousClock.Instant { state.withLock { $0.now } }
    var sleeps: [Duration] { state.withLock { $0.sleeps } }

    func advance(_ duration: Duration) { state.withLock { $0.now += duration } }

    func sleep(_ duration: Duration) {
      state.withLock { state in
        state.now += duration
        state.sleeps.append(duration)
      }
    }
  }

  private static let quiet = Logger.silent

  private let metrics = MetricsRegistry()
  private let clock = Clock()
  private let spans: SpanBuffer
  private let tracer: FrontdeskTracer

  init() {
    spans = SpanBuffer(metrics: metrics)
    tracer = FrontdeskTracer(spans: spans)
  }

  private func exporter(to url: String) throws -> OTLPExporter {
    OTLPExporter(
      target: OTLPExporter.Target(endpoint: url, service: "frontdesk-test", version: "1.2", instance: "i-1"),
      spans: spans, client: try HTTPClient(), metrics: metrics, logger: Self.quiet, now: { [clock] in clock.now },
      sleep: { [clock] in clock.sleep($0) })
  }

  private func end(_ count: Int) {
    for number in 0..<count { tracer.startSpan("work \(number)", context: .topLevel).end() }
  }

  private func counts(_ line: String) -> Bool { metrics.render().contains("frontdesk_trace_spans_\(line)\n") }

  @Test func aBatchIsSentWhenItIsFullOrHasWaited() async throws {
    try await Collector.with { collector in
      let exporter = try exporter(to: collector.url)
      end(TracingBounds.spansPerBatch + 1)
      #expect(try await exporter.round() == .regular)
      #expect(try await exporter.round() == .regular)
      #expect(try collector.received.map { try $0.spans.count } == [TracingBounds.spansPerBatch])
      clock.advance(TracingBounds.longestWait)
      _ = try await exporter.round()
      #expect(try collector.received.map { try $0.spans.count } == [TracingBounds.spansPerBatch, 1])
      clock.advance(TracingBounds.longestWait)
      _ = try await exporter.round()
      #expect(collector.received.count == 2)
      #expect(counts("exported_total \(TracingBounds.spansPerBatch + 1)"))
    }
  }

  @Test func spansOfRequestsNameTheRouteAndNothingOfTheCustomer() async throws {
    let secret = "Geheimwort"
    let router = Router()
    router.add(middleware: TraceMiddleware())
    router.add(middleware: ProblemMiddleware())
    router.post("/tickets/{id}") { request, _ in
      _ = try await request.body.collect(upTo: 1 << 10)
      let traceparent = TraceContext.current?.traceparent
      FrontdeskTracer.current.withSpans("decide", in: [traceparent], ofKind: .consumer, attributes: ["n": 1]) {}
      return "done"
    }
    let sender = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    try await Collector.with { collector in
      let exporter = try exporter(to: collector.url)
      try await withTracer(tracer) {
        try await LoopbackServer.with(router) { port in
          let client = try HTTPClient()
          for path in ["/tickets/\(secret)?name=\(secret)", "/\(secret)"] {
            _ = try await client.send(
              HTTPClient.Request(
                method: "POST", url: "http://127.0.0.1:\(port)\(path)",
                headers: ["traceparent": sender, "user-agent": secret, "x-customer": secret], body: Array(secret.utf8)))
          }
        }
      }
      clock.advance(TracingBounds.longestWait)
      _ = try await exporter.round()
      let received = try #require(collector.received.first)
      #expect(received.contentType == "application/x-protobuf")
      #expect(Data(received.body).range(of: Data(secret.utf8)) == nil)
      let resource = try #require(try received.request.resourceSpans.first).resource
      #expect(
        resource.attributes.map { "\($0.key)=\($0.value.stringValue)" } == [
          "service.name=frontdesk-test", "service.version=1.2", "service.instance.id=i-1",
        ])
      let spans = try received.spans
      let byName = Dictionary(spans.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
      #expect(Set(byName.keys) == ["decide", "POST /tickets/{id}", "HTTP POST"])
      let request = try #require(byName["POST /tickets/{id}"])
      let decision = try #require(byName["decide"])
      #expect(
        request.traceID.map { String($0, radix: 16) }.joined(separator: " ")
          == "a f7 65 19 16 cd 43 dd 84 48 eb 21 1c 80 31 9c")
      #expect(request.parentSpanID.map { String($0, radix: 16) }.joined(separator: " ") == "b7 ad 6b 71 69 20 33 31")
      #expect(decision.traceID == request.traceID && decision.parentSpanID == request.spanID)
      #expect(request.kind == .server && decision.kind == .consumer)
      #expect(spans.allSatisfy { $0.startTimeUnixNano > 0 && $0.endTimeUnixNano >= $0.startTimeUnixNano })
      #expect(request.attributes.map(\.key) == ["http.request.method", "http.response.status_code", "http.route"])
      #expect(request.attributes.map(\.value.intValue) == [0, 200, 0])
      #expect(request.attributes.map(\.value.stringValue) == ["POST", "", "/tickets/{id}"])
      #expect(byName["HTTP POST"]?.attributes.map(\.value.intValue) == [0, 404])
      #expect(request.flags == 1 && !request.hasStatus)
    }
  }

  @Test func anOverloadedCollectorGetsTheSameSpansAfterThePauseItAskedFor() async throws {
    try await Collector.with([.init(status: .serviceUnavailable, retryAfter: "7")]) { collector in
      let exporter = try exporter(to: collector.url)
      end(3)
      clock.advance(TracingBounds.longestWait)
      await #expect(throws: OTLPExportError.unavailable(reason: "status 503")) { try await exporter.round() }
      #expect(clock.sleeps == [])
      end(1)
      _ = try await exporter.round()
      #expect(clock.sleeps == [.seconds(7)])
      let names = try collector.received.map { try $0.spans.map(\.name) }
      #expect(names == [["work 0", "work 1", "work 2"], ["work 0", "work 1", "work 2"]])
      #expect(counts("exported_total 3") && spans.count == 1)
    }
  }

  @Test func pausesGrowWhileTheCollectorDoesNotListen() async throws {
    // Nothing listens on the discard port of the loopback.
    let exporter = try exporter(to: "http://127.0.0.1:9")
    end(1)
    clock.advance(TracingBounds.longestWait)
    for _ in 0..<9 {
      await #expect(throws: OTLPExportError.self) { try await exporter.round() }
    }
    #expect(clock.sleeps.count == 8)
    for (index, pause) in clock.sleeps.enumerated() {
      let full = min(TracingBounds.firstPause * (1 << index), TracingBounds.longestPause)
      #expect(pause >= full / 2 && pause <= full)
    }
    #expect(counts("exported_total 0"))
  }

  @Test func refusedSpansAreDroppedAndCounted() async throws {
    try await Collector.with([.init(status: .badRequest), .init(rejected: 2)]) { collector in
      let exporter = try exporter(to: collector.url)
      end(4)
      clock.advance(TracingBounds.longestWait)
      await #expect(throws: OTLPExportError.refused(status: 400)) { try await exporter.round() }
      #expect(counts("dropped_total{reason=\"refused\"} 4"))
      end(3)
      clock.advance(TracingBounds.longestWait)
      _ = try await exporter.round()
      #expect(counts("dropped_total{reason=\"refused\"} 6") && counts("exported_total 1"))
    }
  }

  /// Begins after the exporter and reports that shutdown may begin.
  private struct Begun: Service {
    let report: AsyncStream<Void>.Continuation

    func run() async throws {
      report.yield()
      try await gracefulShutdown()
    }
  }

  @Test func drainingExportsWhatIsLeft() async throws {
    try await Collector.with { collector in
      end(TracingBounds.spansPerBatch + 2)
      let (begun, report) = AsyncStream.makeStream(of: Void.self)
      let group = ServiceGroup(
        configuration: ServiceGroupConfiguration(
          services: [
            .init(service: try exporter(to: collector.url), successTerminationBehavior: .ignore),
            .init(service: Begun(report: report), successTerminationBehavior: .ignore),
          ], logger: Self.quiet))
      async let running: Void = group.run()
      for await _ in begun { break }
      await group.triggerGracefulShutdown()
      try await running
      #expect(try collector.received.reduce(0) { try $0 + $1.spans.count } >= TracingBounds.spansPerBatch + 2)
      #expect(spans.count == 0 && counts("dropped_total{reason=\"shutdown\"} 0"))
    }
  }

  @Test func whatCannotBeExportedAtTheEndIsCounted() async throws {
    try await Collector.with([.init(status: .serviceUnavailable)]) { collector in
      let exporter = try exporter(to: collector.url)
      end(TracingBounds.spansPerBatch + 2)
      await exporter.flush()
      #expect(collector.received.count == 1 && spans.count == 0)
      #expect(counts("dropped_total{reason=\"shutdown\"} \(TracingBounds.spansPerBatch + 2)"))
    }
  }

  @Test func longTextsAreCutAtCharacters() throws {
    let span = tracer.startSpan(String(repeating: "客", count: 100), context: .topLevel)
    span.attributes["text"] = String(repeating: "a", count: 1000)
    span.end()
    let encoded = OTLPSpan(try #require(spans.take(1).first))
    #expect(encoded.name == String(repeating: "客", count: TracingBounds.textBytes / 3))
    #expect(encoded.attributes.first?.value.stringValue.utf8.count == TracingBounds.textBytes)
  }

  @Test func tooManyAttributesAreLeftOutAndCounted() throws {
    let span = tracer.startSpan("work", context: .topLevel)
    for number in 0..<TracingBounds.attributesPerSpan + 3 { span.attributes["a\(number)"] = number }
    span.attributes["list"] = [1, 2]
    span.end()
    let encoded = OTLPSpan(try #require(spans.take(1).first))
    #expect(encoded.attributes.count == TracingBounds.attributesPerSpan && encoded.droppedAttributesCount == 4)
  }
}
