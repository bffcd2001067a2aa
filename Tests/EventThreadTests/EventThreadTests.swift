import Glibc
import Synchronization
import Testing

@testable import EventThread

@Suite struct EventThreadTests {
  @Test func runsActorJobsInOrderOnItsThread() async {
    let thread = EventThread(name: "test", reactor: EpollReactor())
    let recorder = Recorder(thread)
    for number in 0..<1000 { await recorder.append(number) }
    #expect(await recorder.numbers == Array(0..<1000))
    #expect(await recorder.wasAlwaysOnThread)
    #expect(!thread.isCurrent)
    await thread.stop()
  }

  @Test func runsJobsFromManyTasksWithoutLosingOne() async {
    let thread = EventThread(name: "test", reactor: EpollReactor())
    let recorder = Recorder(thread)
    await withTaskGroup { group in
      for task in 0..<16 {
        group.addTask { for number in 0..<500 { await recorder.append(task * 500 + number) } }
      }
    }
    #expect(await recorder.numbers.sorted() == Array(0..<8000))
    #expect(await recorder.wasAlwaysOnThread)
    await thread.stop()
  }

  @Test func stopRunsPendingJobsAndMayBeCalledTwice() async {
    let thread = EventThread(name: "test", reactor: EpollReactor())
    let recorder = Recorder(thread)
    let tasks = (0..<50).map { number in Task { await recorder.append(number) } }
    await thread.stop()
    await thread.stop()
    for task in tasks { await task.value }
    #expect(await recorder.numbers.sorted() == Array(0..<50))
  }

  @Test func jobsAfterStopStillRunOneAtATime() async {
    let thread = EventThread(name: "test", reactor: EpollReactor())
    let recorder = Recorder(thread)
    await thread.stop()
    await withTaskGroup { group in
      for number in 0..<100 { group.addTask { await recorder.append(number) } }
    }
    #expect(await recorder.numbers.sorted() == Array(0..<100))
    #expect(await recorder.wasAlwaysOnThread)
  }

  @Test func stopFromAnActorOfTheThreadReturns() async {
    let thread = EventThread(name: "test", reactor: EpollReactor())
    let recorder = Recorder(thread)
    await recorder.stopThread()
    await recorder.append(7)
    #expect(await recorder.numbers == [7])
  }

  /// The job may release the last reference to the thread, so enqueueing must be done with the thread before the job can run.
  @Test func theThreadIsWokenBeforeTheJobCanRun() async {
    let reactor = PatientReactor()
    let thread = EventThread(name: "test", reactor: reactor)
    let recorder = Recorder(thread)
    await recorder.note(reactor)
    let (hasRun, ranDuringWake) = (
      reactor.jobHasRun.load(ordering: .acquiring), reactor.ranDuringWake.load(ordering: .acquiring)
    )
    #expect(hasRun)
    #expect(!ranDuringWake)
    await thread.stop()
  }

  @Test func anActorThatOutlivesItsThreadMayStillUseTheReactor() async {
    let reactor = EpollReactor()
    let thread = EventThread(name: "test", reactor: reactor)
    let keeper = TimerKeeper(thread, reactor)
    await keeper.keep()
    await thread.stop()
    // It gets the stopped thread's identifier, so that the late jobs run on a thread with another.
    let other = EventThread(name: "other", reactor: EpollReactor())
    await withTaskGroup { group in
      for _ in 0..<20 {
        group.addTask {
          await keeper.keep()
          await keeper.cancel()
        }
      }
    }
    #expect(await keeper.kept == 21)
    await other.stop()
  }

  @Test func aTaskThatPrefersTheThreadRunsThereAndCallsItsActorsWithoutLeavingIt() async {
    let thread = EventThread(name: "test", reactor: EpollReactor())
    let tasks = EventThreadTasks(on: thread)
    let recorder = Recorder(thread)
    let wasAlwaysThere = await withTaskExecutorPreference(tasks) {
      var wasAlwaysThere = true
      for number in 0..<100 {
        wasAlwaysThere = wasAlwaysThere && thread.isCurrent
        await recorder.append(number)
      }
      return wasAlwaysThere && thread.isCurrent
    }
    #expect(wasAlwaysThere)
    #expect(await recorder.numbers == Array(0..<100))
    #expect(await recorder.wasAlwaysOnThread)
    #expect(!thread.isCurrent)
    await thread.stop()
  }

  @Test func aTaskThatPrefersTheThreadLeavesItForWorkElsewhereAlsoAfterItHasStopped() async {
    let thread = EventThread(name: "test", reactor: EpollReactor())
    let tasks = EventThreadTasks(on: thread)
    for isStopped in [false, true] {
      if isStopped { await thread.stop() }
      let (isThere, isElsewhere) = await withTaskExecutorPreference(tasks) {
        let isThere = thread.isCurrent
        return (isThere, await withTaskExecutorPreference(globalConcurrentExecutor) { !thread.isCurrent })
      }
      #expect(isThere && isElsewhere)
    }
  }
}

/// A reactor that never waits, and whose `wake()` gives the thread ample opportunity to run a job.
private final class PatientReactor: Reactor {
  let jobHasRun = Atomic(false)
  let ranDuringWake = Atomic(false)

  func turn(waitingAtMost timeout: Duration?) { sched_yield() }

  func wake() {
    for _ in 0..<10_000 where !jobHasRun.load(ordering: .acquiring) { sched_yield() }
    if jobHasRun.load(ordering: .acquiring) { ranDuringWake.store(true, ordering: .releasing) }
  }
}

/// Has a timer on the thread.
private actor TimerKeeper {
  private let thread: EventThread
  private let reactor: EpollReactor
  private var timer: TimerID?
  private(set) var kept = 0

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  init(_ thread: EventThread, _ reactor: EpollReactor) {
    self.thread = thread
    self.reactor = reactor
  }

  func keep() {
    timer = reactor.after(.seconds(3600)) {}
    kept += 1
  }

  func cancel() {
    if let timer { reactor.cancel(timer) }
  }
}

/// Records its inputs, and whether each call ran on the expected thread.
private actor Recorder {
  private let thread: EventThread
  private(set) var numbers: [Int] = []
  private(set) var wasAlwaysOnThread = true

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  init(_ thread: EventThread) { self.thread = thread }

  func append(_ number: Int) {
    wasAlwaysOnThread = wasAlwaysOnThread && thread.isCurrent
    numbers.append(number)
  }

  func stopThread() async { await thread.stop() }

  func note(_ reactor: PatientReactor) { reactor.jobHasRun.store(true, ordering: .releasing) }
}
