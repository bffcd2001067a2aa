import DeskCore
import Logging
import ServiceKit
import ServiceLifecycle
import Store

/// Tells customers on chat channels their place in the queue and how long it may take, for the queues that this router owns.
///
/// A place is told when it is another than the one told last, at most once in `RouterBounds.placeRest` for a ticket, and only for the
/// first of a queue: whoever is far behind looks it up. It goes where the channel wants its replies, and to subscribers. What was told
/// is remembered and not kept: another owner tells each place once more.
struct PlaceTeller: WatchedService {
  let store: DeskStore
  let clock: DatabaseClock
  let policy: PolicyFollower
  let leases: LeaseKeeper
  let logger: Logger
  /// Told that something waits for the notifier.
  let wake: @Sendable () async -> Void
  let memory = PlaceMemory()
  let task = WatchedTask("queue_places")

  var tasks: [WatchedTask] { [task] }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await task.attempt(logger) { try await runOnce() }
        try? await Task.sleep(for: RouterBounds.placePause)
      }
    }
  }

  /// One bounded look at each owned queue.
  /// - Returns: how many notices were put into the outbox.
  func runOnce() async throws -> Int {
    guard let policy = policy.current else { return 0 }
    let chats = Set(policy.channels.values.filter(\.isChat).map(\.id))
    guard chats.contains(where: { !policy.listeners(on: $0).isEmpty }) else { return 0 }
    let now = clock.now()
    var waiting: Set<TicketID> = []
    var told = 0
    for queue in try await store.queuesWithWaiting() where leases.fence(QueueOwnership.lease(of: queue)) != nil {
      let first = try await store.waitingTickets(in: queue, at: now, limit: RouterBounds.placesTold)
        .prefix(RouterBounds.placesTold).map(\.id)
      waiting.formUnion(first)
      let places = Dictionary(uniqueKeysWithValues: first.enumerated().map { ($1, $0 + 1) })
      let news = await memory.news(among: places, now: now)
      guard !news.isEmpty else { continue }
      let pace = try await store.pace(of: queue)
      let tickets = try await store.readableTickets(news).values.filter {
        chats.contains($0.addressee.channel) && $0.queue == queue
      }
      var random = SystemRandom()
      let notices = tickets.sorted { $0.id < $1.id }.flatMap { ticket -> [Notice] in
        guard let position = places[ticket.id] else { return [] }
        let wait = pace.flatMap { WaitEstimator.expectedWait(atPosition: position, pace: $0) }
        let body = ticket.place(position, expectedWait: wait)
        return policy.listeners(on: ticket.addressee.channel).map {
          Notice(id: NoticeID(at: now, using: &random), hook: $0, kind: .queuePlace, ticket: ticket.id, body: body)
        }
      }
      try await store.owe(notices)
      await memory.told(places.filter { news.contains($0.key) }, now: now)
      told += notices.count
    }
    await memory.forget(all: waiting)
    if told > 0 { await wake() }
    return told
  }
}

/// Which places were told, and when.
actor PlaceMemory {
  private var last: [TicketID: (position: Int, at: Instant)] = [:]

  /// The tickets whose place is another than the one told last, and that were left in peace for long enough.
  func news(among places: [TicketID: Int], now: Instant) -> [TicketID] {
    places.compactMap { ticket, position in
      guard let told = last[ticket] else { return ticket }
      return told.position != position && now - told.at >= RouterBounds.placeRest ? ticket : nil
    }
  }

  /// Notes what was told.
  func told(_ places: [TicketID: Int], now: Instant) {
    for (ticket, position) in places { last[ticket] = (position, now) }
  }

  /// Forgets tickets that wait no more. One that waits again is told again.
  func forget(all except: Set<TicketID>) {
    last = last.filter { except.contains($0.key) }
  }
}

extension Policy {
  /// The hooks that are told of places on a channel: where it wants its replies, and who subscribed.
  fileprivate func listeners(on channel: ChannelID) -> [HookID] {
    var hooks = subscribers(of: .queuePlace).map(\.id)
    if let reply = channels[channel]?.replyHook, !hooks.contains(reply) { hooks.append(reply) }
    return hooks
  }
}
