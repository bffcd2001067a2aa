import Wire

/// Time-outs and departure.
extension WorkerMachine {
  mutating func tick(now: Duration) -> [Effect] {
    var effects: [Effect] = []
    for index in upstreams.indices {
      switch upstreams[index].phase {
      case .greeting(let since) where since + limits.greeting <= now:
        effects += reconnect(index, now: now)
      case .resting(let until) where until <= now:
        upstreams[index].phase = .greeting(since: now)
        effects.append(.send(.hello(hello), over: upstreams[index].connection))
      case .ready where upstreams[index].lastHeard + limits.silence <= now:
        effects += reconnect(index, now: now)
      case .ready where upstreams[index].lastSent + limits.heartbeatInterval <= now:
        upstreams[index].lastSent = now
        effects.append(.send(.heartbeat(held: upstreams[index].heldCount), over: upstreams[index].connection))
      default: continue
      }
    }
    return effects
  }

  mutating func drain(now: Duration) -> [Effect] {
    guard departure == .none else { return [] }
    departure = .draining
    return upstreams.indices.filter { upstreams[$0].credit > 0 }.flatMap { void($0, now: now) }
  }

  mutating func abandon(now: Duration) -> [Effect] {
    guard departure == .none || departure == .draining else { return [] }
    let held = holders.keys.sorted { ($0.high, $0.low) < ($1.high, $1.low) }
    return settle(held, refusedFor: RefusalReason.draining, now: now) + leave(now: now)
  }

  /// Leaves when nothing is held and nothing more can arrive, and ends when every upstream has answered.
  mutating func depart(now: Duration) -> [Effect] {
    switch departure {
    case .none, .finished: return []
    case .draining:
      let mayReceive = upstreams.contains { $0.phase == .ready && ($0.credit > 0 || $0.isVoiding) }
      guard holders.isEmpty, !mayReceive else { return [] }
      return leave(now: now)
    case .leaving:
      let isWaiting = upstreams.contains { upstream in
        guard case .leaving(let since) = upstream.phase else { return false }
        return since + limits.farewell > now
      }
      guard !isWaiting else { return [] }
      departure = .finished
      defer { upstreams = [] }
      return upstreams.map { .disconnect($0.connection) } + [.finish]
    }
  }

  private mutating func leave(now: Duration) -> [Effect] {
    departure = .leaving
    var effects: [Effect] = []
    for index in upstreams.indices where upstreams[index].phase == .ready {
      upstreams[index].phase = .leaving(since: now)
      effects.append(.send(.bye(reason: "leaving"), over: upstreams[index].connection))
    }
    return effects + depart(now: now)
  }
}
