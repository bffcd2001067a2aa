public import EventThread

/// The event thread on which a process keeps its ZeroMQ sockets, with the reactor and the context that they share.
public final class ZeroMQThread: Sendable {
  /// The context of every socket on this thread.
  public let context: ZeroMQContext

  /// Where sockets and timers are registered, on the thread itself.
  public let reactor: ZeroMQReactor

  /// The executor of the actors that own sockets.
  public let thread: EventThread

  /// Runs tasks on this thread: for one that lives from messages, with little work of its own.
  public let tasks: EventThreadTasks

  /// Starts the thread.
  /// - Parameter name: shown by `ps -L`, 15 bytes at most.
  public init(name: String = "zeromq", context: ZeroMQContext) {
    self.context = context
    reactor = ZeroMQReactor()
    thread = EventThread(name: name, reactor: reactor)
    tasks = EventThreadTasks(on: thread)
  }

  /// Calls `handler` on the thread after `delay`, never earlier, and not if the thread has ended by then. May be called from any thread;
  /// unlike a task that sleeps, it wakes none but this one.
  public func after(_ delay: Duration, _ handler: @escaping @Sendable () -> Void) {
    if thread.isCurrent {
      reactor.after(delay, handler)
    } else {
      Task(executorPreference: tasks) { [reactor] in reactor.after(delay, handler) }
    }
  }

  /// Ends the thread. Close everything that runs on it first.
  public func stop() async {
    await thread.stop()
  }
}
