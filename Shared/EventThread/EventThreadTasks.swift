/// Runs tasks that prefer it on an event thread, between the jobs of the actors there.
///
/// For a task that spends its life in calls to those actors: it then changes threads where the work does, and not before and after each
/// call. Such a change costs a wake-up of another thread, which is most of the cost of a small batch. The task's own work delays the
/// thread's sockets and timers, so it must be short and bounded; anything else prefers `globalConcurrentExecutor`.
public final class EventThreadTasks: TaskExecutor {
  private let thread: EventThread

  /// Creates an executor. Tasks change threads between two of them, even if both are of one thread: keep one for each thread.
  public init(on thread: EventThread) {
    self.thread = thread
  }

  /// Adds a job; may be called from any thread.
  public func enqueue(_ job: consuming ExecutorJob) {
    thread.enqueue(UnownedJob(job), preferring: asUnownedTaskExecutor())
  }
}
