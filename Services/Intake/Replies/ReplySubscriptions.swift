import DeskCore

/// Who receives a channel's replies over ZeroMQ, and what was sent and not acknowledged. Pure.
///
/// - A subscription lasts `IntakeBounds.replySubscriptionTime` and is renewed by subscribing again: a ROUTER does not learn that a peer has
///   gone.
/// - The newest subscription of a channel is the active one, so a client that reconnects is served at once. Others stand by, and take
///   over when it ends. Replies are sent to one peer, in order.
/// - At most `window` replies are in flight. When the oldest is not acknowledged in time, it is sent again with all that followed it, so
///   that what the client sees last is in order.
struct ReplySubscriptions {
  /// What may be sent to a peer.
  struct Turn: Equatable {
    let peer: [UInt8]
    let user: ChannelUser
    /// Where the replies go.
    let envelope: ChannelEnvelope
    /// Only replies with a greater number.
    let after: Int64
    /// How many.
    let room: Int
  }

  private struct InFlight {
    let reply: MessageID
    let sequence: Int64
    let sentAt: ContinuousClock.Instant
  }

  private struct Subscription {
    let user: ChannelUser
    /// Grows with each new subscription.
    let number: Int
    var envelope: ChannelEnvelope
    var window: Int
    var endsAt: ContinuousClock.Instant
    /// In the order of their numbers.
    var inFlight: [InFlight] = []
  }

  private let capacity: Int
  private var byPeer: [[UInt8]: Subscription] = [:]
  private var latest = 0

  init(capacity: Int = IntakeBounds.replySubscriptions) {
    self.capacity = capacity
  }

  /// Whether there is none.
  var isEmpty: Bool { byPeer.isEmpty }

  /// Begins or renews a peer's subscription.
  /// - Returns: false when there are too many.
  mutating func subscribe(
    _ peer: [UInt8], as user: ChannelUser, envelope: ChannelEnvelope, window: Int, now: ContinuousClock.Instant
  ) -> Bool {
    let endsAt = now + IntakeBounds.replySubscriptionTime
    if var known = byPeer[peer], known.user == user {
      known.envelope = envelope
      known.window = window
      known.endsAt = endsAt
      byPeer[peer] = known
      return true
    }
    expire(now: now)
    guard byPeer.count < capacity || byPeer[peer] != nil else { return false }
    latest += 1
    byPeer[peer] = Subscription(user: user, number: latest, envelope: envelope, window: window, endsAt: endsAt)
    return true
  }

  /// Ends a peer's subscription.
  mutating func end(_ peer: [UInt8]) {
    byPeer[peer] = nil
  }

  /// A channel has acknowledged replies, over any connection.
  mutating func acknowledge(_ replies: Set<MessageID>, of channel: ChannelID) {
    for (peer, subscription) in byPeer where subscription.user.channel == channel {
      byPeer[peer]?.inFlight.removeAll { replies.contains($0.reply) }
    }
  }

  /// Returns what may be sent now, by channel: to the active peers with room in their windows.
  mutating func turns(now: ContinuousClock.Instant) -> [Turn] {
    expire(now: now)
    var active: [ChannelID: (peer: [UInt8], number: Int)] = [:]
    for (peer, subscription) in byPeer where subscription.number > active[subscription.user.channel]?.number ?? 0 {
      active[subscription.user.channel] = (peer, subscription.number)
    }
    return active.sorted { $0.key < $1.key }.compactMap { _, holder in
      guard var subscription = byPeer[holder.peer] else { return nil }
      if let oldest = subscription.inFlight.map(\.sentAt).min(), oldest + IntakeBounds.replyResendTime <= now {
        subscription.inFlight = []
        byPeer[holder.peer] = subscription
      }
      let room = subscription.window - subscription.inFlight.count
      guard room > 0 else { return nil }
      return Turn(
        peer: holder.peer, user: subscription.user, envelope: subscription.envelope,
        after: subscription.inFlight.last?.sequence ?? 0, room: room)
    }
  }

  /// Replies are about to be sent to a peer.
  /// - Parameter replies: in the order of their numbers.
  mutating func sent(
    _ replies: [(reply: MessageID, sequence: Int64)], to peer: [UInt8], now: ContinuousClock.Instant
  ) {
    byPeer[peer]?.inFlight += replies.map { InFlight(reply: $0.reply, sequence: $0.sequence, sentAt: now) }
  }

  private mutating func expire(now: ContinuousClock.Instant) {
    byPeer = byPeer.filter { $0.value.endsAt > now }
  }
}
