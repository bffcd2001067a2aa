package import DeskCore

/// Deliveries to hooks, and the dead letters of deliveries and messages. See `OutboxStore` for what each method promises.
package protocol OutboxStoring: Sendable {
  func claimNotices(
    for hook: HookID, by claimer: InstanceID, limit: Int, claimTime: Duration, overdue: Duration, keepingOrder: Bool
  ) async throws -> [ClaimedNotice]
  @discardableResult
  func delivered(_ notices: [NoticeID]) async throws -> Int32
  func postpone(_ notice: NoticeID, by delay: Duration, error: String) async throws
  func release(_ notice: NoticeID) async throws
  func deadLetter(_ notice: NoticeID, reason: String) async throws
  @discardableResult
  func deadLetter(_ message: MessageID, reason: String) async throws -> Bool
  func deadLetters(
    _ filter: DeadLetterFilter, includingReplayed all: Bool, limit: Int
  ) async throws -> [DeadLetter]
  func deadLetterCount() async throws -> Int64
  func replay(_ id: Identifier<DeadLetter>, freshTicket: TicketID) async throws -> Bool
  func hooksWithPendingDeliveries() async throws -> [HookID]
  func enqueueNotices(_ notices: [Notice]) async throws
}

extension OutboxStore: OutboxStoring {}

extension OutboxStoring {
  package func claimNotices(
    for hook: HookID, by claimer: InstanceID, limit: Int, claimTime: Duration, overdue: Duration = .zero
  ) async throws -> [ClaimedNotice] {
    try await claimNotices(
      for: hook, by: claimer, limit: limit, claimTime: claimTime, overdue: overdue, keepingOrder: true)
  }

  package func deadLetters(includingReplayed all: Bool, limit: Int) async throws -> [DeadLetter] {
    try await deadLetters(DeadLetterFilter(), includingReplayed: all, limit: limit)
  }
}
