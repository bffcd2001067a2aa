public import Curl
internal import DeskCore
internal import Foundation
public import Logging
public import Observability
public import ServiceHealth
internal import SwiftProtobuf
internal import SystemPrimitives
internal import Wire

/// Why spans could not be exported. Never contains what the collector sent.
enum OTLPExportError: Error, Equatable, CustomStringConvertible {
  /// They stay and are sent again: an overloaded collector, or one that is not there.
  case unavailable(reason: String)
  /// They are dropped, because sending them again would not help.
  case refused(status: Int)

  var description: String {
    switch self {
    case .unavailable(let reason): "the collector is not available: \(reason)"
    case .refused(let status): "the collector refuses the spans with status \(status)"
    }
  }
}

/// Sends finished spans to an OpenTelemetry collector: OTLP over HTTP with protobuf bodies.
///
/// A batch is sent when it is full, or after `TracingBounds.longestWait`. A batch that cannot be sent is kept and sent again, with growing
/// pauses or the one that the collector asks for; meanwhile the buffer fills and drops what it cannot hold. When the process drains,
/// what is left is sent once.
public actor OTLPExporter: WatchedService {
  /// Where the spans go and whose they are.
  public struct Target: Sendable {
    /// The collector's address, with the path.
    let url: String
    let origin: OTLPExportRequest.Origin

    /// - Parameters:
    ///   - endpoint: the collector's base URL, such as `http://127.0.0.1:4318`.
    ///   - service: the program, such as `frontdesk-router`.
    public init(endpoint: String, service: String, version: String, instance: String) {
      url = (endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint) + "/v1/traces"
      origin = OTLPExportRequest.Origin(service: service, version: version, instance: instance)
    }
  }

  private let target: Target
  private let spans: SpanBuffer
  private let client: HTTPClient
  private let logger: Logger
  private let now: @Sendable () -> ContinuousClock.Instant
  private let sleep: @Sendable (Duration) async throws -> Void
  private let exported: CounterMetric
  private let refused: CounterMetric
  private let lost: CounterMetric
  private nonisolated let task = WatchedTask("span_export")
  private var pacing = RetryPacing(
    ExponentialBackOff(from: TracingBounds.firstPause, upTo: TracingBounds.longestPause),
    longestAsked: TracingBounds.longestAskedPause)
  /// A batch that was taken from the buffer and not accepted yet.
  private var pending: [FinishedSpan] = []
  private var lastTaken: ContinuousClock.Instant

  /// - Parameters:
  ///   - client: shut down after the last export.
  ///   - now: the clock, for tests, like `sleep`.
  public init(
    target: Target, spans: SpanBuffer, client: HTTPClient, metrics: MetricsRegistry, logger: Logger,
    now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
  ) {
    self.target = target
    self.spans = spans
    self.client = client
    self.logger = logger
    self.now = now
    self.sleep = sleep
    exported = ExportMetrics.exported(in: metrics)
    refused = ExportMetrics.dropped(.refused, in: metrics)
    lost = ExportMetrics.dropped(.shutdown, in: metrics)
    lastTaken = now()
  }

  public nonisolated var tasks: [WatchedTask] { [task] }

  /// Exports until shutdown begins, then what is left.
  public func run() async throws {
    await PeriodicTask(task, every: TracingBounds.pollingPause, logger: logger).run { try await self.round() }
    await flush()
    await client.shutDown()
  }

  /// Exports at most one batch, if one is due.
  func round() async throws -> PeriodicTask.Pause {
    let pause = pacing.pause(at: now())
    if pause > .zero { try await sleep(pause) }
    if pending.isEmpty {
      guard spans.count >= TracingBounds.spansPerBatch || now() - lastTaken >= TracingBounds.longestWait else {
        return .regular
      }
      take()
    }
    guard !pending.isEmpty else { return .regular }
    try await export(within: TracingBounds.requestTime)
    return spans.count >= TracingBounds.spansPerBatch ? .none : .regular
  }

  private func take() {
    pending = spans.take(TracingBounds.spansPerBatch)
    lastTaken = now()
  }

  /// Sends everything that is left, until the first failure. The rest is lost.
  func flush() async {
    let deadline = now() + TracingBounds.drainTime
    repeat {
      if pending.isEmpty { take() }
      let left = deadline - now()
      guard !pending.isEmpty, left > .zero else { break }
      do {
        try await task.note(logger) { try await export(within: left) }
      } catch {
        break
      }
    } while true
    var count = pending.count
    pending = []
    while case let rest = spans.take(TracingBounds.spansPerBatch), !rest.isEmpty { count += rest.count }
    guard count > 0 else { return }
    lost.increment(by: Double(count))
    logger.warning("spans were not exported before the process stopped", metadata: ["spans": "\(count)"])
  }

  /// Sends the pending batch.
  private func export(within timeout: Duration) async throws {
    let response: HTTPClient.Response
    do {
      response = try await client.send(
        HTTPClient.Request(
          method: "POST", url: target.url, headers: ["content-type": "application/x-protobuf"],
          body: OTLPExportRequest(pending, from: target.origin).serializedBytes(), timeout: timeout,
          maximumResponseBytes: TracingBounds.answerBytes))
    } catch let error as HTTPClientError {
      throw failed(.unavailable(reason: "\(error.code)"), asked: nil)
    }
    switch response.status {
    case 200..<300:
      // A full success has an empty body. One that cannot be read is a success as well: the spans have arrived.
      let answer = try? OTLPExportResponse(serializedBytes: response.body)
      let rejected = min(max(0, Int(clamping: answer?.partialSuccess.rejectedSpans ?? 0)), pending.count)
      exported.increment(by: Double(pending.count - rejected))
      refused.increment(by: Double(rejected))
      pending = []
      pacing.succeed()
    case 429, 502, 503, 504:
      let asked = response.headers["Retry-After"].flatMap {
        RetryAfter.pause($0, now: Self.wallClock, upTo: TracingBounds.longestAskedPause)
      }
      throw failed(.unavailable(reason: "status \(response.status)"), asked: asked)
    default:
      refused.increment(by: Double(pending.count))
      pending = []
      throw failed(.refused(status: response.status), asked: nil)
    }
  }

  private func failed(_ error: OTLPExportError, asked: Duration?) -> OTLPExportError {
    var random = SystemRandom()
    pacing.fail(askedFor: asked, at: now(), using: &random)
    return error
  }

  private static var wallClock: Instant {
    Instant(seconds: Int64(Date().timeIntervalSince1970))
  }
}
