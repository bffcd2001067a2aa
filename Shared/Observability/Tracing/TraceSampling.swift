/// Decides which new traces are recorded. A trace that comes from elsewhere keeps the decision of its origin.
public struct TraceSampling: Sendable, Hashable {
  /// The share of new traces that is recorded, 0 to 1.
  public let share: Double

  /// - Parameter share: 0 to 1; 1 records every trace.
  public init(share: Double = 1) {
    precondition((0...1).contains(share), "a share is from 0 to 1")
    self.share = share
  }

  /// A new trace. The decision depends only on the identifier's last seven bytes, which are random (W3C Trace Context, section 4.2).
  public func root(using generator: inout some RandomNumberGenerator) -> TraceContext {
    let root = TraceContext.root(isSampled: true, using: &generator)
    guard share < 1 else { return root }
    let part = Double(UInt64(truncatingIfNeeded: root.traceID) & (1 << 56 - 1)) / Double(1 << 56 as UInt64)
    return part < share ? root : root.unsampled
  }
}

extension TraceContext {
  /// The same context, not to be recorded.
  fileprivate var unsampled: TraceContext {
    TraceContext(traceID: traceID, spanID: spanID, isSampled: false) ?? self
  }
}
