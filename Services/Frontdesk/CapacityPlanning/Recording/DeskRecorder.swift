import DeskCore
import Simulator
import Store

/// Records a stretch of a desk in pages, while the desk works. Nothing is held but one page.
struct DeskRecorder {
  let store: DeskStore
  let policy: Policy
  let stretch: Recording.Stretch

  init(store: DeskStore, policy: Policy, stretch: Recording.Stretch) {
    self.store = store
    self.policy = policy
    self.stretch = stretch
  }

  /// Writes the lines.
  /// - Parameters:
  ///   - write: takes the bytes of whole lines.
  ///   - progress: takes the number of tickets so far.
  /// - Returns: the number of tickets.
  /// - Throws: `PostgresError`, or what `write` throws.
  func run(write: ([UInt8]) throws -> Void, progress: (Int) -> Void) async throws -> Int {
    // Of this file alone: another one by the same recorder has nothing in common with it.
    let pseudonyms = Pseudonyms()
    var writer = RecordingWriter()
    try write(writer.line(stretch))
    for agent in try await agents(named: pseudonyms) { try write(writer.line(agent)) }
    var last: TicketID?
    while true {
      try Task.checkCancellation()
      let page = try await store.recordings.tickets(
        after: last, openedSince: stretch.from - RecordingBounds.carriedOver, openAt: stretch.from,
        openedBefore: stretch.to, limit: RecordingBounds.ticketsPerPage, timeout: RecordingBounds.statementTimeout)
      guard let end = page.last else { break }
      for record in try await records(of: page, named: pseudonyms) where !record.isOver {
        try write(writer.line(record.recorded))
      }
      progress(writer.tickets)
      last = end.id
    }
    let tickets = writer.tickets
    try write(writer.end())
    return tickets
  }

  private func records(of page: [RecordableTicket], named pseudonyms: Pseudonyms) async throws -> [TicketRecord] {
    let ids = page.map(\.id)
    let timeout = RecordingBounds.statementTimeout
    let entries = Dictionary(grouping: try await store.recordings.entries(of: ids, timeout: timeout), by: \.ticket)
    let hands = Dictionary(grouping: try await store.recordings.hands(of: ids, timeout: timeout), by: \.ticket)
    let productLines = Set(policy.productLines.map { ExactString($0) })
    return page.map { ticket in
      TicketRecord(
        ticket: ticket, entries: entries[ticket.id, default: []].map(\.event), hands: hands[ticket.id] ?? [],
        pseudonyms: pseudonyms, from: stretch.from, productLines: productLines)
    }
  }

  /// The agents whose presence is known for any part of the stretch, by pseudonym.
  private func agents(named pseudonyms: Pseudonyms) async throws -> [RecordedAgent] {
    var changes: [AgentID: [RecordedAgent.Change]] = [:]
    var last: PresenceChange?
    while true {
      let page = try await store.recordings.presence(
        after: last, from: stretch.from, to: stretch.to + RecordingBounds.runOut,
        limit: RecordingBounds.changesPerPage, timeout: RecordingBounds.statementTimeout)
      guard let end = page.last else { break }
      for change in page {
        guard let presence = Presence(rawValue: change.presence) else { continue }
        changes[change.agent, default: []].append(
          .init(
            at: RecordedTicket.time(change.at, from: stretch.from), presence: presence, capacity: change.capacity))
      }
      last = end
    }
    return changes.filter { agent in agent.value.contains { $0.presence != .offline } }.map { agent, changes in
      // An agent whom the policy no longer has serves no team in a replay.
      let profile = policy.agents[agent]
      return RecordedAgent(
        profile: AgentProfile(
          id: AgentID(pseudonyms.name(.agent, agent.rawValue)), teams: profile?.teams ?? [],
          skills: profile?.skills ?? [:], languages: profile?.languages ?? [],
          capacity: profile?.capacity ?? changes.last?.capacity ?? 1), changes: changes)
    }.sorted { $0.profile.id < $1.profile.id }
  }
}
