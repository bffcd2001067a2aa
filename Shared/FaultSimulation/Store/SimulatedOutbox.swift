package import DeskCore
package import Store

/// `OutboxStore` on a simulated database.
package struct SimulatedOutbox: OutboxStoring {
  let store: SimulatedStore

  package func claimNotices(
    for hook: HookID, by claimer: InstanceID, limit: Int, claimTime: Duration, overdue: Duration, keepingOrder: Bool
  ) async throws -> [ClaimedNotice] {
    try await store.call(.claimNotices) {
      $0.claimNotices(
        for: hook, by: claimer, limit: limit, claimTime: claimTime, overdue: overdue, keepingOrder: keepingOrder)
    }
  }

  package func delivered(_ notices: [NoticeID]) async throws -> Int32 {
    try await store.call(.delivered) { $0.delivered(notices) }
  }

  package func postpone(_ notice: NoticeID, by delay: Duration, error: String) async throws {
    try await store.call(.postpone) { $0.postpone(notice, by: delay) }
  }

  package func release(_ notice: NoticeID) async throws {
    try await store.call(.releaseNotice) { $0.release(notice) }
  }

  package func deadLetter(_ notice: NoticeID, reason: String) async throws {
    try await store.call(.deadLetter) { $0.deadLetter(notice, reason: reason) }
  }

  package func deadLetter(_ message: MessageID, reason: String) async throws -> Bool {
    try await store.call(.deadLetter) { $0.deadLetter(message, reason: reason) }
  }

  package func deadLetters(
    _ filter: DeadLetterFilter, includingReplayed all: Bool, limit: Int
  ) async throws -> [DeadLetter] {
    try await store.call(.readDeadLetters) { $0.deadLetters(filter, includingReplayed: all, limit: limit) }
  }

  package func deadLetterCount() async throws -> Int64 {
    try await store.call(.readDeadLetters) { Int64($0.deadLetters(includingReplayed: false, limit: .max).count) }
  }

  package func replay(_ id: Identifier<DeadLetter>, freshTicket: TicketID) async throws -> Bool {
    try await store.call(.replay) { $0.replay(id, freshTicket: freshTicket) }
  }

  package func hooksWithPendingDeliveries() async throws -> [HookID] {
    try await store.call(.pendingHooks) { $0.hooksWithPendingDeliveries }
  }

  package func enqueueNotices(_ notices: [Notice]) async throws {
    try await store.call(.enqueueNotices) { $0.enqueueNotices(notices) }
  }
}

/// `ReplyStore` on a simulated database.
package struct SimulatedReplies: ReplyStoring {
  let store: SimulatedStore

  package func replies(
    of channel: ChannelID, after cursor: Int64, _ selection: ReplyStore.Selection, limit: Int, bytes: Int
  ) async throws -> [StoredReply] {
    try await store.call(.replies) { $0.replies(of: channel, after: cursor, selection, limit: limit, bytes: bytes) }
  }

  package func newestSequence(of channel: ChannelID) async throws -> Int64 {
    try await store.call(.replies) { $0.newestSequence(of: channel) }
  }

  package func sent(_ replies: [MessageID], of channel: ChannelID) async throws {
    try await store.call(.repliesSent) { $0.sent(replies, of: channel) }
  }

  package func sent(upTo cursor: Int64, of channel: ChannelID) async throws {
    try await store.call(.repliesSent) { $0.sent(upTo: cursor, of: channel) }
  }

  package func record(
    _ receipts: [ReplyReceipt], of channel: ChannelID
  ) async throws -> [(outcome: ReplyDelivery.Outcome, state: ReplyState)?] {
    try await store.call(.recordReceipts) { $0.record(receipts, of: channel) }
  }

  package func failed(limit: Int) async throws -> [FailedReply] {
    try await store.call(.failedReplies) { $0.failedReplies(limit: limit) }
  }

  package func unreturned(among replies: [MessageID]) async throws -> Set<MessageID> {
    try await store.call(.failedReplies) { $0.unreturned(among: replies) }
  }

  package func deadLetter(_ replies: [MessageID]) async throws -> [MessageID] {
    try await store.call(.returnReplies) { $0.deadLetter(replies) }
  }

  package func dismiss(_ replies: [MessageID]) async throws {
    try await store.call(.returnReplies) { $0.dismiss(replies) }
  }
}
