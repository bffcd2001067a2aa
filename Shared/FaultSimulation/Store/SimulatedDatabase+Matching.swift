package import DeskCore
package import Store

// MARK: - Waiting tickets

extension SimulatedDatabase {
  /// As `MatchingStore.waitingTickets`: the first of each kind are read from the index, and put in the order of `QueueRank`.
  package func waitingTickets(
    in queue: QueueID, at moment: Instant, headStarts: HeadStarts, limit: Int
  ) -> [WaitingTicket] {
    guard let index = live.waiting[queue], index.count > 0 else { return [] }
    var found: [TicketID] = []
    for (isUrgent, isInTime) in [(true, true), (true, false), (false, true), (false, false)] {
      let part = part(of: index, urgent: isUrgent, inTime: isInTime, at: moment, limit: limit - found.count) {
        rank, start, place in
        isInTime
          ? PlaceInPart(rank: 0, timed: TimedTicket(at: place.at - start, ticket: place.ticket))
          : PlaceInPart(rank: rank, timed: place)
      } headStart: {
        headStarts.start(of: $0, $1)
      }
      found += part
    }
    found += part(
      of: index, urgent: false, inTime: false, at: moment, limit: StoreBounds.overdueTicketsPerMatching
    ) { _, _, place in
      PlaceInPart(rank: 0, timed: place)
    } headStart: { _, _ in
      .zero
    }
    var seen: Set<TicketID> = []
    return found.filter { seen.insert($0).inserted }.compactMap(waitingTicket)
      .inQueueOrder(headStarts: headStarts, now: moment)
  }

  private struct PlaceInPart: Comparable {
    let rank: Int16
    let timed: TimedTicket

    static func < (left: Self, right: Self) -> Bool {
      left.rank != right.rank ? left.rank < right.rank : left.timed < right.timed
    }
  }

  /// The first tickets of one part of the order, in it.
  private func part(
    of index: WaitingIndex, urgent isUrgent: Bool, inTime isInTime: Bool, at moment: Instant, limit: Int,
    place: (Int16, Duration, TimedTicket) -> PlaceInPart, headStart: (Priority, CustomerTier) -> Duration
  ) -> [TicketID] {
    guard limit > 0 else { return [] }
    var found: [PlaceInPart] = []
    for priority in Priority.allCases where (priority == .urgent) == isUrgent {
      for tier in CustomerTier.allCases {
        let rank = Ticket.rank(priority, tier)
        guard let kind = index.kinds[rank] else { continue }
        let start = headStart(priority, tier)
        found += kind.first(
          limit, from: isInTime ? .end(of: moment) : nil, while: { isInTime || $0.at <= moment },
          where: { isReady($0.ticket, at: moment) }
        ).map { place(rank, start, $0) }
      }
    }
    return found.sorted().prefix(limit).map(\.timed.ticket)
  }

  /// A ticket whose customer has only greeted does not wait yet.
  private func isReady(_ id: TicketID, at moment: Instant) -> Bool {
    live[id]?.ticket.conversation.heldUntil.map { $0 <= moment } ?? true
  }

  private func waitingTicket(_ id: TicketID) -> WaitingTicket? {
    guard let row = live[id] else { return nil }
    let ticket = row.ticket
    return WaitingTicket(
      id: id, version: ticket.version, priority: ticket.priority, tier: ticket.tier, skills: ticket.skills,
      weight: ticket.weight, language: ticket.labels?.language ?? "und",
      waitingSince: ticket.waitingSince ?? ticket.openedAt, dueAt: ticket.clocks.nearestDueAt,
      refusedBy: ticket.refusedBy, lastAgent: ticket.lastAgent ?? row.previous.flatMap { closed[$0]?.ticket.lastAgent },
      dedicatedAgent: customers[ticket.owner]?.dedicatedAgent, pauses: ticket.pauses, customer: ticket.owner)
  }

  /// As `MatchingStore.waitingCounts`.
  package func waitingCounts(upTo limits: [QueueID: Int]) -> [QueueID: Int] {
    var counts: [QueueID: Int] = [:]
    for (queue, limit) in limits { counts[queue] = min(limit, live.waiting[queue]?.count ?? 0) }
    return counts
  }

  /// As `MatchingStore.queuesWithWaiting`.
  package var queuesWithWaiting: [QueueID] { live.waiting.filter { $0.value.count > 0 }.keys.sorted() }

  /// As `MatchingStore.pace(of:)`.
  package func pace(of queue: QueueID) -> Double? {
    paces[queue].flatMap { $0.at > now - StoreBounds.paceHolds ? $0.perSecond : nil }
  }

  /// As `MatchingStore.keepPaces`.
  package mutating func keepPaces(_ measured: [QueueID: Double]) {
    for (queue, pace) in measured { paces[queue] = (pace, now) }
  }
}

// MARK: - Agents

extension SimulatedDatabase {
  /// As `MatchingStore.agentRows`.
  package var agentRows: [AgentRow] { agents.all }

  /// As `MatchingStore.presentAgents`.
  package var presentAgents: [AgentRow] { agents.present.compactMap { agents[$0] } }

  /// As `MatchingStore.isAnyAgentFree`.
  package var isAnyAgentFree: Bool {
    agents.present.contains { agent in agents[agent].map { $0.load < $0.capacity } ?? false }
  }

  /// As `MatchingStore.adoptAgents`.
  package mutating func adoptAgents(of policy: Policy) {
    for row in agents.all where row.capacity > 0 && policy.agents[row.agent] == nil {
      agents[row.agent] = row.with(presence: .offline, capacity: 0)
    }
    for agent in policy.agents.keys.sorted() {
      let capacity = policy.agents[agent]?.capacity ?? 0
      agents[agent] =
        agents[agent]?.with(capacity: capacity)
        ?? AgentRow(agent: agent, presence: .offline, load: 0, capacity: capacity, idleSince: now, seenAt: now)
    }
  }

  /// As `MatchingStore.setPresence`.
  package mutating func setPresence(_ presence: Presence, of agent: AgentID) -> Bool {
    guard let row = agents[agent] else { return false }
    let becomesAvailable = presence == .available && row.presence != .available
    agents[agent] = row.with(presence: presence, idleSince: becomesAvailable ? now : nil, seenAt: now)
    return true
  }

  /// As `MatchingStore.touch`.
  package mutating func touch(_ seen: [AgentID]) {
    for agent in seen { agents[agent] = agents[agent]?.with(seenAt: now) }
  }

  /// As `MatchingStore.agentsGone`.
  package mutating func agentsGone(after silence: Duration) -> [AgentID] {
    let gone = agents.all.filter { $0.presence != .offline && $0.seenAt < now - silence }
    for row in gone { agents[row.agent] = row.with(presence: .offline) }
    return gone.map(\.agent)
  }

  /// As `MatchingStore.absentHolders`.
  package func absentHolders(limit: Int) -> [AgentID] {
    Array(agents.all.filter { $0.presence == .offline && $0.load > 0 }.prefix(limit)).map(\.agent)
  }
}
