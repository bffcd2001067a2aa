/// How far a reply to a customer has come. The raw value is stored, and shown to agents and channels.
public enum ReplyState: String, Hashable, Sendable, CaseIterable {
  /// Written, and not yet with the channel: no hook has accepted it and the channel has not fetched it.
  case queued
  /// The channel's system has it: its hook accepted it, it fetched it, or it acknowledged it.
  case sent
  /// It has reached the customer's device or mailbox.
  case delivered
  /// The customer has seen it.
  case read
  /// It does not reach the customer.
  case failed

  /// Whether no report changes it any more.
  public var isFinal: Bool { self == .read || self == .failed }

  /// The states that a channel can report.
  public static let reportable: [ReplyState] = allCases.filter { $0 != .queued }

  /// The position on the way to the customer; a failure ends the way from anywhere.
  private var stage: Int {
    switch self {
    case .queued: 0
    case .sent: 1
    case .delivered: 2
    case .read, .failed: 3
    }
  }

  /// The states from which a report of this state changes a reply.
  public var predecessors: [ReplyState] {
    ReplyState.allCases.filter { !$0.isFinal && $0.stage < stage }
  }
}

/// What a channel reports about a reply.
public struct ReplyReceipt: Hashable, Sendable {
  /// The reply.
  public let reply: MessageID
  /// The state that it has reached.
  public let state: ReplyState
  /// When, by the channel's clock; nil for the time of the report.
  public let at: Instant?
  /// Why it failed, in the provider's text; nil for any other state, or if the channel does not know.
  public let reason: String?

  /// Describes a report.
  public init(reply: MessageID, state: ReplyState, at: Instant? = nil, reason: String? = nil) {
    self.reply = reply
    self.state = state
    self.at = at
    self.reason = state == .failed ? reason : nil
  }
}

/// The delivery of one reply: its state, since when, and why it failed.
///
/// Reports arrive repeatedly, late and in any order, so a report only moves a reply forward: `queued`, `sent`, `delivered`, `read`,
/// with any step skipped, or `failed` from every state before `read`. Everything else is a repetition, or contradicts what is known, and
/// changes nothing.
public struct ReplyDelivery: Hashable, Sendable {
  /// The state.
  public private(set) var state: ReplyState
  /// Since when it has been in this state.
  public private(set) var at: Instant
  /// Why it failed; nil for any other state, or if the channel gave no reason.
  public private(set) var reason: String?

  /// What a report did.
  public enum Outcome: String, Hashable, Sendable, CaseIterable {
    /// The reply has a new state.
    case recorded
    /// The reply had this state, or a later one on the same way.
    case unchanged
    /// The reply had failed, or had been read, and stays so.
    case contradicted
  }

  /// A reply that was just written.
  public init(writtenAt instant: Instant) {
    self.init(state: .queued, at: instant, reason: nil)
  }

  /// A delivery as stored.
  public init(state: ReplyState, at: Instant, reason: String?) {
    self.state = state
    self.at = at
    self.reason = reason
  }

  /// Applies a report.
  /// - Parameter now: the time of the report. A channel's own time counts only within the time since the last change.
  public mutating func handle(_ receipt: ReplyReceipt, now: Instant) -> Outcome {
    guard receipt.state.predecessors.contains(state) else {
      return ReplyDelivery.isContradiction(receipt.state, of: state) ? .contradicted : .unchanged
    }
    at = min(max(receipt.at ?? now, at), max(now, at))
    state = receipt.state
    reason = receipt.reason
    return .recorded
  }

  private static func isContradiction(_ reported: ReplyState, of known: ReplyState) -> Bool {
    known == .failed ? [.delivered, .read].contains(reported) : known == .read && reported == .failed
  }
}
