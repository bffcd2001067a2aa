package import DeskCore

/// Accepting messages, and claiming, labelling and releasing undecided ones. See `InboxStore` for what each method promises.
package protocol InboxStoring: Sendable {
  func accept(
    _ messages: [IncomingMessage], owner: InstanceID?, patience: LockPatience, messagesPerTicket: Int
  ) async throws -> [AcceptOutcome]
  func claimRequestKey(_ key: String, channel: ChannelID, digest: [UInt8]) async throws -> RequestKeyClaim
  func adopt(for adopter: InstanceID, limit: Int) async throws -> [UndecidedMessage]
  func claimUnlabelled(olderThan age: Duration, limit: Int) async throws -> [UndecidedMessage]
  func claimLabelled(olderThan age: Duration, limit: Int) async throws -> [UndecidedMessage]
  func write(
    labels: [(MessageID, Labels)], suggestions: [MessageID: [ArticleSuggestion]], guesses: [MessageID: [LabelGuess]]
  ) async throws
  func release(_ messages: [MessageID], heldBy owner: InstanceID) async throws
  func releaseAll(heldBy owner: InstanceID) async throws
  func claimPoisoned(limit: Int) async throws -> [UndecidedMessage]
  func countAttempts(of messages: [MessageID]) async throws
  func undecided(among messages: [MessageID]) async throws -> Set<MessageID>
  func undecidedWords(of messages: [MessageID]) async throws -> [MessageID: (author: String, text: String)]
  @discardableResult
  func rehome(_ message: MessageID, freshTicket: TicketID) async throws -> Bool
}

extension InboxStore: InboxStoring {}

extension InboxStoring {
  package func accept(_ messages: [IncomingMessage], owner: InstanceID?) async throws -> [AcceptOutcome] {
    try await accept(
      messages, owner: owner, patience: .asConfigured, messagesPerTicket: StoreBounds.messagesPerTicket)
  }

  package func write(
    labels: [(MessageID, Labels)], suggestions: [MessageID: [ArticleSuggestion]] = [:]
  ) async throws {
    try await write(labels: labels, suggestions: suggestions, guesses: [:])
  }
}
