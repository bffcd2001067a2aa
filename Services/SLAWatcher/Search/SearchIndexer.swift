import DeskCore
import Logging
import PostgreSQL
import ServiceHealth
import Store

/// Adds new messages to the index of the search, some time after they were written. The leader does it: accepting and replying write
/// nothing for the search.
///
/// The terms of a batch and the reader's position are one transaction, so that a watcher that dies leaves nothing half done, and two
/// that both believe to lead index nothing twice.
struct SearchIndexer: LeaderService {
  /// The outcome of one bounded round.
  struct Round: Sendable, Equatable {
    /// Messages added.
    var indexed = 0
    /// How far the reader is behind after it.
    var behind: Duration = .zero
    /// Whether another process or an erasure came first: the rest is read in the next round.
    var isInterrupted = false
  }

  let store: DeskStore
  let reader: SearchReader
  let leadership: Leadership
  let backlog: UndecidedBacklog
  let metrics: SLAWatcherMetrics
  let logger: Logger
  let task: WatchedTask

  init(
    store: DeskStore, reader: SearchReader, leadership: Leadership, backlog: UndecidedBacklog,
    metrics: SLAWatcherMetrics, logger: Logger
  ) {
    self.store = store
    self.reader = reader
    self.leadership = leadership
    self.backlog = backlog
    self.metrics = metrics
    self.logger = logger
    task = WatchedTask("\(reader.name)_index")
  }

  /// What is searched for is often only seconds old, so the pause of the newest messages does not grow with failures, and their share of
  /// the time is larger.
  var periodic: PeriodicTask {
    let isNewest = reader == .newest
    let pause = isNewest ? SLAWatcherBounds.searchPause : SLAWatcherBounds.searchAgainPause
    let share = isNewest ? SLAWatcherBounds.searchShare : SLAWatcherBounds.searchAgainShare
    return PeriodicTask(task, every: pause, longestBackOff: pause, limitedTo: backlog.share(share), logger: logger)
  }

  func standBy() async { metrics.searched(reader, indexed: 0, behind: .zero) }

  /// A reader that reads again may be far behind, when the index is new.
  /// - Throws: `SearchIndexBehind` when the newest messages cannot be found, although the round succeeded.
  func round(fencedBy _: Fence) async throws -> PeriodicTask.Pause {
    let round = try await round()
    if reader == .newest, round.behind > SLAWatcherBounds.searchLag { throw SearchIndexBehind() }
    return round.behind > .zero || round.isInterrupted ? .of(SLAWatcherBounds.searchCatchUpPause) : .regular
  }

  /// Runs one bounded round.
  @discardableResult
  func round() async throws -> Round {
    var round = Round()
    for _ in 0..<SLAWatcherBounds.searchReadingsPerRound {
      guard let reading = try await store.search.read(by: reader) else { break }
      let outcome = try await index(reading)
      round.indexed += outcome.indexed
      round.isInterrupted = outcome.isInterrupted
      round.behind = reading.behind
      metrics.searched(reader, indexed: outcome.indexed, behind: reading.behind)
      if outcome.isInterrupted || !reading.isFull { break }
    }
    return round
  }

  /// A message that the database refuses is skipped, and does not affect others.
  private func index(_ reading: SearchReading) async throws -> Round {
    var round = Round()
    var rest = reading
    func move(_ messages: ArraySlice<UnindexedMessage>, upTo: MessageID) async throws -> Bool {
      guard try await store.search.index(messages, of: rest, by: reader, upTo: upTo) else {
        round.isInterrupted = true
        return false
      }
      round.indexed += messages.count
      rest = rest.rest(after: upTo)
      return true
    }
    let last = reading.messages.last?.id
    var splitter = BatchSplitter(reading.messages, attempts: StoreBounds.partsPerBatch)
    while let part = splitter.next(), let end = part.last?.id {
      do {
        guard try await move(part, upTo: end == last ? reading.upTo : end) else { return round }
      } catch let error as PostgresError where error.isFaultOfTheRow {
        guard let refused = splitter.refuse(part) else { continue }
        store.setAside.setAside(.other(table: "search_entry", key: "\(refused.id)"), because: error)
        guard try await move([], upTo: refused.id) else { return round }
      }
    }
    // Once the attempts are used up, the rest is read in the next round.
    if splitter.left == 0, rest.position != reading.upTo { _ = try await move([], upTo: reading.upTo) }
    return round
  }
}

/// The newest messages are not searchable yet, because more arrive than are indexed.
struct SearchIndexBehind: Error {}
