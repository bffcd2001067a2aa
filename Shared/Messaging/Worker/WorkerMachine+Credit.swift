import Wire

/// Credit: each ready upstream has an equal share of the window. Credit granted elsewhere must be returned before it is granted again, so
/// a share that has shrunk is voided first: DRAIN, and its echo, after which no more work arrives.
extension WorkerMachine {
  private var readyCount: Int { upstreams.count { $0.phase == .ready } }

  /// The maximum for one upstream, granted and held together.
  private var share: Int { max(1, limits.window / max(1, readyCount)) }

  /// Asks upstreams that have more than their share to void the unused part.
  mutating func rebalance(now: Duration) -> [Effect] {
    guard departure == .none else { return [] }
    let share = share
    let tooRich = upstreams.indices.filter { index in
      upstreams[index].credit > 0 && upstreams[index].credit + upstreams[index].heldCount > share
    }
    return tooRich.flatMap { void($0, now: now) }
  }

  mutating func void(_ index: Int, now: Duration) -> [Effect] {
    guard upstreams[index].phase == .ready, !upstreams[index].isVoiding else { return [] }
    upstreams[index].isVoiding = true
    upstreams[index].lastSent = now
    return [.send(.drain, over: upstreams[index].connection)]
  }

  /// Grants free credit. Small grants wait until they are worth a message; they are sent even if no credit is outstanding, as finishing
  /// held items makes them larger.
  mutating func grant(now: Duration) -> [Effect] {
    guard departure == .none else { return [] }
    let share = share
    let threshold = max(1, share / 4)
    var free = limits.window - holders.count - upstreams.reduce(0) { $0 + $1.credit }
    var effects: [Effect] = []
    for index in upstreams.indices where upstreams[index].phase == .ready && !upstreams[index].isVoiding {
      let wanted = min(free, share - upstreams[index].credit - upstreams[index].heldCount)
      guard wanted >= threshold else { continue }
      free -= wanted
      upstreams[index].credit += wanted
      upstreams[index].lastSent = now
      effects.append(.send(.credit(wanted), over: upstreams[index].connection))
    }
    return effects
  }

  func snapshot() -> WorkSinkSnapshot {
    var snapshot = totals
    snapshot.upstreamCount = upstreams.count
    snapshot.readyUpstreamCount = readyCount
    snapshot.heldCount = holders.count
    snapshot.creditCount = upstreams.reduce(0) { $0 + $1.credit }
    return snapshot
  }
}
