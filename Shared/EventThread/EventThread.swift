import CLinux
import Glibc
import Synchronization
import SystemPrimitives

/// One thread that runs the jobs of the actors that name it as their executor, and waits in a reactor between them.
///
/// Such an actor can own sockets or connections safely: its methods and the reactor's handlers run on the same thread, so a handler may
/// enter the actor with `assumeIsolated`. Jobs and readiness take turns, each within a limit, so that neither starves the other.
///
/// The thread keeps itself alive until `stop()`. A job that arrives after that (from an actor that outlives its thread) is still run, by
/// a short-lived successor, because an awaiting task must not hang. It may use the reactor, which serves nothing any more.
public final class EventThread: SerialExecutor {
  private enum Phase {
    case running
    case stopping
    case stopped
  }

  /// A job, and the executor that its task prefers; nil for a job of an actor of this thread.
  private struct Entry: Sendable {
    let job: UnownedJob
    let preferred: UnownedTaskExecutor?
  }

  private struct State: Sendable {
    var jobs: [Entry] = []
    var phase = Phase.running
    var waiters: [CheckedContinuation<Void, Never>] = []
    var thread: pthread_t = 0
  }

  private let reactor: any Reactor
  private let name: String
  private let state = PthreadMutex(State())
  private let pulse: ThreadPulse

  /// The thread that currently runs jobs; 0 before the first one and after the last one.
  private let current = Atomic<UInt>(0)

  /// Starts the thread.
  /// - Parameters:
  ///   - name: shown by `ps -L` and debuggers; the kernel keeps its first 15 bytes.
  ///   - reactor: the reactor in which the thread waits. It must not be shared with another thread.
  public init(name: String, reactor: any Reactor) {
    self.name = name
    self.reactor = reactor
    pulse = ThreadPulse(name: name, reactor: reactor)
    pulse.begin()
    let thread = Self.launch(self) { $0.run() }
    state.withLock { $0.thread = thread }
  }

  /// Whether the caller runs on this thread.
  public var isCurrent: Bool {
    current.load(ordering: .relaxed) == UInt(pthread_self())
  }

  // MARK: SerialExecutor

  /// Adds a job of an actor; may be called from any thread.
  public func enqueue(_ job: consuming ExecutorJob) {
    enqueue(UnownedJob(job), preferring: nil)
  }

  /// Adds a job.
  ///
  /// The caller holds no reference to this object that outlives the job: as soon as the job has run, its actor may end and take this
  /// object along. So everything that touches `self` happens before the job can run, with the queue locked.
  func enqueue(_ job: UnownedJob, preferring preferred: UnownedTaskExecutor?) {
    let startsSuccessor = state.withLock { state in
      let wasEmpty = state.jobs.isEmpty
      state.jobs.append(Entry(job: job, preferred: preferred))
      guard wasEmpty else { return false }
      if state.phase == .stopped { return true }
      // The thread itself checks the queue before it waits again.
      if !isCurrent { reactor.wake() }
      return false
    }
    // Only the successor can run the job, so this object is still there.
    if startsSuccessor { runLateJobs() }
  }

  /// The reference that actors return as their `unownedExecutor`.
  public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    UnownedSerialExecutor(ordinary: self)
  }

  /// Stops the process unless the caller runs on this thread.
  public func checkIsolated() {
    precondition(isCurrent, "called outside the event thread \(name)")
  }

  /// Whether the caller runs on this thread.
  public func isIsolatingCurrentContext() -> Bool? {
    isCurrent
  }

  // MARK: Stopping

  /// Runs the waiting jobs, ends the thread and joins it. Descriptors and timers are no longer served.
  public func stop() async {
    await withCheckedContinuation { continuation in
      let hasEnded = state.withLock { state in
        guard state.phase != .stopped else { return true }
        state.phase = .stopping
        state.waiters.append(continuation)
        return false
      }
      if hasEnded { continuation.resume() } else { reactor.wake() }
    }
    let thread = state.withLock { state in
      defer { state.thread = 0 }
      return state.thread
    }
    // The thread has left its loop and no longer waits for anything, so this does not block.
    if thread != 0 { pthread_join(thread, nil) }
  }

  // MARK: The thread

  private func run() {
    current.store(UInt(pthread_self()), ordering: .relaxed)
    pthread_setname_np(pthread_self(), String(decoding: name.utf8.prefix(15), as: UTF8.self))
    var batch: [Entry] = []
    var position = 0
    while true {
      pulse.beat()
      if position == batch.count {
        batch.removeAll(keepingCapacity: true)
        position = 0
        let isStopping = state.withLock { state in
          swap(&state.jobs, &batch)
          return state.phase == .stopping
        }
        if batch.isEmpty {
          if isStopping { break }
          reactor.turn(waitingAtMost: nil)
          continue
        }
      }
      let end = min(batch.count, position + EventThreadBounds.jobsPerTurn)
      while position < end {
        run(batch[position])
        position += 1
      }
      // With no job left, the next turn waits, and looks before.
      if position < batch.count || state.withLock({ !$0.jobs.isEmpty }) { reactor.turn(waitingAtMost: .zero) }
    }
    finish()
  }

  private func run(_ entry: Entry) {
    if let preferred = entry.preferred {
      entry.job.runSynchronously(on: preferred)
    } else {
      entry.job.runSynchronously(on: asUnownedSerialExecutor())
    }
  }

  private func finish() {
    pulse.end()
    current.store(0, ordering: .relaxed)
    let (waiters, hasLateJobs) = state.withLock { state in
      state.phase = .stopped
      defer { state.waiters = [] }
      return (state.waiters, !state.jobs.isEmpty)
    }
    if hasLateJobs { runLateJobs() }
    for waiter in waiters { waiter.resume() }
  }

  /// Called when an enqueue makes the queue of a stopped thread non-empty, so there is one successor at a time.
  private func runLateJobs() {
    let thread = Self.launch(self) { $0.drainLateJobs() }
    pthread_detach(thread)
  }

  private func drainLateJobs() {
    current.store(UInt(pthread_self()), ordering: .relaxed)
    // An actor that outlives its thread still closes sockets and cancels timers.
    reactor.passOn()
    while true {
      // The jobs stay in the queue until they have run: the non-empty queue prevents a second successor.
      let batch = state.withLock { $0.jobs }
      for entry in batch { run(entry) }
      let isDone = state.withLock { state in
        state.jobs.removeFirst(batch.count)
        if state.jobs.isEmpty { current.store(0, ordering: .relaxed) }
        return state.jobs.isEmpty
      }
      if isDone { return }
    }
  }

  private final class Start: Sendable {
    let thread: EventThread
    let body: @Sendable (EventThread) -> Void

    init(thread: EventThread, body: @escaping @Sendable (EventThread) -> Void) {
      self.thread = thread
      self.body = body
    }
  }

  private static func launch(_ thread: EventThread, _ body: @escaping @Sendable (EventThread) -> Void) -> pthread_t {
    let start = Unmanaged.passRetained(Start(thread: thread, body: body))
    var identifier = pthread_t()
    let status = pthread_create(
      &identifier, nil,
      { argument in
        guard let argument else { return nil }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        start.body(start.thread)
        return nil
      },
      start.toOpaque())
    precondition(status == 0, "pthread_create failed with \(status)")
    return identifier
  }
}
