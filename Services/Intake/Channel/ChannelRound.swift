import ZeroMQ

/// A request that was admitted, from an authenticated peer.
struct ChannelPost: Sendable {
  let user: ChannelUser
  let peer: [UInt8]
  let request: ChannelRequest
  /// What it counts in `PeerLimits`.
  let bytes: Int
}

/// Requests of one sender that are read and prepared in one turn: several small ones, or one that is large.
struct ChannelRound: Sendable {
  let user: ChannelUser
  private(set) var posts: [ChannelPost]
  private(set) var bytes: Int

  private init(_ post: ChannelPost) {
    user = post.user
    posts = [post]
    bytes = post.bytes
  }

  private func takes(_ post: ChannelPost) -> Bool {
    posts.count < ChannelBounds.requestsPerRound && bytes + post.bytes <= ChannelBounds.bytesPerRound
  }

  private mutating func add(_ post: ChannelPost) {
    posts.append(post)
    bytes += post.bytes
  }

  /// Divides requests that arrived together into rounds: those of one sender in their order, and senders by turns, so that one sender's
  /// many requests delay another by one round.
  static func rounds(of posts: [ChannelPost]) -> [ChannelRound] {
    var senders: [CurvePublicKey: Int] = [:]
    var bySender: [[ChannelRound]] = []
    for post in posts {
      guard let place = senders[post.user.key] else {
        senders[post.user.key] = bySender.count
        bySender.append([ChannelRound(post)])
        continue
      }
      let last = bySender[place].count - 1
      if bySender[place][last].takes(post) {
        bySender[place][last].add(post)
      } else {
        bySender[place].append(ChannelRound(post))
      }
    }
    guard bySender.count > 1 else { return bySender.first ?? [] }
    let most = bySender.reduce(0) { max($0, $1.count) }
    return (0..<most).flatMap { turn in bySender.compactMap { turn < $0.count ? $0[turn] : nil } }
  }
}
