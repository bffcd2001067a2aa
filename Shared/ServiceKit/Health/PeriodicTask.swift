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
  private let wakeUp: WakeUpSignal?
  private let shortest: Duration
  private let logger: Logger

  /// - Parameters:
  ///   - interval: the regular pause between two rounds. More than zero.
  ///   - longestBackOff: up to where the pause grows while rounds fail. If it is not longer than `interval`, the pause does not grow.
  ///   - wakeUp: ends pauses early, except those after a failure: signals must not become a stream of failing rounds.
  ///   - shortest: the part of a pause that `wakeUp` does not end, so that signals do not become a stream of rounds either.
  public init(
    _ watched: WatchedTask, every interval: Duration, backingOffTo longestBackOff: Duration = TaskBounds.longestBackOff,
    wokenBy wakeUp: WakeUpSignal? = nil, noSoonerThan shortest: Duration = .zero, logger: Logger
  ) {
    self.watched = watched
    self.interval = interval
    self.longestBackOff = longestBackOff
    self.wakeUp = wakeUp
    self.shortest = shortest
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
        if pause > .zero { await rest(pause, endsEarly: asked != nil) }
      }
    }
  }

  private func rest(_ pause: Duration, endsEarly: Bool) async {
    guard let wakeUp, endsEarly, pause > shortest else {
      try? await Task.sleep(for: pause)
      return
    }
    if shortest > .zero { try? await Task.sleep(for: shortest) }
    await wakeUp.wait(atMost: pause - shortest)
  }
}

/// The pauses of a periodic task. Pure: randomness is an argument.
///
/// Each pause varies by a tenth, so that processes that started together do not work in step. After failures it doubles, from the interval
/// up to a limit; an interval longer than that stays as it is.
struct PeriodicPauses: Sendable, Equatable {
  private let interval: Duration
  private let longestBackOff: Duration
  private var failures = 0

  init(interval: Duration, longestBackOff: Duration = TaskBounds.longestBackOff) {
    precondition(interval > .zero, "a periodic task pauses between its rounds")
    self.interval = interval
    self.longestBackOff = longestBackOff
  }

  /// - Parameter asked: what the round asked for; nil when it failed.
  mutating func next(after asked: PeriodicTask.Pause?, using random: inout some RandomNumberGenerator) -> Duration {
    failures = asked == nil ? min(failures + 1, TaskBounds.backOffDoublings + 1) : 0
    let pause: Duration
    switch asked {
    case nil: pause = max(interval, min(interval * (1 << (failures - 1)), longestBackOff))
    case .some(.none): return .zero
    case .regular: pause = interval
    case .of(let duration): pause = duration
    }
    return pause * Double.random(in: 0.9...1.1, using: &random)
  }
}
