import EventThread

/// The event thread that any number of connections and pools share, with the reactor that it waits in.
public final class PostgresThread: Sendable {
  let thread: EventThread
  let reactor: EpollReactor

  public init(name: String = "postgres") {
    reactor = EpollReactor()
    thread = EventThread(name: name, reactor: reactor)
  }

  /// Ends the thread. Every connection and pool on it must have been closed before.
  public func stop() async {
    await thread.stop()
  }
}
