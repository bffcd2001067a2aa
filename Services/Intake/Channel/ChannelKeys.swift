import DeskCore
import HTTPService
import Logging
import ServiceHealth
import ZeroMQ

/// Maps a CURVE key to its channel, when a connection is authenticated and again at every request, so that a revoked key stops working on
/// connections that are already open. Lookups that keep failing are reported: a refused connection does not know why.
struct ChannelKeys: Sendable {
  /// The ZAP domain of the channels' socket.
  static let domain = "channel"

  let task = WatchedTask("channel_keys")
  private let cache: KeyCache<[UInt8], ChannelID>
  private let logger: Logger

  init(logger: Logger, lookUp: @escaping KeyCache<[UInt8], ChannelID>.LookUp) {
    cache = KeyCache(lookUp: lookUp)
    self.logger = logger
  }

  /// Returns the channel of a key.
  func channel(of key: CurvePublicKey) async throws -> ChannelID? {
    try await task.note(logger) { try await cache.value(for: key.bytes) }
  }

  /// Whether the key is known to be the channel's, without a lookup; false says nothing about the key.
  func isKnown(_ user: ChannelUser) -> Bool {
    cache.cached(user.key.bytes) == user.channel
  }

  /// Decides on a connection: its messages carry the channel and the key. While the database is unreachable, every connection is refused.
  func judge(_ request: ZAPRequest) async -> UserID? {
    guard let key = request.publicKey, let channel = try? await channel(of: key) else { return nil }
    return ChannelUser(channel: channel, key: key).userID
  }
}

/// The peer of a connection: the ZAP user id, `channel key`.
struct ChannelUser: Equatable, Sendable {
  let channel: ChannelID
  let key: CurvePublicKey

  init(channel: ChannelID, key: CurvePublicKey) {
    self.channel = channel
    self.key = key
  }

  /// Parses what `userID` wrote.
  init?(_ userID: UserID) {
    guard let space = userID.name.lastIndex(of: " "),
      let key = CurvePublicKey(z85: String(userID.name[userID.name.index(after: space)...]))
    else { return nil }
    self.init(channel: ChannelID(String(userID.name[..<space])), key: key)
  }

  /// Neither part contains a space.
  var userID: UserID? { UserID("\(channel.rawValue) \(key.z85)") }
}
