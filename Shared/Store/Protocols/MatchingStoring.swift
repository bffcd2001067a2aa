package import DeskCore

/// Waiting tickets and the agents who could take them. See `MatchingStore` for what each method promises.
package protocol MatchingStoring: Sendable {
  func waitingTickets(
    in queue: QueueID, at now: Instant, headStarts: HeadStarts, limit: Int
  ) async throws -> [WaitingTicket]
  func waitingTickets(
    in queues: [QueueID], at now: Instant, headStarts: HeadStarts, limit: Int
  ) async throws -> [QueueID: [WaitingTicket]]
  func situation() async throws -> (queues: [QueueID], agents: [AgentRow])
  func waitingCounts(upTo limits: [QueueID: Int], timeout: Duration?) async throws -> [QueueID: Int]
  func queuesWithWaiting() async throws -> [QueueID]
  func agentRows() async throws -> [AgentRow]
  func presentAgents() async throws -> [AgentRow]
  func adoptAgents(of policy: Policy) async throws
  func setPresence(_ presence: Presence, of agent: AgentID) async throws -> Bool
  func touch(_ agents: [AgentID]) async throws
  func agentsGone(after silence: Duration) async throws -> [AgentID]
  func absentHolders(limit: Int) async throws -> [AgentID]
  func pace(of queue: QueueID) async throws -> Double?
  func keepPaces(_ paces: [QueueID: Double]) async throws
}

extension MatchingStore: MatchingStoring {}
