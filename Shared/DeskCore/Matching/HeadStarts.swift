/// How much earlier than its target a ticket counts as due in the order of its queue.
///
/// The head start of the priority class and that of the customer tier add up. They matter only among tickets that can still be in time.
/// Urgent tickets have a separate band, in which all have the same head start for their class, so only their tier makes a difference.
///
/// Every queue of a desk uses the same head starts, because tickets of different queues are compared when they compete for an agent.
public struct HeadStarts: Hashable, Sendable {
  /// For priority high and urgent, zero or more.
  public var high: Duration
  /// For customers of the tier VIP, zero or more.
  public var vip: Duration
  /// For key accounts, zero or more.
  public var keyAccount: Duration

  /// Describes head starts. The defaults are those of a policy without `head_starts`, stored ones included: changing them changes what
  /// such a policy means, and the replay of offers made under it.
  public init(high: Duration = .seconds(600), vip: Duration = .seconds(300), keyAccount: Duration = .seconds(900)) {
    self.high = high
    self.vip = vip
    self.keyAccount = keyAccount
  }

  /// The head start of a ticket's priority class.
  public func start(of priority: Priority) -> Duration {
    priority <= .high ? high : .zero
  }

  /// The head start of a customer's tier.
  public func start(of tier: CustomerTier) -> Duration {
    switch tier {
    case .keyAccount: keyAccount
    case .vip: vip
    case .standard: .zero
    }
  }

  /// The head start of a ticket.
  public func start(of priority: Priority, _ tier: CustomerTier) -> Duration {
    start(of: priority) + start(of: tier)
  }
}
