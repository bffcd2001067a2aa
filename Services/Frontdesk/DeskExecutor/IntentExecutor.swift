import CommandLineTool
import DeskCore
import Logging
import PostgreSQL
import ServiceHealth
import Store

/// Carries out intents one at a time: claims one, checks it again, does it, and says what came of it.
///
/// A process that is killed leaves its claim to expire; whoever claims the intent next repeats what may have been done already, which every
/// kind of work allows. What fails because the database is away is left to be claimed again, up to `IntentBounds.claims` times.
struct IntentExecutor: PeriodicService {
  let store: DeskStore
  let me: InstanceID
  let configuration: ExecutorConfiguration
  let metrics: ExecutorMetrics
  let logger: Logger
  private let kinds: [Intent.Kind]
  private let isExcluding: Bool
  private let task: WatchedTask

  /// - Parameters:
  ///   - kinds: only these kinds or, with `isExcluding`, all others.
  init(
    lane: String, kinds: [Intent.Kind], isExcluding: Bool, store: DeskStore, me: InstanceID,
    configuration: ExecutorConfiguration, metrics: ExecutorMetrics, logger: Logger
  ) {
    self.kinds = kinds
    self.isExcluding = isExcluding
    self.store = store
    self.me = me
    self.configuration = configuration
    self.metrics = metrics
    self.logger = logger
    task = WatchedTask(lane)
  }

  var periodic: PeriodicTask {
    // Not slower while the database is away: people wait for it.
    PeriodicTask(
      task, every: ExecutorBounds.lookPause, longestBackOff: ExecutorBounds.lookPause * 4, logger: logger)
  }

  func round() async throws -> PeriodicTask.Pause {
    guard let claimed = try await store.intents.claim(kinds, isExcluding: isExcluding, by: me) else { return .regular }
    try await carryOut(claimed)
    return .none
  }

  // MARK: One intent

  private func carryOut(_ claimed: ClaimedIntent) async throws {
    let intent = claimed.intent
    if intent.term > IntentBounds.claims {
      return try await finish(intent, .failed, IntentNote("interrupted_too_often"))
    }
    guard intent.begunAt == nil else {
      return try await act(intent, plan: intent.plan ?? .object([]), isRepeated: true)
    }
    // What was asked long ago, or by someone who may no longer ask, is not done; what was begun is finished.
    if claimed.isExpired { return try await finish(intent, .refused, IntentNote("expired")) }
    guard claimed.isByOperator else { return try await finish(intent, .refused, IntentNote("no_longer_operator")) }
    let check: IntentCheck?
    do {
      check = try await working(on: intent) { work in try await work.check() }
    } catch let failure as CommandFailure {
      return try await finish(intent, .failed, IntentNote(failure))
    }
    switch check {
    case nil: try await finish(intent, .refused, IntentNote("unknown_kind"))
    case .refused(let note): try await finish(intent, .refused, note)
    case .ready(let plan):
      let plan = JSONValue.object(plan)
      guard try await store.intents.begin(intent, plan: plan) else { return lost(intent) }
      try await act(intent, plan: plan, isRepeated: false)
    }
  }

  private func act(_ intent: Intent, plan: JSONValue, isRepeated: Bool) async throws {
    logger.info("carrying out an intent", metadata: ["intent": "\(intent.id)", "kind": "\(intent.kind)"])
    do {
      let note = try await working(on: intent) { work in try await work.act(plan: plan, isRepeated: isRepeated) }
      guard let note else { return try await finish(intent, .failed, IntentNote("unknown_kind")) }
      try await finish(intent, .done, note)
    } catch let note as IntentNote {
      try await finish(intent, .refused, note)
    } catch let failure as CommandFailure {
      try await finish(intent, .failed, IntentNote(failure))
    } catch let error as PostgresError where error.isFaultOfTheRow {
      try await finish(intent, .failed, IntentNote("error", [.init("kind", .text(FailureKind.of(error)))]))
    }
  }

  private func finish(_ intent: Intent, _ state: Intent.State, _ note: IntentNote) async throws {
    guard try await store.intents.finish(intent, state, note.json) else { return lost(intent) }
    metrics.finished(intent, state)
    logger.info(
      "an intent is finished",
      metadata: [
        "intent": "\(intent.id)", "kind": "\(intent.kind)", "state": "\(state.rawValue)", "code": "\(note.code)",
      ])
  }

  private func lost(_ intent: Intent) {
    logger.warning("another executor has taken over an intent", metadata: ["intent": "\(intent.id)"])
  }

  // MARK: Keeping the claim

  /// Works with a connection under the name of who asked, while the claim is extended.
  /// - Returns: nil for a kind that this build does not know.
  private func working<Outcome: Sendable>(
    on intent: Intent, _ body: @escaping @Sendable (any IntentWork) async throws -> Outcome
  ) async throws -> Outcome? {
    try await withThrowingTaskGroup(of: Outcome?.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        try await DeskConnection.withStore(
          configuration.postgres, connections: ExecutorBounds.connections,
          requestTimeout: ExecutorBounds.statementTimeout, actor: "intent:\(intent.id):\(intent.label)",
          isPlainAllowed: configuration.isPlainPostgresAllowed
        ) { store in
          guard let work = IntentKinds.work(for: intent, in: store, configuration) else { return nil }
          return try await body(work)
        }
      }
      group.addTask { [store, logger] in
        while true {
          try await Task.sleep(for: IntentBounds.claimRenewal)
          do {
            guard try await store.intents.renew(intent) else { throw CancellationError() }
          } catch let lost as CancellationError {
            throw lost
          } catch {
            // It may be extended the next time. When the claim has lapsed, the next renewal ends the work.
            logger.warning(
              "the claim on an intent was not renewed",
              metadata: ["intent": "\(intent.id)", "error": "\(FailureKind.of(error))"])
          }
        }
      }
      return try await group.next() ?? nil
    }
  }
}

extension IntentNote {
  /// What the command that does the same would have said.
  init(_ failure: CommandFailure) {
    self.init(
      "failed",
      [.init("problem", .text(failure.problem)), .init("remedy", failure.remedy.map { .text($0) } ?? .null)])
  }
}
