/// Handling of batches that failed to commit. Nothing here blocks a commit: a paused batch gives its place to others.
extension CommitMachine {
  /// - A refusal is caused by the content of one message: halving finds it in a few steps, and it is answered individually.
  /// - Contention affects one message: the batch is retried at once, carefully, so that only that message is left out; if that does not
  /// help, by halves.
  /// - An outage is not a message's fault: the batch stays whole and everything pauses. But if others succeed while it fails repeatedly,
  /// one of its messages breaks the connection, and halving finds that one.
  mutating func fail(_ id: BatchID, _ failure: Failure, now: Duration, into effects: inout [Effect]) {
    expire(id, now: now, into: &effects)
    for row in expiredInLine(after: limits.deadline, now: now) { give(up: row, into: &effects) }
    guard let batch = batches[id] else { return }
    batches[id]?.isTrial = true
    batches[id]?.successesBefore = successes
    let othersSucceed = batch.successesBefore.map { successes > $0 } ?? false
    switch failure {
    case .refusal:
      if batch.rows.count > 1 { return split(id) }
      batches[id] = nil
      for row in batch.rows { settle(row, .refused, into: &effects) }
    case .contention:
      guard batch.isCareful else {
        batches[id]?.isCareful = true
        batches[id]?.attempts += 1
        return trials.append(id)
      }
      if batch.rows.count > 1 { return split(id) }
      pause(id, isOutage: false, into: &effects)
    case .outage:
      if othersSucceed, batch.rows.count > 1 { return split(id) }
      pause(id, isOutage: !othersSucceed, into: &effects)
    }
  }

  mutating func endPause(_ id: BatchID, now: Duration, into effects: inout [Effect]) {
    outages.remove(id)
    expire(id, now: now, into: &effects)
    guard batches[id] != nil else { return }
    batches[id]?.attempts += 1
    trials.append(id)
  }

  /// Sets aside messages whose ticket is locked by another transaction, until it ends or they have waited too long.
  mutating func hold(_ held: [RowID], after batch: Batch, now: Duration, into effects: inout [Effect]) {
    guard !held.isEmpty else { return }
    for row in held where rows[row]?.isHeldUp == false {
      rows[row]?.isHeldUp = true
      heldUpCount += 1
      if let customer = rows[row]?.customer { heldCustomers[customer, default: 0] += 1 }
    }
    let id = nextID()
    // A batch of only locked messages has been here before, and waits longer each time.
    let attempts = held.count == batch.rows.count ? batch.attempts : 1
    batches[id] = Batch(rows: held, attempts: attempts, isCareful: true, isTrial: true)
    expire(id, now: now, into: &effects)
    if batches[id] != nil { pause(id, isOutage: false, into: &effects) }
  }

  mutating func release(_ customer: CustomerKey) {
    guard let count = heldCustomers[customer] else { return }
    heldUpCount -= 1
    heldCustomers[customer] = count > 1 ? count - 1 : nil
  }

  private mutating func pause(_ id: BatchID, isOutage: Bool, into effects: inout [Effect]) {
    let doublings = min((batches[id]?.attempts ?? 1) - 1, 16)
    if isOutage { outages.insert(id) }
    effects.append(.pause(id, min(limits.firstPause * (1 << doublings), limits.lastPause)))
  }

  private mutating func split(_ id: BatchID) {
    guard let batch = batches.removeValue(forKey: id) else { return }
    let middle = batch.rows.count / 2
    for half in [batch.rows[..<middle], batch.rows[middle...]] {
      let part = nextID()
      batches[part] = Batch(
        rows: Array(half), isCareful: batch.isCareful, isTrial: true, successesBefore: batch.successesBefore)
      trials.append(part)
    }
  }

  // MARK: Waiting too long

  private mutating func expire(_ id: BatchID, now: Duration, into effects: inout [Effect]) {
    guard let batch = batches[id] else { return }
    let expired = batch.rows.filter { isExpired($0, now: now) }
    guard !expired.isEmpty else { return }
    let kept = batch.rows.filter { !isExpired($0, now: now) }
    if kept.isEmpty { batches[id] = nil } else { batches[id]?.rows = kept }
    for row in expired { give(up: row, into: &effects) }
  }

  private mutating func expiredInLine(after age: Duration, now: Duration) -> [RowID] {
    let known = rows
    return line.removeOldest { id in known[id].map { now - $0.arrivedAt >= age } ?? true }
  }

  /// Answers messages that have waited too long for the link. They were not written.
  mutating func refuseHeldBack(now: Duration, into effects: inout [Effect]) {
    for row in expiredInLine(after: limits.linkPatience, now: now) { settle(row, .overloaded, into: &effects) }
  }

  private mutating func give(up row: RowID, into effects: inout [Effect]) {
    settle(row, rows[row]?.isHeldUp == true ? .heldUp : .unavailable, into: &effects)
  }

  private func isExpired(_ id: RowID, now: Duration) -> Bool {
    rows[id].map { now - $0.arrivedAt >= limits.deadline } ?? true
  }
}
