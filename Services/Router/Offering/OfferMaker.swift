import DeskCore
import Logging
import Messaging
import ServiceKit
import ServiceLifecycle
import Store

/// Puts waiting tickets before agents, for the queues that this router owns.
///
/// It wakes by hints and looks by itself twice a second, so that a lost hint costs half a second and nothing else. Every offer is
/// committed under the queue's lease and under the agent's capacity; what meets another step is simply looked at again.
struct OfferMaker: Service {
  let store: DeskStore
  let clock: DatabaseClock
  let policy: PolicyFollower
  let leases: LeaseKeeper
  let hints: HintPublisher
  let metrics: RouterMetrics
  let logger: Logger
  /// Signals that something may be offered.
  let wakeUps: AsyncStream<Void>

  func run() async throws {
    await cancelWhenGracefulShutdown {
      for await _ in wakeUps {
        do {
          while try await runOnce() > 0, !Task.isCancelled {}
        } catch {
          logger.debug("a round of offers failed", metadata: ["error": "\(error)"])
        }
        try? await Task.sleep(for: RouterBounds.shortestMatchingPause)
      }
    }
  }

  /// One round over the owned queues in which something waits.
  /// - Returns: how many offers were made.
  func runOnce() async throws -> Int {
    guard let policy = policy.current else { return 0 }
    // In overload everything waits and nobody is free: that is asked first, for it costs the least.
    var agents = try await store.freeAgents().compactMap { row in
      policy.agents[row.agent].map {
        AgentStatus(profile: $0, presence: row.presence, load: row.load, idleSince: row.idleSince)
      }
    }
    guard !agents.isEmpty else { return 0 }
    let queues = try await store.queuesWithWaiting().filter { leases.fence(QueueOwnership.lease(of: $0)) != nil }
    var made = 0
    for queue in queues where !agents.isEmpty {
      guard let queuePolicy = policy.queues[queue] else { continue }
      let taken = try await offer(in: queuePolicy, to: agents, under: policy)
      made += taken.count
      // Whoever was asked just now is not asked by the next queue before the database says how loaded they are.
      agents.removeAll { taken.contains($0.profile.id) }
    }
    return made
  }

  private func offer(
    in queue: QueuePolicy, to agents: [AgentStatus], under policy: Policy
  ) async throws -> Set<AgentID> {
    let now = clock.now()
    var matches = try await matches(in: queue, to: agents, looking: RouterBounds.ticketsPerMatching, now: now)
    if matches == nil {
      matches = try await self.matches(in: queue, to: agents, looking: RouterBounds.ticketsPerDeepMatching, now: now)
    }
    guard let matches else { return [] }
    guard !matches.isEmpty, let fence = leases.fence(QueueOwnership.lease(of: queue.id)) else { return [] }
    let tickets = try await store.tickets(matches.map(\.ticket.id))
    var random = SystemRandomNumberGenerator()
    var steps: [TicketStep] = []
    for match in matches {
      guard let ticket = tickets[match.ticket.id], ticket.version == match.ticket.version else { continue }
      var offered = ticket
      let offer = Offer(
        id: OfferID(at: now, using: &random), agent: match.agent, offeredAt: now, expiresAt: now + queue.offerTime)
      guard let effects = try? offered.handle(.offered(offer), now: now, under: policy).explained(by: match.detail)
      else { continue }
      steps.append(
        TicketStep(
          expectedVersion: ticket.version, ticket: offered, at: now, effects: effects,
          notices: TicketStep.notices(for: effects, of: offered, under: policy, at: now, using: &random),
          traceparent: nil, reopenWindow: policy.reopenWindow(of: ticket.channel)))
    }
    let committed = try await store.commit(steps, fencedBy: fence)
    let asked = Set(steps.filter { committed.contains($0.ticket.id) }.compactMap(\.ticket.offer?.agent))
    metrics.offers.increment(by: Double(asked.count))
    await hints.publish(asked.map { HintPublisher.Hint(topic: HintTopics.offer, key: $0.rawValue) })
    return asked
  }
}

extension OfferMaker {
  /// - Returns: nil when nobody fits any of the first `depth` tickets and more may wait behind them.
  private func matches(
    in queue: QueuePolicy, to agents: [AgentStatus], looking depth: Int, now: Instant
  ) async throws -> [Match]? {
    let waiting = try await store.waitingTickets(in: queue.id, limit: depth)
    let matches = OfferMatcher(queue: queue).matches(for: waiting, among: agents, now: now)
    return matches.isEmpty && waiting.count == depth ? nil : matches
  }
}

extension [TicketEffect] {
  /// Adds to the timeline why this agent was asked.
  fileprivate func explained(by why: Detail) -> [TicketEffect] {
    map { effect in
      guard case .record(let entry) = effect, entry.kind == .offered, case .object(let fields) = entry.detail else {
        return effect
      }
      return .record(TimelineEntry(entry.kind, by: entry.actor, .object(fields + [.init("why", why)])))
    }
  }
}
