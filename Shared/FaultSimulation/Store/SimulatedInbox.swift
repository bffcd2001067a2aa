package import DeskCore
package import Store

/// `InboxStore` on a simulated database.
package struct SimulatedInbox: InboxStoring {
  let store: SimulatedStore

  package func accept(
    _ messages: [IncomingMessage], owner: InstanceID?, patience: LockPatience, messagesPerTicket: Int
  ) async throws -> [AcceptOutcome] {
    try await store.call(.accept) { $0.accept(messages, owner: owner, messagesPerTicket: messagesPerTicket) }
  }

  package func claimRequestKey(_ key: String, channel: ChannelID, digest: [UInt8]) async throws -> RequestKeyClaim {
    try await store.call(.claimRequestKey) { $0.claimRequestKey(key, channel: channel, digest: digest) }
  }

  package func adopt(for adopter: InstanceID, limit: Int) async throws -> [UndecidedMessage] {
    try await store.call(.adopt) { $0.adopt(for: adopter, limit: limit) }
  }

  package func claimUnlabelled(olderThan age: Duration, limit: Int) async throws -> [UndecidedMessage] {
    try await store.call(.claimUnlabelled) { $0.claimUnlabelled(olderThan: age, limit: limit) }
  }

  package func claimLabelled(olderThan age: Duration, limit: Int) async throws -> [UndecidedMessage] {
    try await store.call(.claimLabelled) { $0.claimLabelled(olderThan: age, limit: limit) }
  }

  package func write(
    labels: [(MessageID, Labels)], suggestions: [MessageID: [ArticleSuggestion]], guesses: [MessageID: [LabelGuess]]
  ) async throws {
    try await store.call(.writeLabels) { $0.write(labels: labels, suggestions: suggestions, guesses: guesses) }
  }

  package func release(_ messages: [MessageID], heldBy owner: InstanceID) async throws {
    try await store.call(.releaseMessages) { $0.release(messages, heldBy: owner) }
  }

  package func releaseAll(heldBy owner: InstanceID) async throws {
    try await store.call(.releaseAllMessages) { $0.releaseAll(heldBy: owner) }
  }

  package func claimPoisoned(limit: Int) async throws -> [UndecidedMessage] {
    try await store.call(.claimPoisoned) { $0.claimPoisoned(limit: limit) }
  }

  package func countAttempts(of messages: [MessageID]) async throws {
    try await store.call(.countAttempts) { $0.countAttempts(of: messages) }
  }

  package func undecided(among messages: [MessageID]) async throws -> Set<MessageID> {
    Set(try await undecidedWords(of: messages).keys)
  }

  package func undecidedWords(of messages: [MessageID]) async throws -> [MessageID: (author: String, text: String)] {
    try await store.call(.undecided) { $0.undecidedWords(of: messages) }
  }

  package func rehome(_ message: MessageID, freshTicket: TicketID) async throws -> Bool {
    try await store.call(.rehome) { $0.rehome(message, freshTicket: freshTicket) }
  }
}
