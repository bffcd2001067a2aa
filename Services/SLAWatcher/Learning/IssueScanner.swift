import DeskCore
import Language
import PostgreSQL
import Store
import SystemPrimitives

/// Reads customers' messages once, after everything before them was decided: sorts the first concern of each ticket into a group of similar
/// ones, and finds the grave words of the policy's topics.
///
/// Groups, mentions, the counts of open crisis cases and the reader's position are one transaction.
struct IssueScanner {
  let store: DeskStore

  /// Runs one bounded round.
  /// - Returns: how many messages it read.
  @discardableResult
  func round(under policy: Policy, distance: Duration) async throws -> Int {
    var read = 0
    // Kept for the round: the groups are read once for thousands of messages.
    var sorter: IssueSorter?
    for _ in 0..<SLAWatcherBounds.scansPerRound {
      let (messages, upTo) = try await store.learning.messagesToScan(
        distance: distance, limit: SLAWatcherBounds.messagesPerScan)
      guard let upTo else { break }
      // A message that the database refuses is skipped, and does not affect others.
      var splitter = BatchSplitter(messages, attempts: StoreBounds.partsPerBatch)
      while let part = splitter.next() {
        do {
          try await note(part, under: policy, sortedBy: &sorter)
        } catch let error as PostgresError where error.isFaultOfTheRow {
          guard let refused = splitter.refuse(part) else { continue }
          store.setAside.setAside(.other(table: "question_member", key: "\(refused.message)"), because: error)
          try await store.learning.note(ScannedIssues(), upTo: refused.message)
        }
      }
      // Once the attempts are used up, the rest is read in the next round.
      guard splitter.left == 0 else { break }
      try await store.learning.note(ScannedIssues(), upTo: upTo)
      read += messages.count
      if messages.count < SLAWatcherBounds.messagesPerScan { break }
    }
    return read
  }

  /// - Parameter kept: a sorter that knows exactly the groups that are stored; nil to read them.
  private func note(
    _ messages: ArraySlice<ScannedMessage>, under policy: Policy, sortedBy kept: inout IssueSorter?
  ) async throws {
    guard let last = messages.last else { return }
    var sorter: IssueSorter
    if let kept, kept.openedGroups < SLAWatcherBounds.groupsOpenedBeforeReading {
      sorter = kept
      sorter.beginBatch()
    } else {
      sorter = IssueSorter(
        try await store.learning.questionGroups(limit: SLAWatcherBounds.groupsCompared), policy: policy)
    }
    // If this fails, it knows groups that are not stored.
    kept = nil
    var random = SystemRandom()
    for message in messages { sorter.take(message, using: &random) }
    try await store.learning.note(sorter.found, upTo: last.message)
    kept = sorter
  }
}

/// Sorts messages into groups and topics, in memory.
struct IssueSorter {
  private(set) var found = ScannedIssues()
  /// How many groups it has opened.
  private(set) var openedGroups = 0
  private let policy: Policy
  private var pool: FeedbackPool
  private var begun: Set<TicketID> = []

  init(_ groups: [FeedbackGroup], policy: Policy) {
    self.policy = policy
    pool = FeedbackPool(groups, alikeFrom: policy.life.learning.alikeFrom)
  }

  /// Begins a new batch, after what was found was stored.
  mutating func beginBatch() {
    openedGroups += found.opened.count
    found = ScannedIssues()
    begun = []
    pool.beginBatch()
  }

  mutating func take(_ message: ScannedMessage, using random: inout some RandomNumberGenerator) {
    let text = FoldedText(message.body)
    for topic in policy.life.crisis.topics(in: text) { found.mentions.append((message, topic)) }
    guard message.mayBegin, !begun.contains(message.ticket), message.category != Labels.greetingCategory,
      policy.life.conversation.read(text).act == .concern, let candidate = message.candidate
    else { return }
    begun.insert(message.ticket)
    let group = pool.take(candidate, using: &random)
    found.members.append((message, group))
    found.opened = pool.opened
  }
}
