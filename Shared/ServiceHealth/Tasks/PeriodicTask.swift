public import DeskCore
public import Logging
internal import ServiceLifecycle
public import Store
internal import SystemPrimitives

/// The loop of a service's periodic work: monitored rounds with pauses between them, until the process shuts down.
///
/// ```swift
/// let reclaiming = WatchedTask("reply_reclaimer")
/// await PeriodicTask(reclaiming, every: .seconds(5), logger: logger).run {
///   try await runOnce() == limit ? .none : .regular
/// }
/// ```
///
/// A round that fails is recorded by its `WatchedTask`, and is repeated after a pause that grows while rounds keep failing. Work that only
/// one process may do runs `under` a `Leadership`; work that should follow an event at once is `wokenBy` a `WakeUpSignal`; work whose cost
/// grows with the desk is `limitedTo` a `WorkShare`. A service with one such task is a `PeriodicService` or a `LeaderService`.
public struct PeriodicTask: Sendable {
  /// What a round asks to happen next.
  public enum Pause: Sendable, Equatable {
    /// More work is waiting: the next round follows at once.
    case none
    /// The task's own interval.
    case regular
    /// This long.
    case of(Duration)
    /// This long without the usual variation, because something is due then.
    case exactly(Duration)
  }

  /// The outcome of one turn of the loop.
  public enum Turn: Sendable, Equatable {
    /// The round succeeded, and asks for this pause.
    case done(Pause)
    /// The round failed, which is recorded, or was cancelled.
    case failed
    /// There was no round, because another process leads.
    case standBy
  }

  /// The record of the task's failures and successes.
  public let watched: WatchedTask
  private let interval: Duration
  private let backOff: ExponentialBackOff
  private let wakeUp: WakeUpSignal?
  private let shortest: Duration
  private let share: WorkShare?
  private let logger: Logger
  /// The pauses, for tests; the time that rounds take is measured by the clock of `watched`.
  var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

  /// - Parameters:
  ///   - interval: the regular pause between two rounds. More than zero.
  ///   - backOff: the pauses after failed rounds.
  ///   - wakeUp: ends pauses early. A pause after a failure lasts at least the interval: signals must not cause more failing rounds than
  ///     there are regular ones, but the first signal after an outage must not wait for the end of a long pause.
  ///   - shortest: the part of any pause that `wakeUp` does not end, so that signals do not become a stream of rounds.
  ///   - share: how much of the time its rounds may take; nil for work that others wait for.
  public init(
    _ watched: WatchedTask, every interval: Duration, retrying backOff: ExponentialBackOff,
    wokenBy wakeUp: WakeUpSignal? = nil, noSoonerThan shortest: Duration = .zero, limitedTo share: WorkShare? = nil,
    logger: Logger
  ) {
    self.watched = watched
    self.interval = interval
    self.backOff = backOff
    self.wakeUp = wakeUp
    self.shortest = shortest
    self.share = share
    self.logger = logger
  }

  /// - Parameter longestBackOff: up to where the pause grows from the interval while rounds fail; one that is not longer than the interval
  ///   keeps the interval, for rounds that others wait for, such as heartbeats.
  public init(
    _ watched: WatchedTask, every interval: Duration, longestBackOff: Duration = TaskBounds.longestBackOff,
    wokenBy wakeUp: WakeUpSignal? = nil, noSoonerThan shortest: Duration = .zero, limitedTo share: WorkShare? = nil,
    logger: Logger
  ) {
    self.init(
      watched, every: interval, retrying: PeriodicPauses.backOff(from: interval, upTo: longestBackOff), wokenBy: wakeUp,
      noSoonerThan: shortest, limitedTo: share, logger: logger)
  }

  /// Runs rounds until a graceful shutdown begins or the task is cancelled.
  public func run(_ round: @escaping @Sendable () async throws -> Pause) async {
    await cancelWhenGracefulShutdown {
      await loop { await runOnce(round) }
    }
  }

