package import Wire

/// The worker side of all links of a process as a pure state machine: events in, effects out; time is passed in.
///
/// Invariant: items held and items granted together never exceed the window.
package struct WorkerMachine {
  /// The limits and time-outs of a sink, changeable for tests.
  package struct Limits {
    package var window = MessagingBounds.creditWindow
    var upstreams = MessagingBounds.upstreamsPerSink
    var heartbeatInterval = MessagingBounds.heartbeatInterval
    var silence = MessagingBounds.silenceLimit
    var greeting = MessagingBounds.greetingLimit
    var rest = MessagingBounds.restInterval
    var farewell = MessagingBounds.farewellLimit

    package init() {}
  }

  /// Names one connection; a new connection to the same instance has a new name.
  package typealias ConnectionID = UInt64

  package enum Event {
    /// The complete list of upstream instances.
    case updated([LinkPeer])
    case received(LinkFrame, over: ConnectionID)
    /// The connection is stuck, or received something other than a link message.
    case failed(ConnectionID)
    /// The service has finished items, end to end.
    case finished([ItemID])
    /// The service hands items back.
    case refused([ItemID], reason: String)
    /// The service wants to leave once it has finished the items it holds.
    case drained
    /// The service leaves now; the items it holds are handed back.
    case abandoned
    /// Time has passed.
    case ticked
  }

  package enum Effect: Equatable {
    case connect(LinkPeer, as: ConnectionID)
    case disconnect(ConnectionID)
    case send(LinkFrame, over: ConnectionID)
    case deliver([LinkItem])
    /// Nothing is held and every upstream knows that this worker has left.
    case finish
  }

  enum Phase: Equatable {
    /// HELLO was sent.
    case greeting(since: Duration)
    /// BYE was received; HELLO is sent again at that time.
    case resting(until: Duration)
    case ready
    /// BYE was sent.
    case leaving(since: Duration)
  }

  struct Upstream {
    let peer: LinkPeer
    var connection: ConnectionID
    var phase: Phase
    /// Granted and not yet received.
    var credit = 0
    /// Items that it delivered to this process.
    var heldCount = 0
    /// Whether it was asked to void the credit and has not answered yet.
    var isVoiding = false
    var lastHeard: Duration
    var lastSent: Duration
  }

  /// The progress of the departure.
  enum Departure {
    case none
    case draining
    case leaving
    case finished
  }

  let limits: Limits
  let hello: WireHello

  // Other files of this machine contain parts of it, so these are not private.
  var upstreams: [Upstream] = []
  /// The instances that delivered an item that the service holds.
  var holders: [ItemID: [String]] = [:]
  var totals = WorkSinkSnapshot()
  var departure = Departure.none
  private var nextConnection: ConnectionID = 1

  package init(hello: WireHello, limits: Limits = Limits()) {
    self.hello = hello
    self.limits = limits
  }

  // MARK: Events

  package mutating func handle(_ event: Event, now: Duration) -> [Effect] {
    guard departure != .finished else { return [] }
    let effects =
      switch event {
      case .updated(let peers): update(peers, now: now)
      case .received(let frame, let connection): receive(frame, over: connection, now: now)
      case .failed(let connection): index(of: connection).map { reconnect($0, now: now) } ?? []
      case .finished(let ids): settle(ids, refusedFor: nil, now: now)
      case .refused(let ids, let reason): settle(ids, refusedFor: reason, now: now)
      case .drained: drain(now: now)
      case .abandoned: abandon(now: now)
      case .ticked: tick(now: now)
      }
    return effects + grant(now: now) + depart(now: now)
  }

  private mutating func update(_ peers: [LinkPeer], now: Duration) -> [Effect] {
    guard departure == .none else { return [] }
    var effects: [Effect] = []
    let wanted = Set(peers)
    for upstream in upstreams where !wanted.contains(upstream.peer) {
      effects.append(.disconnect(upstream.connection))
      forgetHolder(upstream.peer.instanceID)
    }
    upstreams.removeAll { !wanted.contains($0.peer) }
    for peer in peers where upstreams.count < limits.upstreams {
      guard !upstreams.contains(where: { $0.peer.instanceID == peer.instanceID }) else { continue }
      let connection = takeConnectionID()
      upstreams.append(
        Upstream(
          peer: peer, connection: connection, phase: .greeting(since: now), lastHeard: now, lastSent: now))
      effects += [.connect(peer, as: connection), .send(.hello(hello), over: connection)]
    }
    return effects + rebalance(now: now)
  }

  private mutating func receive(_ frame: LinkFrame, over connection: ConnectionID, now: Duration) -> [Effect] {
    // A message of a connection that has been replaced since.
    guard let index = index(of: connection) else { return [] }
    upstreams[index].lastHeard = now
    switch frame {
    case .hello(let theirs): return receiveHello(theirs, index, now: now)
    case .work(let items): return receiveWork(items, index, now: now)
    case .heartbeat: return []
    case .drain:
      upstreams[index].credit = 0
      upstreams[index].isVoiding = false
      return []
    case .bye: return receiveBye(index, now: now)
    case .credit, .done, .nack: return reconnect(index, now: now)
    }
  }

  private mutating func receiveHello(_ theirs: WireHello, _ index: Int, now: Duration) -> [Effect] {
    guard case .greeting = upstreams[index].phase else { return [] }
    // Another instance has taken over the address: the instance table will show it soon.
    guard theirs.instanceID == upstreams[index].peer.instanceID, theirs.protocolVersion == hello.protocolVersion
    else {
      rest(index, now: now)
      return []
    }
    upstreams[index].phase = .ready
    return rebalance(now: now)
  }

  private mutating func receiveWork(_ items: [LinkItem], _ index: Int, now: Duration) -> [Effect] {
    // More than was granted: a peer that does this cannot be trusted to keep the limit.
    guard upstreams[index].phase == .ready, items.count <= upstreams[index].credit else {
      return reconnect(index, now: now)
    }
    upstreams[index].credit -= items.count
    let instanceID = upstreams[index].peer.instanceID
    var fresh: [LinkItem] = []
    fresh.reserveCapacity(items.count)
    for item in items {
      guard let known = holders[item.id] else {
        holders[item.id] = [instanceID]
        upstreams[index].heldCount += 1
        fresh.append(item)
        continue
      }
      totals.duplicateTotal += 1
      if !known.contains(instanceID) {
        holders[item.id] = known + [instanceID]
        upstreams[index].heldCount += 1
      }
    }
    totals.receivedTotal += fresh.count
    return fresh.isEmpty ? [] : [.deliver(fresh)]
  }

  private mutating func receiveBye(_ index: Int, now: Duration) -> [Effect] {
    if departure == .none {
      rest(index, now: now)
      return []
    }
    let connection = upstreams[index].connection
    forgetHolder(upstreams[index].peer.instanceID)
    upstreams.remove(at: index)
    return [.disconnect(connection)]
  }

  // MARK: Items

  /// Reports the outcome of items to their upstreams. One that cannot be reached delivers them again, which is harmless.
  mutating func settle(_ ids: [ItemID], refusedFor reason: String?, now: Duration) -> [Effect] {
    var byInstance: [String: [ItemID]] = [:]
    for id in ids {
      guard let instances = holders.removeValue(forKey: id) else { continue }
      if reason == nil { totals.doneTotal += 1 } else { totals.refusedTotal += 1 }
      for instance in instances { byInstance[instance, default: []].append(id) }
    }
    var effects: [Effect] = []
    for index in upstreams.indices {
      guard let reported = byInstance[upstreams[index].peer.instanceID] else { continue }
      upstreams[index].heldCount -= reported.count
      guard upstreams[index].phase == .ready else { continue }
      upstreams[index].lastSent = now
      var rest = reported[...]
      while !rest.isEmpty {
        let part = Array(rest.prefix(WireBounds.identifiersPerFrame))
        let frame = reason.map { LinkFrame.nack(part, reason: $0) } ?? .done(part)
        effects.append(.send(frame, over: upstreams[index].connection))
        rest = rest.dropFirst(part.count)
      }
    }
    return effects
  }

  /// The service continues with its items, but they need not be reported to this instance.
  private mutating func forgetHolder(_ instanceID: String) {
    for (id, instances) in holders where instances.contains(instanceID) {
      holders[id] = instances.filter { $0 != instanceID }
    }
  }

  // MARK: Connections

  func index(of connection: ConnectionID) -> Int? {
    upstreams.firstIndex { $0.connection == connection }
  }

  private mutating func takeConnectionID() -> ConnectionID {
    defer { nextConnection += 1 }
    return nextConnection
  }

  private mutating func rest(_ index: Int, now: Duration) {
    upstreams[index].phase = .resting(until: now + limits.rest)
    upstreams[index].credit = 0
    upstreams[index].isVoiding = false
  }

  /// Opens a new socket: a refused or half-open connection does not recover.
  mutating func reconnect(_ index: Int, now: Duration) -> [Effect] {
    totals.reconnectTotal += 1
    let old = upstreams[index].connection
    let new = takeConnectionID()
    upstreams[index].connection = new
    upstreams[index].phase = .greeting(since: now)
    upstreams[index].credit = 0
    upstreams[index].isVoiding = false
    upstreams[index].lastHeard = now
    upstreams[index].lastSent = now
    return [.disconnect(old), .connect(upstreams[index].peer, as: new), .send(.hello(hello), over: new)]
  }
}
