import DeskCore
import Logging
import ServiceHealth
import ServiceProcess
import Store
import SystemPrimitives

/// Notifies customers on chat channels of their queue position and expected wait, for the queues that this router owns.
///
/// A position is sent when it differs from the last one sent, at most once in `RouterBounds.placeRest` per ticket, and only for the first
/// of a queue: customers further back query it. It goes to the channel's reply hook and to subscribers. What was sent is kept in memory
/// only: a new owner sends each position once more.
struct QueuePositionNotifier: PeriodicService {
  let store: DeskStore
  let clock: DatabaseClock
  let policy: PolicyFollower
  let leases: LeaseKeeper
  let logger: Logger
  /// Is called when something waits for the notifier.
  let wake: @Sendable () async -> Void
  let memory = QueuePositionMemory()
  let task = WatchedTask("queue_places")

  var periodic: PeriodicTask {
    PeriodicTask(task, every: RouterBounds.placePause, limitedTo: RouterBounds.checkingShare, logger: logger)
  }

  func round() async throws -> PeriodicTask.Pause {
    _ = try await runOnce()
    return .regular
  }

  /// Checks each owned queue once.
  /// - Returns: how many notices were added to the outbox.
  func runOnce() async throws -> Int {
    guard let policy = policy.current else { return 0 }
    let chats = Set(policy.channels.values.filter(\.isChat).map(\.id))
    guard chats.contains(where: { !policy.listeners(on: $0).isEmpty }) else { return 0 }
    let now = clock.now()
    var waiting: Set<TicketID> = []
    var notified = 0
    for queue in try await store.matching.queuesWithWaiting() where leases.fence(QueueOwnership.lease(of: queue)) != nil
    {
      let first = try await store.matching.waitingTickets(
        in: queue, at: now, headStarts: policy.headStarts, limit: RouterBounds.positionsNotified
      ).prefix(RouterBounds.positionsNotified).map(\.id)
      waiting.formUnion(first)
      let places = Dictionary(uniqueKeysWithValues: first.enumerated().map { ($1, $0 + 1) })
      let news = await memory.news(among: places, now: now)
      guard !news.isEmpty else { continue }
      let pace = try await store.matching.pace(of: queue)
      let tickets = try await store.tickets.readableTickets(news).values.filter {
        chats.contains($0.addressee.channel) && $0.queue == queue
      }
      var random = SystemRandom()
      let notices = tickets.sorted { $0.id < $1.id }.flatMap { ticket -> [Notice] in
        guard let position = places[ticket.id] else { return [] }
        let wait = pace.flatMap { WaitEstimator.expectedWait(atPosition: position, pace: $0) }
        let body = ticket.place(position, expectedWait: wait)
        return policy.listeners(on: ticket.addressee.channel).map {
          Notice(
            id: IdentifierSource.process.next(at: now, using: &random), hook: $0, kind: .queuePlace, ticket: ticket.id,
            body: body)
        }
      }
      try await store.outbox.enqueueNotices(notices)
      await memory.notified(places.filter { news.contains($0.key) }, now: now)
      notified += notices.count
    }
    await memory.forget(all: waiting)
    if notified > 0 { await wake() }
    return notified
  }
}

/// Which positions were sent, and when.
actor QueuePositionMemory {
  private var last: [TicketID: (position: Int, at: Instant)] = [:]

  /// Returns the tickets whose position differs from the last one sent, if that was long enough ago.
  func news(among places: [TicketID: Int], now: Instant) -> [TicketID] {
    places.compactMap { ticket, position in
      guard let notified = last[ticket] else { return ticket }
      return notified.position != position && now - notified.at >= RouterBounds.placeRest ? ticket : nil
    }
  }

  /// Records the positions that were sent.
  func notified(_ places: [TicketID: Int], now: Instant) {
    for (ticket, position) in places { last[ticket] = (position, now) }
  }

  /// Forgets tickets that no longer wait. A ticket that waits again is notified again.
  func forget(all except: Set<TicketID>) {
    last = last.filter { except.contains($0.key) }
  }
}

extension Policy {
  /// The hooks that receive positions on a channel: its reply hook and the subscribers.
  fileprivate func listeners(on channel: ChannelID) -> [HookID] {
    var hooks = subscribers(of: .queuePlace).map(\.id)
    if let reply = channels[channel]?.replyHook, !hooks.contains(reply) { hooks.append(reply) }
    return hooks
  }
}
