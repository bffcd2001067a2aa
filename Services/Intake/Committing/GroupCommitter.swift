import DeskCore
import Logging
import Observability
import PostgreSQL
import ServiceProcess
import Store
import SystemPrimitives
import Tracing

/// The target of commits, and of the handover that follows.
protocol CommitTarget: Sendable {
  /// Commits messages; see `InboxStore.accept`.
  /// - Parameter isCareful: whether messages whose ticket another transaction has locked are left out.
  func accept(_ messages: [IncomingMessage], isCareful: Bool) async throws -> CommitReceipt

  /// Is notified of what was written, after its senders have their answers.
  func handOver(_ messages: [AcceptedMessage], owner: InstanceID?) async

  /// How many messages commits may take now; see `LinkPressure`.
  var linkRoom: Int { get }
}

extension CommitTarget {
  /// As many as there are.
  var linkRoom: Int { .max }
}

/// The messages of a request that are to be committed, and where its answer goes.
struct CommitRequest: Sendable {
  enum Recipient: Sendable {
    case caller(CheckedContinuation<CommitMachine.Answer, Never>)
    /// Gets the answers of one commit together, each with the number by which it knows the request.
    case sink(any CommitSink, number: UInt64)
  }

  let entries: [CommitMachine.Entry]
  let recipient: Recipient
}

/// Takes the answers of many requests.
protocol CommitSink: AnyObject, Sendable {
  /// - Parameter answers: by the numbers of the requests. Called without a lock, on any thread; must not take long.
  func take(_ answers: [(number: UInt64, answer: CommitMachine.Answer)])
}

/// Lets the requests of all clients share commits; the shell around `CommitMachine`.
///
/// A lock and not an actor guards the machine, so that submitting costs no change of thread: requests are many, commits few. What the
/// machine asks for is carried out with the lock released; a commit is one task.
final class GroupCommitter: Sendable {
  /// Calls a function once after a time, on any thread.
  typealias Timer = @Sendable (Duration, @escaping @Sendable () -> Void) -> Void

  private struct State {
    var machine: CommitMachine
    var recipients: [CommitMachine.SubmissionID: CommitRequest.Recipient] = [:]
    var drainers: [CheckedContinuation<Void, Never>] = []
    var lastSubmission: CommitMachine.SubmissionID = 0
    var failuresInARow = 0
    var hasWarnedOfHeldUp = false
  }

  private let target: any CommitTarget
  private let executor: (any TaskExecutor)?
  private let timer: Timer
  private let metrics: IntakeMetrics
  private let logger: Logger
  /// How busy this intake is.
  private let work: WorkMeter
  private let start = ContinuousClock.now
  private let state: PthreadMutex<State>

  /// - Parameters:
  ///   - executor: where commits run, best on the thread of the database's connections.
  ///   - timer: ends pauses, best on the thread on which most messages arrive.
  init(
    target: any CommitTarget, on executor: (any TaskExecutor)? = nil, timer: @escaping Timer, metrics: IntakeMetrics,
    logger: Logger, limits: CommitMachine.Limits = CommitMachine.Limits(), work: WorkMeter = WorkMeter()
  ) {
    self.work = work
    self.executor = executor
    self.timer = timer
    self.target = target
    self.metrics = metrics
    self.logger = logger
    state = PthreadMutex(State(machine: CommitMachine(limits: limits)))
  }

  /// Whether another request of this sender would be refused as overload, so that it need not be read.
  func isFull(for sender: MessageSender) -> Bool { state.withLock { $0.machine.isFull(for: sender) } }

  /// Commits messages together with what others submit, and returns when their outcomes are known.
  ///
  /// - Parameter entries: at most `IntakeBounds.messagesPerRequest`; none gives an empty answer.
  func submit(_ entries: [CommitMachine.Entry]) async -> CommitMachine.Answer {
    guard !entries.isEmpty else { return .outcomes([]) }
    return await withCheckedContinuation { submit([CommitRequest(entries: entries, recipient: .caller($0))]) }
  }

