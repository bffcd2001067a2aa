/// The object in which an event thread waits: a set of readiness sources and timers.
///
/// Everything except `wake()` is called only on the event thread.
public protocol Reactor: AnyObject, Sendable {
  /// Waits until a source is ready, a timer is due, `wake()` was called, or the timeout has passed (`nil`: no limit, `.zero`: check once
  /// without waiting), then runs the handlers of the ready sources and timers.
  func turn(waitingAtMost timeout: Duration?)

  /// Lets the calling thread use the sources and timers from now on, instead of the one that did so before and has ended. There are no
  /// more turns: what is registered is not served.
  func passOn()

  /// Ends the wait of the current turn, or of the next one if none is running. May be called from any thread; it must return at once and
  /// must not call the event thread, whose queue is locked meanwhile.
  func wake()
}

extension Reactor {
  /// Does nothing: for a reactor that does not check which thread uses it.
  public func passOn() {}
}
