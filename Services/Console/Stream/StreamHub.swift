import DeskCore
import HTTPService
import Logging
import Observability
import ServiceHealth
import Store

/// Feeds the streams of all connected agents from one database poll.
///
/// Each kind of poll runs in one loop of `StreamHubRunner`, so that the result of an earlier one never overwrites that of a later one. A
/// stream stays open as long as the key that opened it is valid.
///
/// A stream begins with everything that is currently open, so a reconnecting client needs nothing that it missed. Memory is bounded: a
/// reader that does not keep up is disconnected and starts over.
actor StreamHub {
  /// An open stream.
  struct Subscription: Sendable {
    fileprivate let number: Int
    /// Ends when the process shuts down or the reader does not keep up.
    let events: AsyncStream<StreamEvent>
  }

  private struct Reader {
    let agent: AgentID
    let key: Identifier<APIKey>
    let role: Role
    /// Whether the stream shows that the agent can take work; a read-only key's stream does not.
    let isSignOfLife: Bool
    let continuation: AsyncStream<StreamEvent>.Continuation
    var view = StreamView()
  }

  /// Signals that an agent joined. For one reader.
  nonisolated let joined: AsyncStream<Void>

  private let store: any StreamSource
  private let capacity: Int
  private let open: GaugeMetric
  private let cutOff: CounterMetric
  private let revoked: CounterMetric
  private let logger: Logger
  nonisolated let messagesTask = WatchedTask("stream_messages")
  nonisolated let requestsTask = WatchedTask("agents_at_work")
  private let announceJoin: AsyncStream<Void>.Continuation
  private var readers: [Int: Reader] = [:]
  /// When requests of agents were last recorded.
  private var lastRequests = RecentlyUsed<AgentID, ContinuousClock.Instant>(capacity: ConsoleBounds.streams)
  private var nextNumber = 0
  private var isEnding = false
  /// The agent at which the next poll of agents' tickets begins.
  private var nextAgent = 0
  /// When the database last answered a poll for offers, or the first stream began.
  private var answeredAt = ContinuousClock.now
  private var isAvailable = true

  /// - Parameter capacity: the maximum number of open streams.
  init(store: any StreamSource, capacity: Int, metrics: MetricsRegistry, logger: Logger) {
    StreamBounds.check()
    self.store = store
    self.capacity = capacity
    self.logger = logger
    open = metrics.gauge("frontdesk_console_streams", help: "Open streams of agents.")
    cutOff = metrics.counter(
      "frontdesk_console_streams_cut_off_total", help: "Streams ended because their reader did not keep up.")
    revoked = metrics.counter(
      "frontdesk_console_streams_revoked_total", help: "Streams ended because their key is no longer valid.")
    (joined, announceJoin) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
  }

  /// Opens a stream for an agent; nil when there are too many, or when the process is shutting down.
  /// - Parameter key: the key of the request; the stream ends with it.
  func join(_ agent: AgentID, with key: APIKey) -> Subscription? {
    guard !isEnding, readers.count < capacity else { return nil }
    let others = readers.filter { $0.value.agent == agent }.keys
    guard others.count < ConsoleBounds.streamsPerAgent else {
      // Pages that were closed or loaded again are noticed when something is sent to them.
      for number in others { tell(number, .ping) }
      return nil
    }
    let (events, continuation) = AsyncStream.makeStream(
      of: StreamEvent.self, bufferingPolicy: .bufferingOldest(ConsoleBounds.eventsPerStream))
    let number = nextNumber
    nextNumber += 1
    // Without streams nothing is asked.
    if readers.isEmpty { noteAnswer() }
    readers[number] = Reader(
      agent: agent, key: key.id, role: key.role, isSignOfLife: key.access == .full, continuation: continuation)
    open.set(Double(readers.count))
    continuation.yield(.opening)
    if !isAvailable { continuation.yield(.availability(false)) }
    announceJoin.yield()
    return Subscription(number: number, events: events)
  }

  /// Closes a stream.
  func leave(_ subscription: Subscription) {
    close(subscription.number)
  }

  /// Ends all streams and opens no more.
  func end() {
    isEnding = true
    for number in Array(readers.keys) { close(number) }
    announceJoin.finish()
  }

  private func close(_ number: Int) {
    readers.removeValue(forKey: number)?.continuation.finish()
    open.set(Double(readers.count))
  }

  private var agents: [AgentID] { Set(readers.values.map(\.agent)).sorted() }

  // MARK: Keys

  /// Ends the streams whose key is revoked or has expired. Streams whose keys cannot be checked stay open, but get no offers either: those
  /// come from the same database.
  func checkKeys() async throws {
    let asked = readers.mapValues(\.key)
    let valid = asked.isEmpty ? [] : try await store.validKeys(among: Set(asked.values).sorted())
    for (number, key) in asked where !valid.contains(key) && readers[number] != nil {
      revoked.increment()
      close(number)
    }
  }

  // MARK: Availability

  /// Tells all streams when the database has not answered for some time, whether it refuses or is silent.
  func noteSilence(at now: ContinuousClock.Instant = .now) {
    guard isAvailable, !readers.isEmpty, now - answeredAt > StreamBounds.longestSilence else { return }
    isAvailable = false
    for number in Array(readers.keys) { tell(number, .availability(false)) }
  }

  private func noteAnswer() {
    answeredAt = .now
    guard !isAvailable else { return }
    isAvailable = true
    for number in Array(readers.keys) { tell(number, .availability(true)) }
  }

  // MARK: Polling

  /// Sends every stream the offers that are new or have ended. For one caller at a time.
  func lookForOffers() async throws {
    let agents = agents
    guard !agents.isEmpty else { return }
    let asked = readers.keys.sorted()
    let offered = Dictionary(grouping: try await store.ticketsOffered(to: agents)) { $0.offer?.agent }
    noteAnswer()
    var conversations: [TicketID: [StoredMessage]] = [:]
    // Streams that joined in the meantime were not included; the next poll covers them.
    for number in asked {
      guard var reader = readers[number] else { continue }
      let news = reader.view.update(offered: offered[reader.agent] ?? [])
      readers[number] = reader
      for (offer, ticket) in news.ended { tell(number, .offerEnded(offer, of: ticket)) }
      for ticket in news.new {
        guard let offer = ticket.offer else { continue }
        var messages = conversations[ticket.id]
        if messages == nil {
          // An offer without message texts is better than none.
          messages = await messagesTask.attempt(logger) { try await store.messagesForOffer(of: ticket.id) }
          conversations[ticket.id] = messages
        }
        tell(number, .offer(offer, of: ticket, messages: (messages ?? []).filter { $0.direction == 1 }))
      }
    }
  }

  /// Sends streams the changes of their agents' tickets, for a bounded number of agents in turn. For one caller at a time.
  func lookForSteps() async throws {
    let agents = agents
    guard !agents.isEmpty else { return }
    let first = nextAgent
    nextAgent = (first + ConsoleBounds.agentsPerLook) % agents.count
    let asked = (0..<min(agents.count, ConsoleBounds.agentsPerLook)).map { agents[(first + $0) % agents.count] }
    var held: [AgentID: [TicketID: Int32]] = Dictionary(
      asked.map { ($0, [:]) }, uniquingKeysWith: { first, _ in first })
    for row in try await store.heldVersions(of: asked) { held[row.agent, default: [:]][row.ticket] = row.version }
    var changed: [Int: [TicketID]] = [:]
    for (number, reader) in readers {
      if let current = held[reader.agent] { changed[number] = reader.view.changes(held: current) }
    }
    let tickets = try await store.tickets(Set(changed.values.joined()).sorted())
    // Streams that joined in the meantime were not compared; the next poll covers them.
    for number in changed.keys.sorted() {
      guard var reader = readers[number], var current = held[reader.agent] else { continue }
      let news = (changed[number] ?? []).compactMap { tickets[$0] }
      // A ticket may have changed once more between the two statements.
      for ticket in news where current[ticket.id] != nil { current[ticket.id] = ticket.version }
      reader.view.update(held: current)
      readers[number] = reader
      for ticket in news { tell(number, .ticket(ticket)) }
    }
  }

  /// Sends streams the unread notices that are among the newest and were not sent yet. For one caller at a time.
  func lookForNotices() async throws {
    let asked = readers.mapValues { NoticeReader(agent: $0.agent, role: $0.role) }
    guard !asked.isEmpty else { return }
    let newest = try await store.newestNotices(for: Array(Set(asked.values)))
    for (number, asking) in asked.sorted(by: { $0.key < $1.key }) {
      guard var reader = readers[number] else { continue }
      let new = reader.view.update(notices: newest[asking] ?? [])
      readers[number] = reader
      for notice in new { tell(number, .notice(notice)) }
    }
  }

  /// Sends streams the consults that are put to their agents, and the answers to those that their agents asked. For one caller at a time.
  func lookForConsults() async throws {
    let agents = agents
    guard !agents.isEmpty else { return }
    let asked = readers.keys.sorted()
    let current = try await store.consults(of: agents)
    for number in asked {
      guard var reader = readers[number] else { continue }
      let new = reader.view.update(consults: current[reader.agent] ?? [])
      readers[number] = reader
      for consult in new { tell(number, .consult(consult, for: reader.agent)) }
    }
  }

  /// Keeps the connections open, and records in the database that the agents' clients are connected. Read-only keys do not count: their
  /// holders could not accept an offer.
  func ping() async throws {
    for number in Array(readers.keys) { tell(number, .ping) }
    let present = Set(readers.values.filter(\.isSignOfLife).map(\.agent)).sorted()
    try await store.touch(present)
  }

  /// Records that an agent is at work: a client without a stream shows it by its requests. At most once in
  /// `ConsoleBounds.signOfLifePause`, whether it succeeds or not: a failure is reported, refuses no request, and does not make the next
  /// requests wait for the same failing database. Read-only keys do not count, as for streams.
  func noteRequest(with key: APIKey, at now: ContinuousClock.Instant = .now) async {
    guard let agent = key.agent, key.access == .full else { return }
    if let last = lastRequests.value(for: agent), now - last < ConsoleBounds.signOfLifePause { return }
    lastRequests.set(now, for: agent)
    await requestsTask.attempt(logger) { try await store.touch([agent]) }
  }

  private func tell(_ number: Int, _ event: StreamEvent) {
    guard let reader = readers[number] else { return }
    switch reader.continuation.yield(event) {
    case .enqueued: break
    case .dropped:
      cutOff.increment()
      logger.debug("stream closed: its reader does not keep up", metadata: ["agent": "\(reader.agent)"])
      close(number)
    case .terminated: close(number)
    @unknown default: close(number)
    }
  }
}
