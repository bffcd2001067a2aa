internal import ServiceHealth
public import ServiceLifecycle

/// Delays readiness until the links of a starting process stand, so that the first message after that is on its way at once.
///
/// No longer than `patience`: a process without a peer works too, through the database, and start scripts may wait for one process before
/// they start the next. Links that are lost later do not change readiness.
public struct LinkReadiness: Service {
  /// How long a process waits for its links.
  static let patience: Duration = .seconds(3)
  /// How often it looks.
  static let pause: Duration = .milliseconds(10)
  static let condition = "links"

  private let health: HealthState
  private let patience: Duration
  private let isUp: @Sendable () async -> Bool

  /// Declares the condition.
  /// - Parameter isUp: whether the links stand.
  init(
    health: HealthState, patience: Duration = LinkReadiness.patience, isUp: @escaping @Sendable () async -> Bool
  ) {
    self.health = health
    self.patience = patience
    self.isUp = isUp
    health.declare(Self.condition, reason: "links to the neighbouring services do not stand yet")
  }

  /// Looks until they stand, or for as long as its patience.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      let end = ContinuousClock.now + patience
      while await !isUp(), ContinuousClock.now < end, (try? await Task.sleep(for: Self.pause)) != nil {}
      health.hold(Self.condition)
    }
  }
}
