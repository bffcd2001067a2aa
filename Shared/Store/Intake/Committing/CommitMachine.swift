import DequeModule
package import DeskCore

/// Decides which messages share a commit, when it is retried, and how each sender is answered.
///
/// A message that arrives when nothing has been committed for a while leaves at once. Later messages are batched for that time, until there
/// are enough for a commit, and while `commitsInFlight` commits are in progress. The time is a multiple of what a commit takes
/// (`gatheringTime`): an idle system waits little, and batches grow with its load, as a commit of two messages costs all stages nearly as
/// much as one of fifty. Senders share each commit (`FairLine`), and while large commits are in progress, senders who have nothing in them
/// get their own. A message that is already waiting or in progress is not duplicated: its sender gets the answer of the first.
///
/// While the link behind the commits is deep, they take no more messages than it has places for (`LinkPressure`). What has waited for it
/// too long is answered `overloaded`.
///
/// One message must not fail the others. A commit that fails because of its content, or because another transaction holds a row that it
/// needs, is retried in parts (`CommitMachine+Failing.swift`). A batch that pauses before its retry occupies no commit.
package struct CommitMachine {
  package typealias SubmissionID = UInt64
  package typealias BatchID = UInt64

  package struct Limits: Sendable {
    package var commitsInFlight = CommitBounds.commitsInFlight
    package var commitsForOthers = CommitBounds.commitsForOthers
    package var messagesPerCommit = CommitBounds.messagesPerCommit
    package var bytesPerCommit = CommitBounds.bytesPerCommit
    package var messagesPending = CommitBounds.messagesPending
    package var bytesPending = CommitBounds.bytesPending
    package var messagesPendingPerSender = CommitBounds.messagesPendingPerSender
    package var bytesPendingPerSender = CommitBounds.bytesPendingPerSender
    package var gatheringPerCommitTime = CommitBounds.gatheringPerCommitTime
    package var shortestGathering = CommitBounds.shortestGathering
    package var longestGathering = CommitBounds.longestGathering
    package var messagesWorthACommit = CommitBounds.messagesWorthACommit
    package var deadline = CommitBounds.commitDeadline
    package var linkInterval = CommitBounds.linkInterval
    package var linkPatience = CommitBounds.linkPatience
    package var firstPause = CommitBounds.retryPause.first
    package var lastPause = CommitBounds.retryPause.last

    package init() {}
  }

  /// A submitted message, with the bytes that it occupies and its sender.
  package struct Entry: Sendable {
    package let message: IncomingMessage
    package let byteCount: Int
    package let sender: MessageSender

    package init(message: IncomingMessage, byteCount: Int, sender: MessageSender) {
      self.message = message
      self.byteCount = byteCount
      self.sender = sender
    }
  }

  /// The messages of one sender's request.
  package struct Request: Sendable {
    package let id: SubmissionID
    package let entries: [Entry]

    package init(id: SubmissionID, entries: [Entry]) {
      self.id = id
      self.entries = entries
    }
  }

  /// The outcome of one message.
  package enum Outcome: Sendable, Hashable {
    case accepted(Acceptance)
    case duplicate(Acceptance)
    /// It was accepted earlier, and retention has deleted it since.
    case duplicateOfDropped(MessageID)
    /// The id was used for different content.
    case conflict
    /// No commit succeeded in time; whether one of them took effect is unknown. Sending again resolves it.
    case unavailable
    /// Another transaction locked the customer's ticket the whole time.
    case heldUp
    /// PostgreSQL refuses this message permanently.
    case refused
    /// The link was deep the whole time; nothing was written.
    case overloaded
  }

  /// The answer to a submission.
  package enum Answer: Sendable, Hashable {
    /// One outcome for each message, in order.
    case outcomes([Outcome])
    /// Nothing was accepted: too much is waiting already, in total or from this sender.
    case overloaded
    /// Nothing was accepted: the process is shutting down.
    case draining
  }

  /// Why a commit failed.
  package enum Failure: Sendable, Hashable {
    /// PostgreSQL is unreachable or out of space. Not a message's fault, unless others succeed in the meantime.
    case outage
    /// Another transaction holds a row that one of the messages needs, or the commit took too long.
    case contention
    /// PostgreSQL refuses the content of one of the messages.
    case refusal
  }

  package enum Event: Sendable {
    case submitted(SubmissionID, [Entry])
    /// Several at once, which leave together if they can.
    case arrived([Request])
    case committed(BatchID, [AcceptOutcome])
    case failed(BatchID, Failure)
    case pauseEnded(BatchID)
    case gathered
    case drainingBegan
  }

  package enum Effect: Sendable {
    /// Careful commits leave out messages whose ticket is locked by another transaction, instead of waiting for it.
    case commit(BatchID, [IncomingMessage], isCareful: Bool)
    case answer(SubmissionID, Answer)
    case pause(BatchID, Duration)
    /// Send `gathered` after this time, when there may be enough messages for a commit, or places on the link for them.
    case gather(Duration)
    /// Draining has begun, and nothing is waiting any more.
    case drained
  }

  package typealias RowID = UInt64

  fileprivate struct RowKey: Hashable {
    let channel: ChannelID
    let externalID: ExactString
  }

  struct CustomerKey: Hashable {
    let channel: ChannelID
    let customer: ExactString

    init(_ message: IncomingMessage) {
      channel = message.channel
      customer = ExactString(message.customer)
    }
  }

  fileprivate struct Waiter {
    let submission: SubmissionID
    let position: Int
  }

  struct Row {
    fileprivate let entry: Entry
    fileprivate let key: RowKey
    let arrivedAt: Duration
    fileprivate var waiters: [Waiter]
    /// Whether another transaction held its customer's ticket at the last attempt.
    var isHeldUp = false

    var customer: CustomerKey { CustomerKey(entry.message) }
  }

  private struct Submission {
    var outcomes: [Outcome?]
    var openCount: Int
  }

  private struct Pending {
    var messages = 0
    var bytes = 0
  }

  /// Messages that are committed together.
  struct Batch {
    var rows: [RowID]
    /// Its senders; empty for a batch that has failed before.
    // exact-keys: as for `pending`.
    var senders: Set<MessageSender> = []
    /// Whether it began because its senders had nothing in progress.
    var isForOthers = false
    var attempts = 1
    var isCareful = false
    /// Whether it has failed before, or is a part of one that has.
    var isTrial = false
    /// Commits that had succeeded when it last failed.
    var successesBefore: Int?
    /// When its commit began.
    var begunAt: Duration = .zero
  }

  // Not private because part of it is in `CommitMachine+Failing.swift`.
  let limits: Limits
  var rows: [RowID: Row] = [:]
  var batches: [BatchID: Batch] = [:]
  /// Batches that have failed before and wait for a free commit.
  var trials: Deque<BatchID> = []
  /// Batches whose pause blocks everything else, because PostgreSQL seems to be unreachable.
  var outages: Set<BatchID> = []
  private var underWay: Set<BatchID> = []
  var line = FairLine<MessageSender, RowID>()
  var successes = 0
  /// How many messages of a customer wait because another transaction has locked the ticket.
  var heldCustomers: [CustomerKey: Int] = [:]
  /// Messages that wait because another transaction has locked their customer's ticket.
  package internal(set) var heldUpCount = 0
  private var rowOfKey: [RowKey: RowID] = [:]
  private var submissions: [SubmissionID: Submission] = [:]
  // exact-keys: an API key's UUID, a CURVE key's bytes, or a channel, which compares bytes.
  private var pending: [MessageSender: Pending] = [:]
  private var lastID: UInt64 = 0
  private var isDraining = false
  /// When waiting messages were last sent to a commit.
  private var lastDeparture: Duration?
  private var isGathering = false
  /// What a commit took recently, as a moving average.
  private var commitTime: Duration = .zero
  /// Whether messages wait because the link is deep.
  private var isHeldBack = false

  /// Messages that wait or are in progress.
  package var pendingCount: Int { rows.count }
  /// Bytes of these messages.
  package private(set) var pendingBytes = 0
  /// Batches in progress, pausing, or waiting for another attempt.
  package var commitCount: Int { batches.count }
  package init(limits: Limits = Limits()) {
    self.limits = limits
  }

  /// - Parameters:
  ///   - now: a monotonic clock's reading.
  ///   - linkRoom: how many messages commits may take now; see `LinkPressure`.
  package mutating func handle(_ event: Event, now: Duration, linkRoom: Int = .max) -> [Effect] {
    var effects: [Effect] = []
    switch event {
    case .submitted(let id, let entries): submit(id, entries, now: now, into: &effects)
    case .arrived(let requests):
      for request in requests { submit(request.id, request.entries, now: now, into: &effects) }
    case .committed(let id, let outcomes): finish(id, outcomes, now: now, into: &effects)
    case .failed(let id, let failure):
      underWay.remove(id)
      fail(id, failure, now: now, into: &effects)
    case .pauseEnded(let id): endPause(id, now: now, into: &effects)
    case .gathered:
      isGathering = false
      if isHeldBack { refuseHeldBack(now: now, into: &effects) }
    case .drainingBegan: isDraining = true
    }
    // What is left at shutdown does not wait for the link.
    fill(now: now, linkRoom: isDraining ? .max : linkRoom, into: &effects)
    if isDraining && rows.isEmpty { effects.append(.drained) }
    return effects
  }

  // MARK: Accepting

  private mutating func submit(_ id: SubmissionID, _ entries: [Entry], now: Duration, into effects: inout [Effect]) {
    guard !isDraining else { return effects.append(.answer(id, .draining)) }
    guard hasRoom(for: entries) else { return effects.append(.answer(id, .overloaded)) }
    var submission = Submission(outcomes: Array(repeating: nil, count: entries.count), openCount: entries.count)
    for (position, entry) in entries.enumerated() {
      let key = RowKey(channel: entry.message.channel, externalID: ExactString(entry.message.externalID))
      let waiter = Waiter(submission: id, position: position)
      guard let known = rowOfKey[key], let row = rows[known] else {
        let rowID = nextID()
        rows[rowID] = Row(entry: entry, key: key, arrivedAt: now, waiters: [waiter])
        rowOfKey[key] = rowID
        pendingBytes += entry.byteCount
        pending[entry.sender, default: Pending()].messages += 1
        pending[entry.sender, default: Pending()].bytes += entry.byteCount
        line.append(rowID, cost: cost(of: entry), of: entry.sender)
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

  private func hasRoom(for entries: [Entry]) -> Bool {
    let byteCount = entries.reduce(0) { $0 + $1.byteCount }
    guard rows.count + entries.count <= limits.messagesPending, pendingBytes + byteCount <= limits.bytesPending else {
      return false
    }
    // A request has one sender.
    guard let sender = entries.first?.sender else { return true }
    let own = pending[sender] ?? Pending()
    return own.messages + entries.count <= limits.messagesPendingPerSender
      && own.bytes + byteCount <= limits.bytesPendingPerSender
  }

  /// Whether so much is waiting, in total or from this sender, that another request would hardly fit: reading it would be in vain.
  package func isFull(for sender: MessageSender) -> Bool {
    func isNearly(_ used: Int, _ limit: Int) -> Bool { limit - used < max(1, limit / CommitBounds.sharesWorthReading) }
    let own = pending[sender] ?? Pending()
    return isNearly(rows.count, limits.messagesPending) || isNearly(pendingBytes, limits.bytesPending)
      || isNearly(own.messages, limits.messagesPendingPerSender) || isNearly(own.bytes, limits.bytesPendingPerSender)
  }

  /// A commit has as many units as its maximum number of messages; a large message costs units in proportion to its bytes.
  private func cost(of entry: Entry) -> Int {
    let (units, bytes) = (limits.messagesPerCommit, max(1, limits.bytesPerCommit))
    return min(max(1, (entry.byteCount * units + bytes - 1) / bytes), units)
  }

  // MARK: Committing

  /// During an outage nothing leaves until the pause has ended; then failed batches are tried next to new ones.
  private mutating func fill(now: Duration, linkRoom: Int, into effects: inout [Effect]) {
    isHeldBack = false
    guard outages.isEmpty else { return }
    var room = linkRoom
    while underWay.count < limits.commitsInFlight {
      if let trial = nextTrial() {
        commit(trial, now: now, into: &effects)
        continue
      }
      let chosen = nextWaiting(now: now, room: room, into: &effects)
      guard !chosen.isEmpty else { return }
      room -= chosen.count
      begin(chosen, now: now, into: &effects)
    }
    while underWay.count < limits.commitsInFlight + limits.commitsForOthers, !line.isEmpty, room > 0 {
      let commits = underWay.compactMap { batches[$0] }
      guard commits.allSatisfy({ $0.rows.count * 2 >= limits.messagesPerCommit || $0.isForOthers }) else { return }
      // exact-keys: as for `pending`.
      let busy = commits.reduce(into: Set<MessageSender>()) { $0.formUnion($1.senders) }
      let chosen = line.take(units: min(limits.messagesPerCommit, room)) { !busy.contains($0) }
      guard !chosen.isEmpty else { return }
      room -= chosen.count
      begin(chosen, isForOthers: true, now: now, into: &effects)
    }
  }

  private mutating func begin(
    _ chosen: [RowID], isForOthers: Bool = false, now: Duration, into effects: inout [Effect]
  ) {
    let id = nextID()
    // Messages waiting for a locked ticket would delay the others; careful mode leaves them out.
    let isCareful = heldUpCount > 0 && chosen.contains { rows[$0].map { heldCustomers[$0.customer] != nil } ?? false }
    batches[id] = Batch(
      rows: chosen, senders: Set(chosen.compactMap { rows[$0]?.entry.sender }), isForOthers: isForOthers,
      isCareful: isCareful)
    commit(id, now: now, into: &effects)
  }

  /// If there is more than one commit, one is reserved for messages that have not failed yet.
  private mutating func nextTrial() -> BatchID? {
    let trialsUnderWay = underWay.count { batches[$0]?.isTrial == true }
    return trialsUnderWay < max(1, limits.commitsInFlight - 1) ? trials.popFirst() : nil
  }

  private mutating func nextWaiting(now: Duration, room: Int, into effects: inout [Effect]) -> [RowID] {
    guard !line.isEmpty else { return [] }
    if let lastDeparture, !isDraining, line.count < limits.messagesWorthACommit {
      let left = gatheringTime - (now - lastDeparture)
      if left > .zero {
        gather(for: left, into: &effects)
        return []
      }
    }
    guard room > 0 else {
      isHeldBack = true
      gather(for: limits.linkInterval, into: &effects)
      return []
    }
    lastDeparture = now
    return line.take(units: min(limits.messagesPerCommit, room))
  }

  private mutating func gather(for time: Duration, into effects: inout [Effect]) {
    if !isGathering { effects.append(.gather(time)) }
    isGathering = true
  }

  /// How long messages are batched after the last departure. Commits take longer the busier the machine is, and then larger ones pay most.
  private var gatheringTime: Duration {
    min(limits.longestGathering, max(limits.shortestGathering, commitTime * limits.gatheringPerCommitTime))
  }

  private mutating func commit(_ id: BatchID, now: Duration, into effects: inout [Effect]) {
    guard let batch = batches[id] else { return }
    batches[id]?.begunAt = now
    underWay.insert(id)
    let messages = batch.rows.compactMap { rows[$0]?.entry.message }
    effects.append(.commit(id, messages, isCareful: batch.isCareful))
  }

  private mutating func finish(
    _ id: BatchID, _ outcomes: [AcceptOutcome], now: Duration, into effects: inout [Effect]
  ) {
    underWay.remove(id)
    guard let batch = batches.removeValue(forKey: id) else { return }
    successes += 1
    commitTime += (now - batch.begunAt - commitTime) / 8
    // PostgreSQL is reachable after all.
    outages = []
    var held: [RowID] = []
    for (rowID, outcome) in zip(batch.rows, outcomes) {
      switch outcome {
      case .accepted(let acceptance): settle(rowID, .accepted(acceptance), into: &effects)
      case .duplicate(let acceptance):
        // The same identifier: it was written by an earlier attempt whose answer was lost.
        let isOurs = rows[rowID]?.entry.message.id == acceptance.message
        settle(rowID, isOurs ? .accepted(acceptance) : .duplicate(acceptance), into: &effects)
      case .duplicateOfDropped(let message): settle(rowID, .duplicateOfDropped(message), into: &effects)
      case .conflict: settle(rowID, .conflict, into: &effects)
      case .heldUp: held.append(rowID)
      }
    }
    hold(held, after: batch, now: now, into: &effects)
  }

  // MARK: Answering

  mutating func settle(_ id: RowID, _ outcome: Outcome, into effects: inout [Effect]) {
    guard let row = rows.removeValue(forKey: id) else { return }
    let sender = row.entry.sender
    rowOfKey[row.key] = nil
    pendingBytes -= row.entry.byteCount
    pending[sender]?.messages -= 1
    pending[sender]?.bytes -= row.entry.byteCount
    if pending[sender]?.messages == 0 { pending[sender] = nil }
    if row.isHeldUp { release(row.customer) }
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

  mutating func nextID() -> UInt64 {
    lastID += 1
    return lastID
  }
}
