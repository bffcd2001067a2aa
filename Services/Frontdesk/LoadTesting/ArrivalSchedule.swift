/// The send times of messages: either at a steady rate, independent of the answers, or each as soon as there is room.
///
/// With a rate, latency is measured from the time the request was due and not from when it was sent, so that a server that
/// delays its clients does not hide its own slowness (coordinated omission).
struct ArrivalSchedule: Sendable, Equatable {
  /// Messages a second; nil sends as fast as acknowledged.
  let messagesPerSecond: Double?

  init(messagesPerSecond: Double?) {
    precondition(messagesPerSecond.map { $0 > 0 && $0.isFinite } ?? true, "a rate is positive")
    self.messagesPerSecond = messagesPerSecond
  }

  /// Returns when the request after `messages` others is due, relative to the start; nil for at once.
  func due(after messages: Int) -> Duration? {
    messagesPerSecond.map { .nanoseconds(Int64((Double(messages) / $0 * 1e9).rounded())) }
  }

  /// Returns the time from which latency is measured.
  func start(due: Duration?, sent: Duration) -> Duration {
    due.map { min($0, sent) } ?? sent
  }
}
