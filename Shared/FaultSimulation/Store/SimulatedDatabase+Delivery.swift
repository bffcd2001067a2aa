package import DeskCore
package import Store

// MARK: - Outbox

extension SimulatedDatabase {
  /// As `OutboxStore.claimNotices`, those due first first.
  package mutating func claimNotices(
    for hook: HookID, by claimer: InstanceID, limit: Int, claimTime: Duration, overdue: Duration = .zero,
    keepingOrder: Bool = true
  ) -> [ClaimedNotice] {
    let due = outbox.due(of: hook).first(
      min(limit, StoreBounds.rowsPerClaim), from: nil, while: { $0.at <= now - overdue },
      where: { timed in !keepingOrder || outbox[timed.id].map { !outbox.isBehindAnother($0) } ?? false })
    return due.compactMap { timed in
      guard var delivery = outbox[timed.id] else { return nil }
      delivery.claimedBy = claimer
      delivery.nextAttemptAt = now + claimTime
      outbox[timed.id] = delivery
      return delivery.claimed
    }
  }

  /// As `OutboxStore.delivered`.
  package mutating func delivered(_ notices: [NoticeID]) -> Int32 {
    var failures: Int32 = 0
    for id in notices {
      guard let delivery = outbox[id] else { continue }
      outbox[id] = nil
      if let failed = outbox.failures.removeValue(forKey: delivery.notice.hook) { failures = max(failures, failed) }
      if let reply = delivery.reply, var row = replyTable[reply], row.hook == delivery.notice.hook,
        row.delivery.state == .queued
      {
        row.delivery = ReplyDelivery(state: .sent, at: now, reason: nil)
        replyTable[reply] = row
      }
    }
    return failures
  }

  /// As `OutboxStore.postpone`.
  package mutating func postpone(_ notice: NoticeID, by delay: Duration) {
    guard var delivery = outbox[notice] else { return }
    delivery.attempts += 1
    delivery.claimedBy = nil
    delivery.nextAttemptAt = now + delay
    outbox[notice] = delivery
    outbox.failures[delivery.notice.hook, default: 0] += 1
  }

  /// As `OutboxStore.release`.
  package mutating func release(_ notice: NoticeID) {
    guard var delivery = outbox[notice] else { return }
    delivery.claimedBy = nil
    delivery.nextAttemptAt = now
    outbox[notice] = delivery
  }

  /// As `OutboxStore.enqueueNotices`.
  package mutating func enqueueNotices(_ notices: [Notice]) {
    for notice in notices { outbox[notice.id] = Delivery(notice, at: now, traceparent: nil) }
  }

  /// As `OutboxStore.hooksWithPendingDeliveries`.
  package var hooksWithPendingDeliveries: [HookID] { outbox.hooks }

  /// The deliveries that no hook has accepted yet.
  package var pendingDeliveries: [NoticeID] { outbox.rows.keys.sorted() }
}

// MARK: - Dead letters

extension SimulatedDatabase {
  /// As `OutboxStore.deadLetter(_:reason:)` of a delivery.
  package mutating func deadLetter(_ notice: NoticeID, reason: String) {
    guard let delivery = outbox[notice] else { return }
    outbox[notice] = nil
    if let reply = delivery.reply, var row = replyTable[reply], row.hook == delivery.notice.hook,
      row.delivery.state == .queued
    {
      row.delivery = ReplyDelivery(
        state: .failed, at: now, reason: String(reason.prefix(StoreBounds.failureReasonCharacters)))
      replyTable[reply] = row
    }
    add(
      letter: notice.of(DeadLetter.self), kind: "notice", of: delivery.notice.ticket, hook: delivery.notice.hook,
      reason: reason, delivery: delivery)
  }

  /// As `OutboxStore.deadLetter(_:reason:)` of a message.
  package mutating func deadLetter(_ message: MessageID, reason: String) -> Bool {
    guard let row = inbox[message] else { return false }
    raiseVersion(of: row.ticket)
    inbox[message] = nil
    add(letter: message.of(DeadLetter.self), kind: "message", of: row.ticket, reason: reason)
    return true
  }

  mutating func add(
    letter id: Identifier<DeadLetter>, kind: String, of ticket: TicketID, hook: HookID? = nil, reason: String,
    delivery: Delivery? = nil
  ) {
    deadLetters[id] = SimulatedDeadLetter(
      letter: DeadLetter(
        id: id, kind: kind, ticket: ticket, hook: hook, reason: reason, failedAt: now, replayedAt: nil),
      delivery: delivery)
  }

  /// As `OutboxStore.deadLetters`.
  package func deadLetters(
    _ filter: DeadLetterFilter = DeadLetterFilter(), includingReplayed all: Bool, limit: Int
  ) -> [DeadLetter] {
    let found = deadLetters.values.filter { row in
      (all || row.letter.replayedAt == nil) && filter.matches(row)
    }
    return Array(
      found.map(\.letter).sorted { ($0.failedAt, $0.id) > ($1.failedAt, $1.id) }.prefix(limit))
  }

  /// As `OutboxStore.replay`.
  package mutating func replay(_ id: Identifier<DeadLetter>, freshTicket: TicketID) -> Bool {
    guard let row = deadLetters[id], row.letter.replayedAt == nil else { return false }
    deadLetters[id]?.letter = row.letter.replayed(at: now)
    switch row.letter.kind {
    case "notice": return replay(row.delivery)
    case "reply": replyTable.queueAgain(id.of(Labels.self), at: now)
    default: return replay(message: id.of(Labels.self), freshTicket)
    }
    return true
  }

