/// The state of a sink at one point in time, for metrics and operators.
public struct WorkSinkSnapshot: Equatable, Sendable {
  /// Upstream instances that the sink is configured to serve.
  public var upstreamCount = 0
  /// Those of them with a link in use.
  public var readyUpstreamCount = 0
  /// Items that the service holds.
  public var heldCount = 0
  /// Items granted and not yet received.
  public var creditCount = 0
  /// Since the start: received items, without those already held.
  public var receivedTotal = 0
  /// Since the start: items received again while they were held.
  public var duplicateTotal = 0
  /// Since the start: finished items.
  public var doneTotal = 0
  /// Since the start: items handed back.
  public var refusedTotal = 0
  /// Since the start: reconnections after silence or an invalid message.
  public var reconnectTotal = 0
}
