import DeskCore
import Store
import ZeroMQ

/// Who handed a message in: the bearer of one key. Commits are shared out by it, so that one key's flood delays no other key.
enum MessageSender: Hashable, Sendable {
  /// Over HTTP.
  case apiKey(Identifier<APIKey>)
  /// Over ZeroMQ.
  case curveKey(CurvePublicKey)
  /// A channel, where nothing is known of the key.
  case channel(ChannelID)
}
