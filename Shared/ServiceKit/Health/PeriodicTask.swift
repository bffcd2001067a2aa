internal import DeskCore
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
  private let longestBackOff: Duration
  private let logger: Logger

  /// - Parameters:
  ///   - interval: the regular pause between two rounds. More than zero.
  ///   - longestBackOff: the longest pause after failed rounds; one that is not longer than the interval keeps the interval. For rounds
  ///     that others wait for, such as heartbeats.
  public init(
    _ watched: WatchedTask, every interval: Duration, longestBackOff: Duration = TaskBounds.longestBackOff,
    logger: Logger
  ) {
    self.watched = watched
    self.interval = interval
    self.longestBackOff = longestBackOff
    self.logger = logger
  }

  /// Runs rounds until a graceful shutdown begins or the task is cancelled.
  public func run(_ round: @escaping @Sendable () async throws -> Pause) async {
    await cancelWhenGracefulShutdown {
      var pauses = PeriodicPauses(interval: interval, longestBackOff: longestBackOff)
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
/// up to the longest back-off; an interval longer than that stays as it is.
struct PeriodicPauses: Sendable, Equatable {
  private let interval: Duration
  private var backOff: ExponentialBackOff

  init(interval: Duration, longestBackOff: Duration = TaskBounds.longestBackOff) {
    precondition(interval > .zero, "a periodic task pauses between its rounds")
    self.interval = interval
    backOff = ExponentialBackOff(from: interval, upTo: max(interval, longestBackOff), jitter: TaskBounds.backOffJitter)
  }

  /// - Parameter asked: what the round asked for; nil when it failed.
  mutating func next(after asked: PeriodicTask.Pause?, using random: inout some RandomNumberGenerator) -> Duration {
    guard let asked else { return backOff.next(using: &random) }
    backOff.reset()
    let pause: Duration
    switch asked {
    case .none: return .zero
    case .regular: pause = interval
    case .of(let duration): pause = duration
    }
    return pause * Double.random(in: 0.9...1.1, using: &random)
  }
}
