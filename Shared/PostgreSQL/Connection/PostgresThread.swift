import EventThread

/// The event thread shared by any number of connections and pools, with its reactor.
public final class PostgresThread: Sendable {
  let thread: EventThread
  let reactor: EpollReactor
  /// Runs tasks on this thread.
  let tasks: EventThreadTasks

  public init(name: String = "postgres") {
    reactor = EpollReactor()
    thread = EventThread(name: name, reactor: reactor)
    tasks = EventThreadTasks(on: thread)
  }

  /// Stops the thread. Every connection and pool on it must have been closed before.
  public func stop() async {
    await thread.stop()
  }
}
