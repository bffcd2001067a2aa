/// What is known of a customer's look-up in the CRM.
public struct LookUpRecord: Hashable, Sendable {
  /// Since when someone waits for it; nil when no one does.
  public let wantedAt: Instant?
  /// When the CRM answered last, and when it last failed to.
  public let fetchedAt: Instant?
  public let failedAt: Instant?
  /// The kept fields, a JSON object; nil when the CRM does not know the customer, or has not answered yet.
  public let fields: String?

  /// Describes what is known.
  public init(wantedAt: Instant? = nil, fetchedAt: Instant? = nil, failedAt: Instant? = nil, fields: String? = nil) {
    self.wantedAt = wantedAt
    self.fetchedAt = fetchedAt
    self.failedAt = failedAt
    self.fields = fields
  }

  /// How much of an answer there is.
  public enum State: String, Hashable, Sendable, CaseIterable {
    /// The CRM has been asked, or will be at once.
    case pending
    /// The answer is younger than the policy's `keep`.
    case fresh
    /// There is an older answer, and a new one is under way or failed.
    case stale
    /// The CRM does not know the customer.
    case unknown
    /// The CRM did not answer, and never has for this customer.
    case unavailable
  }

  /// How long a request for a look-up stands before it is repeated, and how long a failure is not repeated.
  public static let patience: Duration = .seconds(60)
  public static let pauseAfterFailure: Duration = .seconds(10)

  /// - Parameter keeps: how long an answer is fresh.
  public func state(now: Instant, keeps: Duration) -> State {
    guard let fetchedAt else { return failedAt == nil ? .pending : .unavailable }
    guard now - fetchedAt < keeps else {
      if fields != nil { return .stale }
      return failedAt.map { $0 > fetchedAt } ?? false ? .unavailable : .pending
    }
    return fields == nil ? .unknown : .fresh
  }

  /// Whether the CRM should be asked: there is no fresh answer, no request that still stands, and no recent failure.
  public func needsAnswer(now: Instant, keeps: Duration) -> Bool {
    if let fetchedAt, now - fetchedAt < keeps { return false }
    if let failedAt, now - failedAt < LookUpRecord.pauseAfterFailure { return false }
    return wantedAt.map { now - $0 >= LookUpRecord.patience } ?? true
  }
}