  private mutating func replay(_ delivery: Delivery?) -> Bool {
    guard var delivery else { return false }
    if let reply = delivery.reply, replyTable[reply]?.hook == delivery.notice.hook {
      replyTable.queueAgain(reply, at: now)
    }
    guard outbox[delivery.notice.id] == nil else { return false }
    delivery.attempts = 0
    delivery.claimedBy = nil
    delivery.nextAttemptAt = now
    outbox[delivery.notice.id] = delivery
    return true
  }

  private mutating func replay(message id: MessageID, _ freshTicket: TicketID) -> Bool {
    guard let message = messages[id], inbox[id] == nil else { return false }
    let home = openTicket(
      of: Correspondent(message.author, on: message.channel), fresh: freshTicket, previous: message.ticket)
    move(id, to: home)
    inbox[id] = InboxRow(
      message: id, ticket: home, owner: nil, opensTicket: home == freshTicket, acceptedAt: now)
    return true
  }
}

extension DeadLetterFilter {
  fileprivate func matches(_ row: SimulatedDeadLetter) -> Bool {
    let letter = row.letter
    if let hook, letter.hook != hook { return false }
    if let kind {
      let isOfKind = letter.kind.hasSameBytes(as: kind)
      guard isOfKind || row.delivery?.notice.kind.rawValue.hasSameBytes(as: kind) == true else { return false }
    }
    if let ticket, letter.ticket != ticket { return false }
    if let since, letter.failedAt < since { return false }
    return until.map { letter.failedAt < $0 } ?? true
  }
}

extension DeadLetter {
  fileprivate func replayed(at now: Instant) -> DeadLetter {
    DeadLetter(id: id, kind: kind, ticket: ticket, hook: hook, reason: reason, failedAt: failedAt, replayedAt: now)
  }
}

// MARK: - Replies

extension SimulatedDatabase {
  /// As `ReplyStore.replies(of:after:_:limit:bytes:)`.
  package mutating func replies(
    of channel: ChannelID, after cursor: Int64, _ selection: ReplyStore.Selection, limit: Int,
    bytes: Int = StoreBounds.pageBytes
  ) -> [StoredReply] {
    replyTable.number(channel, limit: StoreBounds.repliesPerNumbering)
    let found = replyTable.replies(of: channel, after: cursor, areQueued: selection == .queued, limit: limit)
    var page: [StoredReply] = []
    var size = 0
    for row in found {
      guard size < bytes, let message = messages[row.id], let sequence = row.sequence else { break }
      size += message.body.utf8.count + (message.attachments?.utf8.count ?? 0)
      page.append(
        StoredReply(
          id: row.id, sequence: sequence, ticket: message.ticket, customer: row.customer, body: message.body,
          attachments: message.attachments, writtenAt: row.writtenAt, delivery: row.delivery))
    }
    return page
  }

  /// As `ReplyStore.newestSequence`.
  package func newestSequence(of channel: ChannelID) -> Int64 { replyTable.newest(of: channel) }

  /// As `ReplyStore.sent(_:of:)`.
  package mutating func sent(_ replies: [MessageID], of channel: ChannelID) {
    for id in replies {
      guard var row = replyTable[id], row.channel == channel, row.delivery.state == .queued else { continue }
      row.delivery = ReplyDelivery(state: .sent, at: now, reason: nil)
      replyTable[id] = row
    }
  }

  /// As `ReplyStore.sent(upTo:of:)`.
  package mutating func sent(upTo cursor: Int64, of channel: ChannelID) {
    let queued = replyTable.replies(of: channel, after: 0, areQueued: true, limit: Int(clamping: cursor))
    sent(queued.filter { $0.sequence.map { $0 <= cursor } ?? false }.map(\.id), of: channel)
  }

  /// As `ReplyStore.record`.
  package mutating func record(
    _ receipts: [ReplyReceipt], of channel: ChannelID
  ) -> [(outcome: ReplyDelivery.Outcome, state: ReplyState)?] {
    receipts.map { receipt in
      guard var row = replyTable[receipt.reply], row.channel == channel else { return nil }
      let outcome = row.delivery.handle(receipt, now: now)
      if outcome == .recorded { replyTable[row.id] = row }
      return (outcome, row.delivery.state)
    }
  }

  /// As `ReplyStore.failed`.
  package func failedReplies(limit: Int) -> [FailedReply] {
    replyTable.failed.first(limit, from: nil).compactMap { id in
      messages[id].map { message in
        FailedReply(
          id: id, ticket: message.ticket,
          isProgressNotice: message.author.utf8.starts(with: OutgoingMessage.progressAuthor.utf8))
      }
    }
  }

  /// As `ReplyStore.unreturned`.
  package func unreturned(among replies: [MessageID]) -> Set<MessageID> {
    Set(replies.filter { replyTable[$0]?.isFailed == true })
  }

  /// As `ReplyStore.deadLetter`.
  package mutating func deadLetter(_ replies: [MessageID]) -> [MessageID] {
    let failed = unreturned(among: replies).sorted()
    for id in failed {
      guard let row = replyTable[id], let message = messages[id] else { continue }
      let isDeadAlready = deadLetters.values.contains { known in
        known.letter.kind == "notice" && known.letter.replayedAt == nil && known.letter.ticket == message.ticket
          && known.letter.hook != nil && known.letter.hook == row.hook
      }
      if !isDeadAlready {
        let cause = row.delivery.reason.map { ": \($0)" } ?? ""
        add(
          letter: id.of(DeadLetter.self), kind: "reply", of: message.ticket,
          reason: "the reply failed after its ticket had ended" + cause)
      }
    }
    dismiss(failed)
    return failed
  }

  /// As `ReplyStore.dismiss`.
  package mutating func dismiss(_ replies: [MessageID]) {
    for id in replies {
      guard var row = replyTable[id], row.isFailed else { continue }
      row.isReturned = true
      replyTable[id] = row
    }
  }
}
