import DequeModule
import DeskCore
import Store

/// Decides which messages share a commit, when it is tried again, and what each sender is told.
///
/// A message that comes when nothing has been committed for `gatheringTime` leaves at once. What comes after it gathers for that time,
/// or until it is worth a commit of its own, and while `commitsInFlight` commits are under way. So an idle desk does not wait, and
/// batches are as large as the load makes them: a commit of two messages costs all stages nearly as much as one of fifty. A message that
/// is already waiting or under way is not doubled: its sender gets the answer of the first.
struct CommitMachine {
  typealias SubmissionID = UInt64
  typealias BatchID = UInt64

  struct Limits: Sendable {
    var commitsInFlight = IntakeBounds.commitsInFlight
    var messagesPerCommit = IntakeBounds.messagesPerCommit
    var bytesPerCommit = IntakeBounds.bytesPerCommit
    var messagesPending = IntakeBounds.messagesPending
    var bytesPending = IntakeBounds.bytesPending
    var gatheringTime = IntakeBounds.gatheringTime
    var messagesWorthACommit = IntakeBounds.messagesWorthACommit
    var deadline = IntakeBounds.commitDeadline
    var firstPause = IntakeBounds.retryPause.first
    var lastPause = IntakeBounds.retryPause.last
  }

  /// A message on its way in, with the bytes that it occupies.
  struct Entry: Sendable {
    let message: IncomingMessage
    let byteCount: Int
  }

  /// What a sender is told about one message.
  enum Outcome: Sendable, Hashable {
    case accepted(Acceptance)
    case duplicate(Acceptance)
    /// The id was used for other content.
    case conflict
    /// No commit succeeded in time; whether one of them took effect is not known. Sending again settles it.
    case unavailable
    /// PostgreSQL refuses this message for good.
    case refused
  }

  /// What a sender is told about a submission.
  enum Answer: Sendable, Hashable {
    /// One outcome for each message, in order.
    case outcomes([Outcome])
    /// Nothing was taken: too much waits already.
    case overloaded
    /// Nothing was taken: the process ends.
    case draining
  }

  enum Event: Sendable {
    case submitted(SubmissionID, [Entry])
    case committed(BatchID, [AcceptOutcome])
    case failed(BatchID, isRetriable: Bool)
    case pauseEnded(BatchID)
    case gathered
    case drainingBegan
  }

  enum Effect: Sendable {
    case commit(BatchID, [IncomingMessage])
    case answer(SubmissionID, Answer)
    case pause(BatchID, Duration)
    /// Say `gathered` after this time.
    case gather(Duration)
    /// After draining began: nothing waits any more.
    case drained
  }

  private typealias RowID = UInt64

  private struct RowKey: Hashable {
    let channel: ChannelID
    let externalID: ExactString
  }

  private struct Waiter {
    let submission: SubmissionID
    let position: Int
  }

  private struct Row {
    let entry: Entry
    let key: RowKey
    let arrivedAt: Duration
    var waiters: [Waiter]
  }

  private struct Submission {
    var outcomes: [Outcome?]
    var openCount: Int
  }

  private struct Batch {
    var rows: [RowID]
    var attempts = 1
  }

  private let limits: Limits
  private var rows: [RowID: Row] = [:]
  private var rowOfKey: [RowKey: RowID] = [:]
  private var waiting: Deque<RowID> = []
  /// Parts of a batch that PostgreSQL refused, to find the message at fault; they go before what waits.
  private var suspects: Deque<[RowID]> = []
  private var batches: [BatchID: Batch] = [:]
  private var submissions: [SubmissionID: Submission] = [:]
  private var lastID: UInt64 = 0
  private var isDraining = false
  /// When waiting messages last left.
  private var lastDeparture: Duration?
  private var isGathering = false

  /// Messages that wait or are under way.
  var pendingCount: Int { rows.count }
  /// Bytes of them.
  private(set) var pendingBytes = 0
  /// Commits under way or pausing.
  var commitCount: Int { batches.count }

  init(limits: Limits = Limits()) {
    self.limits = limits
  }

  /// - Parameter now: a monotonic clock's reading.
  mutating func handle(_ event: Event, now: Duration) -> [Effect] {
    var effects: [Effect] = []
    switch event {
    case .submitted(let id, let entries): submit(id, entries, now: now, into: &effects)
    case .committed(let id, let outcomes): finish(id, outcomes, into: &effects)
    case .failed(let id, true): pause(id, now: now, into: &effects)
    case .failed(let id, false): isolate(id, into: &effects)
    case .pauseEnded(let id): retry(id, now: now, into: &effects)
    case .gathered: isGathering = false
    case .drainingBegan: isDraining = true
    }
    fill(now: now, into: &effects)
    if isDraining && rows.isEmpty { effects.append(.drained) }
    return effects
  }

  // MARK: Taking in

  private mutating func submit(_ id: SubmissionID, _ entries: [Entry], now: Duration, into effects: inout [Effect]) {
    guard !isDraining else { return effects.append(.answer(id, .draining)) }
    let byteCount = entries.reduce(0) { $0 + $1.byteCount }
    guard rows.count + entries.count <= limits.messagesPending, pendingBytes + byteCount <= limits.bytesPending else {
      return effects.append(.answer(id, .overloaded))
    }
    var submission = Submission(outcomes: Array(repeating: nil, count: entries.count), openCount: entries.count)
    for (position, entry) in entries.enumerated() {
      let key = RowKey(channel: entry.message.channel, externalID: ExactString(entry.message.externalID))
      let waiter = Waiter(submission: id, position: position)
      guard let known = rowOfKey[key], let row = rows[known] else {
        let rowID = nextID()
        rows[rowID] = Row(entry: entry, key: key, arrivedAt: now, waiters: [waiter])
        rowOfKey[key] = rowID
        pendingBytes += entry.byteCount
        waiting.append(rowID)
        continue
      }
      if row.entry.message.digest == entry.message.digest {
        rows[known]?.waiters.append(waiter)
      } else {
        submission.outcomes[position] = .conflict
        submission.openCount -= 1
      }
    }
    submissions[id] = submission
    answerIfComplete(id, into: &effects)
  }

