import Wire

extension UpstreamMachine {
  /// Sends waiting items to workers with credit.
  ///
  /// Few items go to the first worker, in the order of the instances' names, that keeps up, idle or not: a commit of two costs nearly as
  /// much as one of fifty, and all upstream instances prefer the same worker. The next one gets items while the first has many, or has
  /// finished none for a while. Many items are spread over all workers, the one that holds least first.
  mutating func dispatch(now: Duration) -> [Effect] {
    guard line.count > 0 else { return [] }
    var effects: [Effect] = []
    let areMany = line.count > MessagingBounds.itemsWorthSplitting
    let willingCount = max(1, workers.values.count { $0.credit > 0 })
    let share = max(MessagingBounds.itemsWorthSplitting, (line.count + willingCount - 1) / willingCount)
    while line.count > 0, let route = choose(forMany: areMany, now: now) {
      let limit = min(workers[route]?.credit ?? 0, limits.itemsPerBatch, share)
      if workers[route]?.held.isEmpty == true { workers[route]?.lastProgress = now }
      let batch = takeBatch(for: route, limit: limit)
      guard !batch.isEmpty else { break }
      workers[route]?.credit -= batch.count
      workers[route]?.lastSent = now
      effects.append(.send(.work(batch), to: route))
    }
    return effects
  }

  private func choose(forMany areMany: Bool, now: Duration) -> WorkerRoute? {
    let willing = workers.filter { $0.value.credit > 0 }
    let keepingUp = areMany ? [:] : willing.filter { $0.value.keepsUp(at: now) }
    if let first = keepingUp.min(by: Self.comesFirst) { return first.key }
    return willing.min { left, right in
      let counts = (left.value.held.count, right.value.held.count)
      return counts.0 == counts.1 ? Self.comesFirst(left, right) : counts.0 < counts.1
    }?.key
  }

  /// Names of instances begin with the time of their start, so the oldest comes first.
  private static func comesFirst(
    _ left: (key: WorkerRoute, value: Worker), _ right: (key: WorkerRoute, value: Worker)
  ) -> Bool {
    let names = (left.value.instanceID, right.value.instanceID)
    return names.0 == names.1 ? left.key.bytes.lexicographicallyPrecedes(right.key.bytes) : names.0 < names.1
  }

  private mutating func takeBatch(for route: WorkerRoute, limit: Int) -> [LinkItem] {
    var batch: [LinkItem] = []
    var byteCount = 0
    while batch.count < limit {
      let name = line.first { [entries] in entries[$0]?.holder == nil && entries[$0] != nil }
      guard let id = name, let entry = entries[id] else { break }
      guard batch.isEmpty || byteCount + entry.byteCount <= limits.bytesPerBatch else { break }
      line.removeFirst()
      byteCount += entry.byteCount
      entries[id]?.holder = route
      entries[id]?.handOuts += 1
      workers[route]?.held.insert(id)
      var item = entry.item
      // The item's count of earlier attempts came over the wire.
      let attempts = UInt32(clamping: Int64(entry.attemptsBefore) + Int64(entry.handOuts))
      if item.attempts != attempts { item.attempts = attempts }
      batch.append(item)
    }
    return batch
  }

  /// The current state, with the totals since the start.
  package func snapshot(unreported: Int, now: Duration) -> WorkSourceSnapshot {
    var snapshot = totals
    snapshot.waitingCount = line.count
    snapshot.inFlightCount = entries.count - line.count
    snapshot.unreportedCount = unreported
    let oldest = ages.first { entries[$0.id]?.offeredAt == $0.offeredAt }
    snapshot.oldestAge = oldest.map { now - $0.offeredAt } ?? .zero
    snapshot.workers = routesInOrder.compactMap { route in
      workers[route].map { worker in
        WorkSourceSnapshot.Worker(
          service: worker.service, instanceID: worker.instanceID, heldCount: worker.held.count, credit: worker.credit)
      }
    }
    return snapshot
  }
}

extension UpstreamMachine.Worker {
  /// Whether a small batch will not wait long for what this worker has already.
  fileprivate func keepsUp(at now: Duration) -> Bool {
    held.isEmpty
      || (held.count < MessagingBounds.itemsBeforeNextWorker && now - lastProgress < MessagingBounds.longestBriefRound)
  }
}
