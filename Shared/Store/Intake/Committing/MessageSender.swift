package import DeskCore

/// The sender of a message: the owner of one key. Commits are shared by sender, so that one key's flood delays no other key.
package enum MessageSender: Hashable, Sendable {
  /// Over HTTP.
  case apiKey(Identifier<APIKey>)
  /// Over ZeroMQ, by the bytes of its public key.
  case curveKey([UInt8])
  /// A channel whose key is unknown.
  case channel(ChannelID)

  /// Each message is hashed several times on its way through the line, so the bytes of a key are hashed at once and not one by one.
  package func hash(into hasher: inout Hasher) {
    switch self {
    case .apiKey(let key): hasher.combine(key)
    case .curveKey(let bytes): bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    case .channel(let channel): hasher.combine(channel)
    }
  }
}