  // MARK: Committing

  private mutating func fill(now: Duration, into effects: inout [Effect]) {
    while batches.count < limits.commitsInFlight {
      let chosen = suspects.popFirst() ?? nextWaiting(now: now, into: &effects)
      guard !chosen.isEmpty else { return }
      let id = nextID()
      batches[id] = Batch(rows: chosen)
      commit(id, into: &effects)
    }
  }

  private mutating func nextWaiting(now: Duration, into effects: inout [Effect]) -> [RowID] {
    if let lastDeparture, !isDraining, !waiting.isEmpty, waiting.count < limits.messagesWorthACommit {
      let left = limits.gatheringTime - (now - lastDeparture)
      if left > .zero {
        if !isGathering { effects.append(.gather(left)) }
        isGathering = true
        return []
      }
    }
    if !waiting.isEmpty { lastDeparture = now }
    var chosen: [RowID] = []
    var byteCount = 0
    while chosen.count < limits.messagesPerCommit, let id = waiting.first {
      byteCount += rows[id]?.entry.byteCount ?? 0
      if byteCount > limits.bytesPerCommit && !chosen.isEmpty { break }
      chosen.append(id)
      waiting.removeFirst()
    }
    return chosen
  }

  private func commit(_ id: BatchID, into effects: inout [Effect]) {
    let messages = (batches[id]?.rows ?? []).compactMap { rows[$0]?.entry.message }
    effects.append(.commit(id, messages))
  }

  private mutating func finish(_ id: BatchID, _ outcomes: [AcceptOutcome], into effects: inout [Effect]) {
    guard let batch = batches.removeValue(forKey: id) else { return }
    for (rowID, outcome) in zip(batch.rows, outcomes) {
      switch outcome {
      case .accepted(let acceptance): settle(rowID, .accepted(acceptance), into: &effects)
      case .duplicate(let acceptance):
        // Its own identifier: an earlier attempt, whose answer was lost, had written it.
        let isOurs = rows[rowID]?.entry.message.id == acceptance.message
        settle(rowID, isOurs ? .accepted(acceptance) : .duplicate(acceptance), into: &effects)
      case .conflict: settle(rowID, .conflict, into: &effects)
      }
    }
  }

  // MARK: Failing

  /// Gives up what has waited too long, and tries the rest again after a pause.
  private mutating func pause(_ id: BatchID, now: Duration, into effects: inout [Effect]) {
    expire(id, now: now, into: &effects)
    while let first = waiting.first, isExpired(first, now: now) {
      waiting.removeFirst()
      settle(first, .unavailable, into: &effects)
    }
    guard let batch = batches[id] else { return }
    let doublings = min(batch.attempts - 1, 16)
    effects.append(.pause(id, min(limits.firstPause * (1 << doublings), limits.lastPause)))
  }

  private mutating func retry(_ id: BatchID, now: Duration, into effects: inout [Effect]) {
    expire(id, now: now, into: &effects)
    guard batches[id] != nil else { return }
    batches[id]?.attempts += 1
    commit(id, into: &effects)
  }

  private mutating func expire(_ id: BatchID, now: Duration, into effects: inout [Effect]) {
    guard let batch = batches[id] else { return }
    let expired = batch.rows.filter { isExpired($0, now: now) }
    guard !expired.isEmpty else { return }
    let kept = batch.rows.filter { !isExpired($0, now: now) }
    if kept.isEmpty { batches[id] = nil } else { batches[id]?.rows = kept }
    for rowID in expired { settle(rowID, .unavailable, into: &effects) }
  }

  private func isExpired(_ id: RowID, now: Duration) -> Bool {
    rows[id].map { now - $0.arrivedAt >= limits.deadline } ?? true
  }

  /// One message that PostgreSQL refuses must not take its neighbours with it: halves find it in a few steps.
  private mutating func isolate(_ id: BatchID, into effects: inout [Effect]) {
    guard let batch = batches.removeValue(forKey: id) else { return }
    guard batch.rows.count > 1 else {
      for rowID in batch.rows { settle(rowID, .refused, into: &effects) }
      return
    }
    let middle = batch.rows.count / 2
    suspects.append(Array(batch.rows[..<middle]))
    suspects.append(Array(batch.rows[middle...]))
  }

  // MARK: Answering

  private mutating func settle(_ id: RowID, _ outcome: Outcome, into effects: inout [Effect]) {
    guard let row = rows.removeValue(forKey: id) else { return }
    rowOfKey[row.key] = nil
    pendingBytes -= row.entry.byteCount
    for waiter in row.waiters {
      submissions[waiter.submission]?.outcomes[waiter.position] = outcome
      submissions[waiter.submission]?.openCount -= 1
      answerIfComplete(waiter.submission, into: &effects)
    }
  }

  private mutating func answerIfComplete(_ id: SubmissionID, into effects: inout [Effect]) {
    guard let submission = submissions[id], submission.openCount == 0 else { return }
    submissions[id] = nil
    effects.append(.answer(id, .outcomes(submission.outcomes.compactMap { $0 })))
  }

  private mutating func nextID() -> UInt64 {
    lastID += 1
    return lastID
  }
}
