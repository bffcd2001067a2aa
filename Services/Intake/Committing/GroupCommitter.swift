import DeskCore
import Logging
import Observability
import PostgreSQL
import ServiceProcess
import Store
import Tracing

/// The target of commits, and of the handover that follows.
protocol CommitTarget: Sendable {
  /// Commits messages; see `InboxStore.accept`.
  /// - Parameter isCareful: whether messages whose ticket another transaction has locked are left out.
  func accept(_ messages: [IncomingMessage], isCareful: Bool) async throws -> CommitReceipt

  /// Is notified of what was written, after its senders have their answers.
  func handOver(_ messages: [AcceptedMessage], owner: InstanceID?) async
}

/// Lets the requests of all clients share commits; the shell around `CommitMachine`.
actor GroupCommitter {
  private let target: any CommitTarget
  private let metrics: IntakeMetrics
  private let logger: Logger
  /// How busy this intake is.
  private let work: WorkMeter
  private let start = ContinuousClock.now
  private var machine: CommitMachine
  private var answers: [CommitMachine.SubmissionID: CheckedContinuation<CommitMachine.Answer, Never>] = [:]
  private var drainers: [CheckedContinuation<Void, Never>] = []
  private var lastSubmission: CommitMachine.SubmissionID = 0
  private var failuresInARow = 0
  private var hasWarnedOfHeldUp = false

  init(
    target: any CommitTarget, metrics: IntakeMetrics, logger: Logger,
    limits: CommitMachine.Limits = CommitMachine.Limits(), work: WorkMeter = WorkMeter()
  ) {
    self.work = work
    self.target = target
    self.metrics = metrics
    self.logger = logger
    machine = CommitMachine(limits: limits)
  }

  /// Messages that wait for a commit or are in one.
  var pendingCount: Int { machine.pendingCount }

  /// Commits messages together with what others submit, and returns when their outcomes are known.
  ///
  /// - Parameter entries: at most `IntakeBounds.messagesPerRequest`; none gives an empty answer.
  func submit(_ entries: [CommitMachine.Entry]) async -> CommitMachine.Answer {
    guard !entries.isEmpty else { return .outcomes([]) }
    lastSubmission += 1
    let id = lastSubmission
    return await withCheckedContinuation { continuation in
      answers[id] = continuation
      handle(.submitted(id, entries))
    }
  }

  /// Accepts nothing more, and returns when everything accepted has its answer.
  func drain() async {
    await withCheckedContinuation { continuation in
      drainers.append(continuation)
      handle(.drainingBegan)
    }
  }

  // MARK: Effects

  private var now: Duration { start.duration(to: .now) }

  private func handle(_ event: CommitMachine.Event) {
    for effect in machine.handle(event, now: now) {
      switch effect {
      case .commit(let batch, let messages, let isCareful): Task { await commit(batch, messages, isCareful) }
      case .answer(let submission, let answer): answers.removeValue(forKey: submission)?.resume(returning: answer)
      case .pause(let batch, let duration): Task { await pause(batch, duration) }
      case .gather(let duration): Task { await gather(duration) }
      case .drained:
        let waiting = drainers
        drainers = []
        for drainer in waiting { drainer.resume() }
      }
    }
    metrics.pending(messages: machine.pendingCount, bytes: machine.pendingBytes, heldUp: machine.heldUpCount)
    noteHeldUp(machine.heldUpCount)
  }

  private func commit(
    _ batch: CommitMachine.BatchID, _ messages: [IncomingMessage], _ isCareful: Bool
  ) async {
    let begun = ContinuousClock.now
    var committed = 0
    work.begin(messages.count)
    defer { work.end(messages.count, items: committed) }
    do {
      let receipt = try await FrontdeskTracer.current.withSpans(
        "commit", in: messages.lazy.map(\.traceparent), ofKind: .internal,
        attributes: .messages(messages.count)
      ) {
        try await target.accept(messages, isCareful: isCareful)
      }
      metrics.committed(messages: messages.count, in: .now - begun)
      committed = messages.count
      noteSuccess()
      handle(.committed(batch, receipt.outcomes))
      let accepted = receipt.accepted(of: messages)
      if !accepted.isEmpty { await target.handOver(accepted, owner: receipt.owner) }
    } catch {
      let failure = Self.failure(error)
      noteFailure(error, failure)
      handle(.failed(batch, failure))
    }
  }

  private func pause(_ batch: CommitMachine.BatchID, _ duration: Duration) async {
    try? await Task.sleep(for: duration)
    handle(.pauseEnded(batch))
  }

  private func gather(_ duration: Duration) async {
    try? await Task.sleep(for: duration)
    handle(.gathered)
  }

  /// Commits are idempotent, so a lost connection with an unknown commit is retried like any other failure.
  static func failure(_ error: any Error) -> CommitMachine.Failure {
    switch error {
    case let error as PostgresError where error.isContention: .contention
    case let error as PostgresError where error.isRetriable || error.commitUnknown: .outage
    // A key that was deleted between two statements by retention.
    case is StoreError: .contention
    default: .refusal
    }
  }

  /// An unreachable database is logged once at the beginning and once at the end, not for each attempt.
  private func noteFailure(_ error: any Error, _ failure: CommitMachine.Failure) {
    failuresInARow += 1
    metrics.commitFailed(failure)
    if failuresInARow == 1 || failure == .refusal {
      logger.warning("commit failed", metadata: ["error": "\(error)", "cause": "\(failure)"])
    }
  }

  private func noteSuccess() {
    if failuresInARow > 0 { logger.info("commits succeed again", metadata: ["failures": "\(failuresInARow)"]) }
    failuresInARow = 0
  }

  /// Logs once when messages begin to wait for tickets that other transactions have locked, and once when none waits any more.
  private func noteHeldUp(_ count: Int) {
    guard hasWarnedOfHeldUp != (count > 0) else { return }
    hasWarnedOfHeldUp = count > 0
    if count > 0 {
      logger.warning(
        "another transaction has locked tickets that messages belong to; other messages are committed without them",
        metadata: ["messages": "\(count)"])
    } else {
      logger.info("no more messages wait for a locked ticket")
    }
  }
}

extension PostgresError {
  /// A row that another transaction has locked, or a statement that took too long.
  fileprivate var isContention: Bool {
    if code == .timedOut { return true }
    return switch sqlState {
    case "40001", "40P01", "55P03", "57014": true
    default: false
    }
  }
}
