/// The preconditions for accepting work, as a value: named conditions, each with the reason why it does not hold.
///
/// A condition with a grace period that has once held and then fails is tolerated for the grace period, so that a short blip of
/// the database does not take every replica out of service at once.
public struct Readiness: Sendable {
  /// The current state of a condition.
  public struct Condition: Sendable, Equatable {
    /// Nil while it holds.
    public var reason: String?
    /// How long a failure is tolerated.
    public var grace: Duration
    /// When the current failure began.
    public var failingSince: ContinuousClock.Instant?
    /// Whether it has ever held; before that no failure is tolerated.
    public var hasHeld = false
  }

  /// The readiness as reported to probes.
  public struct Report: Sendable, Equatable, Encodable {
    /// One condition.
    public struct Line: Sendable, Equatable, Encodable {
      public var name: String
      /// `ready`, `overlooked` (failing within its grace period) or `failing`.
      public var state: String
      public var reason: String?
    }

    public var ready: Bool
    public var conditions: [Line]
  }

  private var conditions: [String: Condition] = [:]
  private var drainingReason: String?

  /// Without conditions, ready.
  public init() {}

  /// Adds a condition that does not hold yet.
  public mutating func declare(_ name: String, reason: String = "starting", grace: Duration = .zero) {
    conditions[name] = Condition(reason: reason, grace: grace)
  }

  /// The condition holds. An undeclared one is declared by this.
  public mutating func hold(_ name: String) {
    var condition = conditions[name] ?? Condition(grace: .zero)
    condition.reason = nil
    condition.failingSince = nil
    condition.hasHeld = true
    conditions[name] = condition
  }

  /// The condition does not hold. A continuing failure keeps its start time.
  public mutating func fail(_ name: String, reason: String, now: ContinuousClock.Instant) {
    var condition = conditions[name] ?? Condition(grace: .zero)
    condition.reason = reason
    condition.failingSince = condition.failingSince ?? now
    conditions[name] = condition
  }

  /// Makes the process permanently not ready, whatever else holds.
  public mutating func drain(reason: String) {
    drainingReason = reason
  }

  /// Whether `drain` was called.
  public var isDraining: Bool { drainingReason != nil }

  /// Evaluates all conditions, by name.
  public func report(now: ContinuousClock.Instant) -> Report {
    var lines = conditions.sorted { $0.key < $1.key }.map { name, condition in
      Report.Line(name: name, state: Self.state(condition, now), reason: condition.reason)
    }
    if let drainingReason { lines.append(Report.Line(name: "draining", state: "failing", reason: drainingReason)) }
    return Report(ready: lines.allSatisfy { $0.state != "failing" }, conditions: lines)
  }

  private static func state(_ condition: Condition, _ now: ContinuousClock.Instant) -> String {
    guard condition.reason != nil else { return "ready" }
    guard condition.hasHeld, let since = condition.failingSince, now - since < condition.grace else { return "failing" }
    return "overlooked"
  }
}
