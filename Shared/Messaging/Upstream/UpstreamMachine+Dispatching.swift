import Wire

extension UpstreamMachine {
  /// Sends waiting items to workers with credit: at once when few wait, in full batches when many do; the worker with the most free
  /// credit comes first, so fast workers, which grant most, get most.
  mutating func dispatch(now: Duration) -> [Effect] {
    var effects: [Effect] = []
    while line.count > 0 {
      let willing = workers.filter { $0.value.credit > 0 }
      guard let route = Self.choose(willing) else { break }
      let share = (line.count + willing.count - 1) / willing.count
      let limit = min(
        workers[route]?.credit ?? 0, limits.itemsPerBatch, max(MessagingBounds.itemsWorthSplitting, share))
      let batch = takeBatch(for: route, limit: limit)
      guard !batch.isEmpty else { break }
      workers[route]?.credit -= batch.count
      workers[route]?.lastSent = now
      effects.append(.send(.work(batch), to: route))
    }
    return effects
  }

  private static func choose(_ willing: [WorkerRoute: Worker]) -> WorkerRoute? {
    willing.max { left, right in
      let isLess = right.key.bytes.lexicographicallyPrecedes(left.key.bytes)
      return left.value.credit == right.value.credit ? isLess : left.value.credit < right.value.credit
    }?.key
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
