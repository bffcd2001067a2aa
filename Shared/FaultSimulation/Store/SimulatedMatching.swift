package import DeskCore
package import Store

/// `MatchingStore` on a simulated database.
package struct SimulatedMatching: MatchingStoring {
  let store: SimulatedStore

  package func waitingTickets(
    in queue: QueueID, at now: Instant, headStarts: HeadStarts, limit: Int
  ) async throws -> [WaitingTicket] {
    try await store.call(.waitingTickets) {
      $0.waitingTickets(in: queue, at: now, headStarts: headStarts, limit: limit)
    }
  }

  package func waitingTickets(
    in queues: [QueueID], at now: Instant, headStarts: HeadStarts, limit: Int
  ) async throws -> [QueueID: [WaitingTicket]] {
    try await store.call(.waitingTickets) { tables in
      Dictionary(
        uniqueKeysWithValues: queues.map {
          ($0, tables.waitingTickets(in: $0, at: now, headStarts: headStarts, limit: limit))
        })
    }
  }

  package func situation() async throws -> (queues: [QueueID], agents: [AgentRow]) {
    try await store.call(.agents) { tables in
      guard tables.isAnyAgentFree else { return ([], []) }
      let queues = tables.queuesWithWaiting
      return (queues, queues.isEmpty ? [] : tables.presentAgents)
    }
  }

  package func waitingCounts(upTo limits: [QueueID: Int], timeout: Duration?) async throws -> [QueueID: Int] {
    try await store.call(.waitingCounts) { $0.waitingCounts(upTo: limits) }
  }

  package func queuesWithWaiting() async throws -> [QueueID] {
    try await store.call(.queuesWithWaiting) { $0.queuesWithWaiting }
  }

  package func agentRows() async throws -> [AgentRow] { try await store.call(.agents) { $0.agentRows } }

  package func presentAgents() async throws -> [AgentRow] { try await store.call(.agents) { $0.presentAgents } }

  package func adoptAgents(of policy: Policy) async throws {
    try await store.call(.adoptAgents) { $0.adoptAgents(of: policy) }
  }

  package func setPresence(_ presence: Presence, of agent: AgentID) async throws -> Bool {
    try await store.call(.setPresence) { $0.setPresence(presence, of: agent) }
  }

  package func touch(_ agents: [AgentID]) async throws { try await store.call(.touch) { $0.touch(agents) } }

  package func agentsGone(after silence: Duration) async throws -> [AgentID] {
    try await store.call(.agentsGone) { $0.agentsGone(after: silence) }
  }

  package func absentHolders(limit: Int) async throws -> [AgentID] {
    try await store.call(.absentHolders) { $0.absentHolders(limit: limit) }
  }

  package func pace(of queue: QueueID) async throws -> Double? { try await store.call(.pace) { $0.pace(of: queue) } }

  package func keepPaces(_ paces: [QueueID: Double]) async throws {
    try await store.call(.keepPaces) { $0.keepPaces(paces) }
  }
}
