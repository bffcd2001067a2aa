internal import Store
internal import SystemPrimitives
public import Tracing

/// One step of work in a trace, from its start until `end()`.
///
/// A span of a trace that is not sampled holds its context and nothing else, so that it costs as little as the context. Attributes say what
/// kind of work it was and how much: never identifiers, paths, header values or anything a customer wrote. Events and links are not
/// recorded: work on a batch has a span in each of its traces instead.
public struct TraceSpan: Span {
  public let context: ServiceContext
  /// Nil when the span is not recorded.
  let record: SpanRecord?

  /// The span's trace context, whose `spanID` is this span.
  public var trace: TraceContext? { context.trace }

  public var isRecording: Bool { record != nil }

  public var operationName: String {
    get { record?.read(\.name) ?? "" }
    nonmutating set { record?.update { $0.name = newValue } }
  }

  public var attributes: SpanAttributes {
    get { record?.read(\.attributes) ?? [:] }
    nonmutating set { record?.update { $0.attributes = newValue } }
  }

  /// The message is ignored: it may quote data.
  public func setStatus(_ status: SpanStatus) {
    record?.update { $0.hasFailed = status.code == .error }
  }

  /// Ignored, see above.
  public func addEvent(_ event: SpanEvent) {}

  /// Marks the span as failed and records the kind of the error, without any data; the attributes are ignored.
  public func recordError<Instant: TracerInstant>(
    _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
  ) {
    record?.update { state in
      state.hasFailed = true
      state.attributes["error.type"] = FailureKind.of(error)
    }
  }

  /// Ignored, see above.
  public func addLink(_ link: SpanLink) {}

  /// Hands the span to the exporter. Only the first call has an effect.
  public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
    record?.end(at: instant().nanosecondsSinceEpoch)
  }
}

extension SpanAttributes {
  /// How many messages a batch has, by the name that OpenTelemetry gives it.
  public static func messages(_ count: Int) -> SpanAttributes {
    ["messaging.batch.message_count": .int(Int64(count))]
  }
}

extension [TraceSpan] {
  /// Ends all of them.
  func end() {
    for span in self { span.end() }
  }
}

/// A span that has ended.
package struct FinishedSpan: Sendable, Equatable {
  package let trace: TraceContext
  /// Zero for the first span of a trace.
  package let parent: UInt64
  package let kind: SpanKind
  package let start: UInt64
  /// Nanoseconds since 1970, like `start`, and not before it.
  package let end: UInt64
  package let state: SpanRecord.State
}

/// What is recorded of a span in progress.
package final class SpanRecord: Sendable {
  package struct State: Sendable, Equatable {
    package var name: String
    package var attributes: SpanAttributes = [:]
    package var hasFailed = false
  }

  private let trace: TraceContext
  private let parent: UInt64
  private let kind: SpanKind
  private let start: UInt64
  private let spans: SpanBuffer
  /// Nil after the span has ended.
  private let state: PthreadMutex<State?>

  init(_ name: String, _ trace: TraceContext, parent: TraceContext?, kind: SpanKind, start: UInt64, spans: SpanBuffer) {
    self.trace = trace
    self.parent = parent?.spanID ?? 0
    self.kind = kind
    self.start = start
    self.spans = spans
    state = PthreadMutex(State(name: name))
  }

  func read<Value: Sendable>(_ part: (State) -> Value) -> Value? {
    state.withLock { $0.map(part) }
  }

  func update(_ change: (inout State) -> Void) {
    state.withLock { state in
      guard var changed = state else { return }
      change(&changed)
      state = changed
    }
  }

  func end(at end: UInt64) {
    let last = state.withLock { state in
      defer { state = nil }
      return state
    }
    guard let last else { return }
    spans.add(FinishedSpan(trace: trace, parent: parent, kind: kind, start: start, end: max(start, end), state: last))
  }
}