  /// Runs rounds while this process leads, until a graceful shutdown begins or the task is cancelled.
  ///
  /// A standby checks every `TaskBounds.standByPause` whether it leads now; it counts as working.
  ///
  /// - Parameters:
  ///   - standBy: called at each of these checks, and at the end: discards what only the leader shows.
  ///   - round: gets the fence for its writes.
  public func run(
    under leadership: Leadership, standBy: @escaping @Sendable () async -> Void = {},
    _ round: @escaping @Sendable (Fence) async throws -> Pause
  ) async {
    await cancelWhenGracefulShutdown {
      await loop { await runOnce(under: leadership, standBy: standBy, round) }
    }
    await standBy()
  }

  /// Runs rounds until the wake-up signal is finished or the task is cancelled. A graceful shutdown ends them only through the signal, so
  /// that none is interrupted.
  public func runUntilFinished(_ round: @escaping @Sendable () async throws -> Pause) async {
    precondition(wakeUp != nil, "nothing could finish it")
    await loop { await runOnce(round) }
  }

  // MARK: One turn

  /// Runs one round.
  @discardableResult
  public func runOnce(_ round: () async throws -> Pause) async -> Turn {
    await watched.attempt(logger, round).map { .done($0) } ?? .failed
  }

  /// Runs one round, if this process leads.
  @discardableResult
  public func runOnce(
    under leadership: Leadership, standBy: () async -> Void = {}, _ round: (Fence) async throws -> Pause
  ) async -> Turn {
    guard let fence = leadership.fence else {
      watched.succeed(logger)
      await standBy()
      return .standBy
    }
    return await runOnce { try await round(fence) }
  }

  private func loop(_ turn: () async -> Turn) async {
    var pauses = PeriodicPauses(interval: interval, backOff: backOff)
    var random = SystemRandom()
    while !Task.isCancelled, wakeUp?.isFinished != true {
      wakeUp?.beginRound()
      let began = watched.now()
      let turn = await turn()
      let rest = share?.rest(after: turn, taking: watched.now() - began) ?? .zero
      let pause = max(pauses.next(after: turn, using: &random), rest)
      guard pause > .zero else { continue }
      guard let wakeUp else {
        try? await sleep(pause)
        continue
      }
      let silent = min(pause, max(rest, turn == .failed ? max(interval, shortest) : shortest))
      await wakeUp.pause(upTo: silent, heedingSignals: false, sleep)
      await wakeUp.pause(upTo: pause - silent, heedingSignals: true, sleep)
    }
  }
}

/// The pauses of a periodic task. Pure: randomness is an argument.
///
/// Each pause varies by a tenth, so that processes that started together do not work in step, unless a round asks for an exact one.
struct PeriodicPauses: Sendable, Equatable {
  private let interval: Duration
  private var backOff: ExponentialBackOff

  init(interval: Duration, backOff: ExponentialBackOff) {
    precondition(interval > .zero, "a periodic task pauses between its rounds")
    self.interval = interval
    self.backOff = backOff
  }

  /// Pauses that double from the interval up to a longest one; an interval longer than that stays as it is.
  static func backOff(from interval: Duration, upTo longest: Duration) -> ExponentialBackOff {
    ExponentialBackOff(from: interval, upTo: max(interval, longest), jitter: TaskBounds.backOffJitter)
  }

  mutating func next(after turn: PeriodicTask.Turn, using random: inout some RandomNumberGenerator) -> Duration {
    let pause: Duration
    switch turn {
    case .failed: return backOff.next(using: &random)
    case .standBy: pause = TaskBounds.standByPause
    case .done(.none): pause = .zero
    case .done(.regular): pause = interval
    case .done(.of(let duration)): pause = duration
    case .done(.exactly(let duration)):
      backOff.reset()
      return duration
    }
    backOff.reset()
    return pause * Double.random(in: 0.9...1.1, using: &random)
  }
}
