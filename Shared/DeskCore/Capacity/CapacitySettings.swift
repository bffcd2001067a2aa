/// How the number of workers of one service follows its load.
public struct CapacitySettings: Hashable, Sendable {
  /// Workers that always run, at least one: nothing else would notice that work waits.
  public var base: Int
  /// The part of the base that is started at the first sign of pressure, at least one worker; 0.2 is a fifth.
  public var reserveShare: Double
  /// The largest number of workers, whatever the load. At least `base`.
  public var limit: Int
  /// How long the load must have been low before a worker is taken away.
  public var coolDown: Duration
  /// The shortest time between two such steps, each of one worker.
  public var stepPause: Duration
  /// How long waiting work may take to be done: more predicted lateness, or an older item, asks for workers.
  public var allowed: Duration
  /// The share of their time that workers should be busy, 0 to 1; more asks for workers.
  public var busyTarget: Double
  /// How long before a planned peak its workers are started.
  public var lead: Duration

  /// Creates settings. A base below one becomes one, and a limit below the base becomes the base.
  public init(
    base: Int, reserveShare: Double = 0.2, limit: Int, coolDown: Duration = .seconds(300),
    stepPause: Duration = .seconds(15), allowed: Duration = .seconds(10), busyTarget: Double = 0.7,
    lead: Duration = .seconds(120)
  ) {
    let base = max(1, base)
    self.base = base
    self.reserveShare = reserveShare
    self.limit = max(base, limit)
    self.coolDown = coolDown
    self.stepPause = stepPause
    self.allowed = allowed
    self.busyTarget = busyTarget
    self.lead = lead
  }

  /// The settings of a service without any in the policy.
  public static func usual(_ service: ElasticService) -> CapacitySettings {
    switch service {
    case .router: CapacitySettings(base: 2, limit: 8)
    case .classifier, .intake: CapacitySettings(base: 1, limit: 4)
    }
  }

  /// The workers of the reserve: the share of the base, at least one.
  public var reserve: Int { max(1, Int((Double(base) * reserveShare).rounded(.up))) }
}

/// The settings of elastic capacity in a policy.
public struct CapacityPolicy: Hashable, Sendable {
  // Only those that differ from the usual ones, so that policies without the section are equal.
  private var changed: [ElasticService: CapacitySettings] = [:]

  /// The usual settings.
  public init() {}

  /// The settings of a service.
  public subscript(service: ElasticService) -> CapacitySettings {
    get { changed[service] ?? .usual(service) }
    set { changed[service] = newValue == .usual(service) ? nil : newValue }
  }
}
