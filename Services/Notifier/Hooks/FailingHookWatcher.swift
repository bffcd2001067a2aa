import DeskCore
import Logging
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives

/// Reports hooks that have been failing for long to the operators (a warning, a notice to the other hooks, a line in `frontdesk status`)
/// and pauses those that keep failing. The leading notifier does it.
struct FailingHookWatcher: LeaderService {
  let store: DeskStore
  let clock: DatabaseClock
  let policy: PolicyFollower
  let leadership: Leadership
  var patience = HookPatience()
  var pause = NotifierBounds.orphanSweepPause
  let logger: Logger
  let task = WatchedTask("failing_hooks")

  var periodic: PeriodicTask { PeriodicTask(task, every: pause, logger: logger) }

  /// Checks all hooks, each on its own.
  /// - Throws: the first failure, after every hook was checked.
  func round(fencedBy _: Fence) async throws -> PeriodicTask.Pause {
    guard let policy = policy.current else { return .regular }
    let now = clock.now()
    var failures = FirstFailure()
    for state in try await store.hooks.hookStates() where policy.hooks[state.hook] != nil {
      await failures.attempt { try await check(state, under: policy, now: now) }
    }
    try failures.rethrow()
    return .regular
  }

  private func check(_ state: HookState, under policy: Policy, now: Instant) async throws {
    switch patience.verdict(on: state, now: now) {
    case .nothing: break
    case .pause:
      let since = state.failingSince.map { RFC3339.text($0) } ?? ""
      if try await store.hooks.pauseHook(state.hook, reason: "no delivery has succeeded since \(since)") {
        logger.warning(
          "deliveries to a hook are paused: it has failed for too long",
          metadata: ["hook": "\(state.hook)", "failures": "\(state.failures)", "error": "\(state.lastError ?? "")"])
      }
    case .notify: try await notify(of: state, under: policy, now: now)
    }
  }

  private func notify(of state: HookState, under policy: Policy, now: Instant) async throws {
    var random = SystemRandom()
    let others = policy.subscribers(of: .hookFailing).map(\.id).filter { $0 != state.hook }
    let notices = others.map { hook -> (id: NoticeID, hook: HookID) in
      (IdentifierSource.process.next(at: now, using: &random), hook)
    }
    let body = JSONValue.object([
      .init("hook", .text(state.hook.rawValue)), .init("paused", .flag(state.pausedAt != nil)),
      .init("failing_since", (state.failingSince ?? state.pausedAt).map { .text(RFC3339.text($0)) } ?? .null),
      .init("failures", .integer(Int64(state.failures))),
      .init("reason", (state.pauseReason ?? state.lastError).map { .text($0) } ?? .null),
    ])
    guard try await store.hooks.noteNoticed(state.hook, sending: notices, body: body) else { return }
    logger.warning(
      "a hook accepts no deliveries",
      metadata: [
        "hook": "\(state.hook)", "paused": "\(state.pausedAt != nil)", "failures": "\(state.failures)",
        "reason": "\(state.pauseReason ?? state.lastError ?? "")",
      ])
  }
}
