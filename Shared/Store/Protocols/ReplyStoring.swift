package import DeskCore

/// Replies to customers on their way to the channels. See `ReplyStore` for what each method promises.
package protocol ReplyStoring: Sendable {
  func replies(
    of channel: ChannelID, after cursor: Int64, _ selection: ReplyStore.Selection, limit: Int, bytes: Int
  ) async throws -> [StoredReply]
  func newestSequence(of channel: ChannelID) async throws -> Int64
  func sent(_ replies: [MessageID], of channel: ChannelID) async throws
  func sent(upTo cursor: Int64, of channel: ChannelID) async throws
  func record(
    _ receipts: [ReplyReceipt], of channel: ChannelID
  ) async throws -> [(outcome: ReplyDelivery.Outcome, state: ReplyState)?]
  func failed(limit: Int) async throws -> [FailedReply]
  func unreturned(among replies: [MessageID]) async throws -> Set<MessageID>
  @discardableResult
  func deadLetter(_ replies: [MessageID]) async throws -> [MessageID]
  func dismiss(_ replies: [MessageID]) async throws
}

extension ReplyStore: ReplyStoring {}

extension ReplyStoring {
  package func replies(
    of channel: ChannelID, after cursor: Int64, _ selection: ReplyStore.Selection = .all, limit: Int
  ) async throws -> [StoredReply] {
    try await replies(of: channel, after: cursor, selection, limit: limit, bytes: StoreBounds.pageBytes)
  }
}
