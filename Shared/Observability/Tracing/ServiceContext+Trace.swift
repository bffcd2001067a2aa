public import Tracing

extension ServiceContext {
  private enum TraceKey: ServiceContextKey {
    typealias Value = TraceContext
    static var nameOverride: String? { "trace" }
  }

  /// The trace of the work; nil when it belongs to none.
  public var trace: TraceContext? {
    get { self[TraceKey.self] }
    set { self[TraceKey.self] = newValue }
  }

  /// A context of that trace and of nothing else.
  public init(_ trace: TraceContext?) {
    self = .topLevel
    self.trace = trace
  }
}
