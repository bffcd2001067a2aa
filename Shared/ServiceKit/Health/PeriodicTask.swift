public import Logging
internal import ServiceLifecycle

/// The loop of a service's periodic work: monitored rounds with pauses between them, until the process shuts down.
///
/// ```swift
/// let reclaiming = WatchedTask("reply_reclaimer")
/// await PeriodicTask(reclaiming, every: .seconds(5), logger: logger).run {
///   try await runOnce() == limit ? .none : .regular
/// }
/// ```
///
/// A round that fails is recorded by its `WatchedTask`, and is repeated after a pause that grows while rounds keep failing.
public struct PeriodicTask: Sendable {
  /// What a round asks to happen next.
  public enum Pause: Sendable, Equatable {
    /// More work is waiting: the next round follows at once.
    case none
    /// The task's own interval.
    case regular
    /// This long.
    case of(Duration)
  }

  private let watched: WatchedTask
  private let interval: Duration
  private let logger: Logger

  /// - Parameters:
  ///   - interval: the regular pause between two rounds. More than zero.
  public init(_ watched: WatchedTask, every interval: Duration, logger: Logger) {
    self.watched = watched
    self.interval = interval
    self.logger = logger
  }

  /// Runs rounds until a graceful shutdown begins or the task is cancelled.
  public func run(_ round: @escaping @Sendable () async throws -> Pause) async {
    await cancelWhenGracefulShutdown {
      var pauses = PeriodicPauses(interval: interval)
      var random = SystemRandom()
      while !Task.isCancelled {
        let asked = await watched.attempt(logger, round)
        let pause = pauses.next(after: asked, using: &random)
        if pause > .zero { try? await Task.sleep(for: pause) }
      }
    }
  }
}

/// The pauses of a periodic task. Pure: randomness is an argument.
///
/// Each pause varies by a tenth, so that processes that started together do not work in step. After failures it doubles, from the interval
/// up to `TaskBounds.longestBackOff`; an interval longer than that stays as it is.
struct PeriodicPauses: Sendable, Equatable {
  private let interval: Duration
  private var failures = 0

  init(interval: Duration) {
    precondition(interval > .zero, "a periodic task pauses between its rounds")
    self.interval = interval
  }

  /// - Parameter asked: what the round asked for; nil when it failed.
  mutating func next(after asked: PeriodicTask.Pause?, using random: inout some RandomNumberGenerator) -> Duration {
    failures = asked == nil ? min(failures + 1, TaskBounds.backOffDoublings + 1) : 0
    let pause: Duration
    switch asked {
    case nil: pause = max(interval, min(interval * (1 << (failures - 1)), TaskBounds.longestBackOff))
    case .some(.none): return .zero
    case .regular: pause = interval
    case .of(let duration): pause = duration
    }
    return pause * Double.random(in: 0.9...1.1, using: &random)
  }
}
