package import DeskCore

/// The sender of a message: the owner of one key. Commits are shared by sender, so that one key's flood delays no other key.
package enum MessageSender: Hashable, Sendable {
  /// Over HTTP.
  case apiKey(Identifier<APIKey>)
  /// Over ZeroMQ, by the bytes of its public key.
  case curveKey([UInt8])
  /// A channel whose key is unknown.
  case channel(ChannelID)
}
