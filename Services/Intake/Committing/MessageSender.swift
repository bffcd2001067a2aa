import DeskCore
import Store
import ZeroMQ

/// The sender of a message: the owner of one key. Commits are shared by sender, so that one key's flood delays no other key.
enum MessageSender: Hashable, Sendable {
  /// Over HTTP.
  case apiKey(Identifier<APIKey>)
  /// Over ZeroMQ.
  case curveKey(CurvePublicKey)
  /// A channel whose key is unknown.
  case channel(ChannelID)
}
