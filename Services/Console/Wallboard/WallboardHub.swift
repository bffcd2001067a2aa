import DeskCore
import Observability
import ServiceHealth
import ServiceProcess
import Store

/// The wallboard for all who watch it: one computation of the figures, and one look at the database for all streams.
///
/// A stream says that something changed, with the server's time; its reader then fetches the figures, which all share. It stays open
/// as long as the key or session that opened it is valid. Memory is bounded: a reader that does not keep up is disconnected.
actor WallboardHub {
  /// An open stream.
  struct Subscription: Sendable {
    fileprivate let number: Int
    /// Ends when the process shuts down, the key is no longer valid, or the reader does not keep up.
    let events: AsyncStream<StreamEvent>
  }

  private struct Reader {
    let key: Identifier<APIKey>
    let continuation: AsyncStream<StreamEvent>.Continuation
    /// Whether it was sent a first event to fetch the figures.
    var hasBegun = false
  }

  nonisolated let titles: TitleBook
  private nonisolated let board: SharedComputation<Wallboard>
  private nonisolated let flowCounts: SharedComputation<DeskFlow>
  private let store: DeskStore
  private let clock: DatabaseClock
  private let open: GaugeMetric
  private var readers: [Int: Reader] = [:]
  private var nextNumber = 0
  private var isEnding = false
  private var last: Wallboard?
  private var changes = WallboardChanges()

  /// - Parameter reader: for what reads history; the rest is always read from the primary.
  init(
    store: DeskStore, policy: PolicyFollower, clock: DatabaseClock, metrics: MetricsRegistry, reader: DeskReader? = nil
  ) {
    WallboardBounds.check()
    self.store = store
    self.clock = clock
    titles = TitleBook(store: store, policy: policy)
    let history = reader ?? DeskReader(primary: store) { clock.now() }
    let figures = WallboardReader(store: store, history: history, policy: policy, clock: clock)
    board = SharedComputation(lifetime: WallboardBounds.figuresLifetime) { try await figures.read() }
    let flow = FlowReader(history: history, clock: clock)
    flowCounts = SharedComputation(lifetime: WallboardBounds.flowLifetime) { try await flow.read() }
    open = metrics.gauge("frontdesk_console_overseer_streams", help: "Open streams of leads, operators and auditors.")
  }

  /// The figures, shared by all who ask within `WallboardBounds.figuresLifetime`.
  nonisolated func figures() async throws -> Wallboard { try await board.value() }

  /// Arrivals and answers, shared by all who ask within `WallboardBounds.flowLifetime`.
  nonisolated func flow() async throws -> DeskFlow { try await flowCounts.value() }

  // MARK: Streams

  /// Opens a stream; nil when there are too many, or when the process is shutting down. One more than a key may have ends its oldest:
  /// a page that was left is noticed only when something is sent to it.
  func join(with key: APIKey) -> Subscription? {
    guard !isEnding else { return nil }
    let own = readers.filter { $0.value.key == key.id }.keys
    if own.count >= WallboardBounds.streamsPerKey, let oldest = own.min() { close(oldest) }
    guard readers.count < WallboardBounds.streams else { return nil }
    let (events, continuation) = AsyncStream.makeStream(
      of: StreamEvent.self, bufferingPolicy: .bufferingOldest(WallboardBounds.eventsPerStream))
    let number = nextNumber
    nextNumber += 1
    readers[number] = Reader(key: key.id, continuation: continuation)
    open.set(Double(readers.count))
    continuation.yield(.opening)
    return Subscription(number: number, events: events)
  }

  /// Closes a stream.
  func leave(_ subscription: Subscription) { close(subscription.number) }

  /// Ends all streams and opens no more.
  func end() {
    isEnding = true
    for number in Array(readers.keys) { close(number) }
  }

  private func close(_ number: Int) {
    readers.removeValue(forKey: number)?.continuation.finish()
    open.set(Double(readers.count))
  }

  private func tell(_ number: Int, _ event: StreamEvent) {
    guard let reader = readers[number] else { return }
    if case .enqueued = reader.continuation.yield(event) { return }
    close(number)
  }

  // MARK: Looking

  /// Looks at the desk if someone watches, and reports what changed. For one caller at a time.
  func look() async throws {
    guard !readers.isEmpty else {
      changes.reset()
      last = nil
      return
    }
    let board = try await board.value()
    let rows = try await store.matching.agentRows()
    let holdings = try await store.reports.holdings()
    let now = clock.now()
    let news =
      changes.update(agents: rows).map { StreamEvent.presence($0, at: now) }
      + changes.update(holdings: holdings).map { StreamEvent.assignment($0, at: now) }
    let hasChanged = board != last
    last = board
    for number in readers.keys.sorted() {
      for event in news { tell(number, event) }
      if hasChanged || readers[number]?.hasBegun == false { tell(number, .wallboard(at: now)) }
      readers[number]?.hasBegun = true
    }
  }

  /// Ends the streams whose key is revoked or has expired, or whose session has ended.
  func checkKeys() async throws {
    let asked = readers.mapValues(\.key)
    guard !asked.isEmpty else { return }
    let valid = try await store.access.validKeys(among: Set(asked.values).sorted())
    for (number, key) in asked where !valid.contains(key) { close(number) }
  }

  /// Keeps the connections open.
  func ping() {
    for number in Array(readers.keys) { tell(number, .ping) }
  }
}
