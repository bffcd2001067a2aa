/// What an event thread waits in: a set of readiness sources and timers.
///
/// Everything but `wake()` is called on the event thread alone.
public protocol Reactor: AnyObject, Sendable {
  /// Waits until a source is ready, a timer is due, `wake()` was called, or the timeout has passed (`nil`: no limit,
  /// `.zero`: look once, do not wait), then runs the handlers of what is ready.
  func turn(waitingAtMost timeout: Duration?)

  /// Ends the wait of the present turn, or of the next one if none is under way. Any thread may call it.
  func wake()
}
