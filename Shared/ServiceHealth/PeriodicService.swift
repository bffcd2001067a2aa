public import Store

/// A service whose whole work is one periodic task: it describes the task and does one round.
///
/// ```swift
/// struct ReplyReclaimer: PeriodicService {
///   let task = WatchedTask("reply_reclaimer")
///   var periodic: PeriodicTask { PeriodicTask(task, every: .seconds(5), logger: logger) }
///   func round() async throws -> PeriodicTask.Pause { try await reclaim() == limit ? .none : .regular }
/// }
/// ```
public protocol PeriodicService: WatchedService {
  /// The task's name, interval, back-off and wake-up signal. Always of the same `WatchedTask`, which records its failures.
  var periodic: PeriodicTask { get }

  /// Does the work of one round.
  /// - Returns: when the next round should follow.
  /// - Throws: what went wrong, which the task records; the round is repeated after the task's back-off.
  func round() async throws -> PeriodicTask.Pause
}

extension PeriodicService {
  /// The one task.
  public var tasks: [WatchedTask] { [periodic.watched] }

  /// Runs rounds until a graceful shutdown begins or the service is cancelled.
  public func run() async throws {
    await periodic.run { try await round() }
  }
}

/// A service whose whole work is one periodic task that only the leader does. See `PeriodicService`.
public protocol LeaderService: WatchedService {
  /// The task's name, interval, back-off and wake-up signal. Always of the same `WatchedTask`, which records its failures.
  var periodic: PeriodicTask { get }

  /// Whether this process leads.
  var leadership: Leadership { get }

  /// Does the work of one round.
  /// - Parameter fence: for the round's writes.
  /// - Returns: when the next round should follow.
  /// - Throws: what went wrong, which the task records; the round is repeated after the task's back-off.
  func round(fencedBy fence: Fence) async throws -> PeriodicTask.Pause

  /// Discards what only the leader shows. Called at each check that finds another process leading, and at the end; does nothing by default.
  func standBy() async
}

extension LeaderService {
  /// The one task.
  public var tasks: [WatchedTask] { [periodic.watched] }

  public func standBy() async {}

  /// Runs rounds while this process leads, until a graceful shutdown begins or the service is cancelled.
  public func run() async throws {
    await periodic.run(under: leadership, standBy: { await standBy() }) { try await round(fencedBy: $0) }
  }

  /// Runs one turn of the loop: a round if this process leads, otherwise `standBy`.
  @discardableResult
  public func runOnce() async -> PeriodicTask.Turn {
    await periodic.runOnce(under: leadership, standBy: { await standBy() }) { try await round(fencedBy: $0) }
  }
}
