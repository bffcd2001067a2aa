import DeskCore
import ServiceProcess
import Store

/// The data source of streams.
protocol StreamSource: Sendable {
  /// Tickets that are currently offered to some agents.
  func ticketsOffered(to agents: [AgentID]) async throws -> [Ticket]
  /// Which tickets some agents have, in which version.
  func heldVersions(of agents: [AgentID]) async throws -> [HeldVersion]
  /// Live tickets by identifier; others are missing.
  func tickets(_ ids: [TicketID]) async throws -> [TicketID: Ticket]
  /// The newest messages of a ticket's conversation that fit into an offer.
  func messagesForOffer(of ticket: TicketID) async throws -> [StoredMessage]
  /// The newest unread and read notices of some readers, newest first.
  func newestNotices(for readers: [NoticeReader]) async throws -> [NoticeReader: [StaffNotice]]
  /// What some agents' streams show of consults: those open that are put to them, and their own that were answered lately, oldest first.
  func consults(of agents: [AgentID]) async throws -> [AgentID: [StoredConsult]]
  /// The subset of some keys that is valid now.
  func validKeys(among ids: [Identifier<APIKey>]) async throws -> Set<Identifier<APIKey>>
  /// Records that the clients of some agents are connected.
  func touch(_ agents: [AgentID]) async throws
}

/// The desk's stores as the source.
struct DeskStreamSource: StreamSource {
  let store: DeskStore
  let policy: PolicyFollower
  let clock: DatabaseClock

  func ticketsOffered(to agents: [AgentID]) async throws -> [Ticket] {
    try await store.tickets.ticketsOffered(to: agents)
  }

  func heldVersions(of agents: [AgentID]) async throws -> [HeldVersion] {
    try await store.tickets.heldVersions(of: agents)
  }

  func tickets(_ ids: [TicketID]) async throws -> [TicketID: Ticket] {
    try await store.tickets.tickets(ids)
  }

  func messagesForOffer(of ticket: TicketID) async throws -> [StoredMessage] {
    try await store.conversations.messages(of: ticket, limit: ConsoleBounds.messagesPerOffer)
  }

  func newestNotices(for readers: [NoticeReader]) async throws -> [NoticeReader: [StaffNotice]] {
    try await store.notices.newestNotices(for: readers, limit: ConsoleBounds.noticesPerLook)
  }

  func consults(of agents: [AgentID]) async throws -> [AgentID: [StoredConsult]] {
    guard let policy = policy.current else { return [:] }
    let lines = Set(agents.flatMap { policy.interfaceLines(of: $0) }).sorted()
    let news = try await store.consults.news(
      for: agents, lines: lines, since: clock.now() - ConsoleBounds.consultNewsTime,
      limit: ConsoleBounds.consultsPerLook)
    var shown: [AgentID: [StoredConsult]] = [:]
    for agent in agents {
      let own = news.filter { found in
        found.consult.state == .open
          ? found.consult.isPut(to: agent, under: policy) : found.consult.asker == agent
      }
      if !own.isEmpty { shown[agent] = own }
    }
    return shown
  }

  func validKeys(among ids: [Identifier<APIKey>]) async throws -> Set<Identifier<APIKey>> {
    try await store.access.validKeys(among: ids)
  }

  func touch(_ agents: [AgentID]) async throws {
    try await store.matching.touch(agents)
  }
}
