import DeskCore

/// A message that a client sends.
struct SentMessage: Sendable, Equatable {
  var channel: ChannelID
  /// The channel's own id, by which repetitions are detected.
  var id: String
  var customer: String
  var text: String
  var subject: String?
  // exact-keys: names that we choose.
  var attributes: [String: String] = [:]
}
