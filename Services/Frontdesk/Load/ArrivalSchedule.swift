/// When messages are due: either at a steady rate, whatever the answers do, or each as soon as there is room.
///
/// With a rate the time of an answer is counted from the moment at which its request was due and not from when it was sent, so
/// that a server that holds up its clients does not thereby hide its own slowness (coordinated omission).
struct ArrivalSchedule: Sendable, Equatable {
  /// Messages a second; nil sends as fast as acknowledged.
  let messagesPerSecond: Double?

  init(messagesPerSecond: Double?) {
    precondition(messagesPerSecond.map { $0 > 0 && $0.isFinite } ?? true, "a rate is positive")
    self.messagesPerSecond = messagesPerSecond
  }

  /// When the request is due that follows after `messages` others, counted from the beginning; nil when at once.
  func due(after messages: Int) -> Duration? {
    messagesPerSecond.map { .nanoseconds(Int64((Double(messages) / $0 * 1e9).rounded())) }
  }

  /// The moment from which the time of an answer counts.
  func start(due: Duration?, sent: Duration) -> Duration {
    due.map { min($0, sent) } ?? sent
  }
}

/// The pause before a repetition: doubling, with an upper bound.
struct RetryPause: Sendable {
  private(set) var next: Duration
  private let bounds: (first: Duration, last: Duration)

  init(_ bounds: (first: Duration, last: Duration) = LoadBounds.retryPause) {
    next = bounds.first
    self.bounds = bounds
  }

  /// The pause to make now; the following one is twice as long.
  mutating func take() -> Duration {
    defer { next = min(next * 2, bounds.last) }
    return next
  }

  /// Begins anew after a success.
  mutating func reset() {
    next = bounds.first
  }
}