  /// Commits the messages of several requests, together if possible.
  /// - Parameter requests: each with at least one message.
  func submit(_ requests: [CommitRequest]) {
    guard !requests.isEmpty else { return }
    handle { state in
      .arrived(
        requests.map { request in
          state.lastSubmission += 1
          state.recipients[state.lastSubmission] = request.recipient
          return CommitMachine.Request(id: state.lastSubmission, entries: request.entries)
        })
    }
  }

  /// Accepts nothing more, and returns when everything accepted has its answer.
  func drain() async {
    await withCheckedContinuation { continuation in
      handle { state in
        state.drainers.append(continuation)
        return .drainingBegan
      }
    }
  }

  // MARK: Effects

  private func handle(_ event: CommitMachine.Event) { handle { _ in event } }

  private func handle(_ event: (inout State) -> CommitMachine.Event) {
    let room = target.linkRoom
    var answers: [(recipient: CommitRequest.Recipient, answer: CommitMachine.Answer)] = []
    var drainers: [CheckedContinuation<Void, Never>] = []
    let (effects, heldUp) = state.withLock { state in
      let event = event(&state)
      let effects = state.machine.handle(event, now: start.duration(to: .now), linkRoom: room)
      for effect in effects {
        switch effect {
        case .answer(let submission, let answer):
          if let recipient = state.recipients.removeValue(forKey: submission) { answers.append((recipient, answer)) }
        case .drained:
          drainers += state.drainers
          state.drainers = []
        case .commit, .pause, .gather: break
        }
      }
      metrics.pending(
        messages: state.machine.pendingCount, bytes: state.machine.pendingBytes, heldUp: state.machine.heldUpCount)
      return (effects, Self.changeOfHeldUp(&state))
    }
    for effect in effects {
      switch effect {
      case .commit(let batch, let messages, let isCareful):
        Task(executorPreference: executor) { await self.commit(batch, messages, isCareful) }
      case .pause(let batch, let duration): timer(duration) { self.handle(.pauseEnded(batch)) }
      case .gather(let duration): timer(duration) { self.handle(.gathered) }
      case .answer, .drained: break
      }
    }
    Self.give(answers)
    for drainer in drainers { drainer.resume() }
    if let heldUp { noteHeldUp(heldUp) }
  }

  /// Gives each recipient its answers; a sink gets all of its own at once.
  private static func give(_ answers: [(recipient: CommitRequest.Recipient, answer: CommitMachine.Answer)]) {
    var ofSinks: [ObjectIdentifier: (sink: any CommitSink, answers: [(UInt64, CommitMachine.Answer)])] = [:]
    for (recipient, answer) in answers {
      switch recipient {
      case .caller(let continuation): continuation.resume(returning: answer)
      case .sink(let sink, let number):
        ofSinks[ObjectIdentifier(sink), default: (sink, [])].answers.append((number, answer))
      }
    }
    for (sink, answers) in ofSinks.values { sink.take(answers) }
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
    let failures = state.withLock { state in
      state.failuresInARow += 1
      return state.failuresInARow
    }
    metrics.commitFailed(failure)
    if failures == 1 || failure == .refusal {
      logger.warning("commit failed", metadata: ["error": "\(error)", "cause": "\(failure)"])
    }
  }

  private func noteSuccess() {
    let failures = state.withLock { state in
      defer { state.failuresInARow = 0 }
      return state.failuresInARow
    }
    if failures > 0 { logger.info("commits succeed again", metadata: ["failures": "\(failures)"]) }
  }

  /// The number of messages that wait for tickets that other transactions have locked, when that begins or ends; nil otherwise.
  private static func changeOfHeldUp(_ state: inout State) -> Int? {
    let count = state.machine.heldUpCount
    guard state.hasWarnedOfHeldUp != (count > 0) else { return nil }
    state.hasWarnedOfHeldUp = count > 0
    return count
  }

  private func noteHeldUp(_ count: Int) {
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
