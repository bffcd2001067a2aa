import DeskCore
import Logging
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives

/// Brings tickets back to a person whose replies did not reach the customer, each failure once. The router with the keeper lease does it.
///
/// A failure on a ticket that was merged brings back the ticket that lives; one on a ticket that has ended becomes a dead letter. A
/// progress
/// notice that failed brings nothing back: else a ticket of a customer who cannot be reached would be reopened by each notice that it was
/// settled, for ever. Agents see its state in the conversation.
struct FailedReplyReturner: PeriodicService {
  let store: DeskStore
  let clock: DatabaseClock
  let policy: PolicyFollower
  let leases: LeaseKeeper
  let logger: Logger
  /// Is notified of the queues in which something waits again.
  let wake: @Sendable ([QueueID]) -> Void
  let task = WatchedTask("failed_reply_returner")

  var periodic: PeriodicTask { PeriodicTask(task, every: RouterBounds.failedReplyPause, logger: logger) }

  func round() async throws -> PeriodicTask.Pause {
    let returned = try await runOnce()
    if returned > 0 { logger.notice("replies failed; their tickets are back", metadata: ["replies": "\(returned)"]) }
    return .regular
  }

  /// Handles a bounded number of failures.
  /// - Returns: how many replies brought a ticket back or became a dead letter.
  func runOnce() async throws -> Int {
    guard let policy = policy.current, let fence = leases.fence(QueueOwnership.keeperLease) else { return 0 }
    let found = try await store.replies.failed(limit: RouterBounds.rowsPerKeeping)
    try await store.replies.dismiss(found.filter(\.isProgressNotice).map(\.id))
    let failed = found.filter { !$0.isProgressNotice }
    guard !failed.isEmpty else { return 0 }
    let (living, ended) = try await homes(of: failed)
    // Read after the tickets: another router that has brought one back since then has raised its version, and the commit would fail.
    let open = try await store.replies.unreturned(among: failed.map(\.id))
    let now = clock.now()
    var random = SystemRandom()
    var replies: [TicketID: [MessageID]] = [:]
    let steps = living.values.sorted { $0.ticket.id < $1.ticket.id }.compactMap { home -> TicketStep? in
      let own = home.replies.filter(open.contains)
      replies[home.ticket.id] = own
      return try? TicketStep(.repliesFailed(own), on: home.ticket, at: now, under: policy, using: &random)
    }
    let committed = try await store.tickets.commitApart(steps, fencedBy: fence)
    wake(Set(steps.filter { committed.contains($0.ticket.id) }.compactMap(\.ticket.queue)).sorted())
    let letters = try await store.replies.deadLetter(ended.filter(open.contains))
    return committed.reduce(letters.count) { $0 + (replies[$1]?.count ?? 0) }
  }

  /// Finds the live ticket of each reply; those without one are returned apart.
  private func homes(
    of failed: [FailedReply]
  ) async throws -> (living: [TicketID: (ticket: Ticket, replies: [MessageID])], ended: [MessageID]) {
    let named = Set(failed.map(\.ticket)).sorted()
    var tickets = try await store.tickets.readableTickets(named)
    var hosts: [TicketID: TicketID] = [:]
    for ticket in named where tickets[ticket] == nil {
      hosts[ticket] = try await store.conversations.ticketThatTook(ticket)
    }
    // A ticket that is neither live nor merged has ended, unless it could not be read; retention may have dropped its row since.
    tickets.merge(try await store.tickets.readableTickets(Set(hosts.values).sorted())) { known, _ in known }
    let unreadable = Set(store.setAside.tickets)
    var living: [TicketID: (ticket: Ticket, replies: [MessageID])] = [:]
    var ended: [MessageID] = []
    for reply in failed {
      let home = hosts[reply.ticket] ?? reply.ticket
      if let ticket = tickets[home] {
        living[home, default: (ticket, [])].replies.append(reply.id)
      } else if !unreadable.contains(home) {
        ended.append(reply.id)
      }
    }
    return (living, ended)
  }
}
