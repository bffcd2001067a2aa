package import DeskCore
package import Store

// MARK: - Instances

extension SimulatedDatabase {
  /// As `FleetStore.register`.
  package mutating func register(_ instance: ServiceInstance) {
    let known = instances[instance.id]
    instances[instance.id] = instance.with(
      startedAt: known?.startedAt ?? now, heartbeatAt: now, problems: known?.problems ?? [])
  }

  /// As `FleetStore.heartbeat`.
  package mutating func heartbeat(
    _ id: InstanceID, problems: [ServiceInstance.Problem] = []
  ) -> (now: Instant, isRegistered: Bool, living: [ServiceInstance]) {
    if let known = instances[id] {
      instances[id] = known.with(
        startedAt: known.startedAt, heartbeatAt: now, problems: Array(problems.prefix(StoreBounds.problemsPerInstance)))
    }
    return (now, instances[id] != nil, livingInstances)
  }

  /// As `FleetStore.livingInstances`.
  package var livingInstances: [ServiceInstance] {
    instances.values.filter { isNearNow($0.heartbeatAt, within: FleetBounds.silence) }.sorted { left, right in
      ExactString(left.service) != ExactString(right.service)
        ? left.service.precedesByBytes(right.service) : left.id < right.id
    }
  }

  /// As `FleetStore.deregister`.
  package mutating func deregister(_ id: InstanceID) { instances[id] = nil }

  /// As `FleetStore.forgetDeadInstances`.
  package mutating func forgetDeadInstances() {
    instances = instances.filter { isNearNow($0.value.heartbeatAt, within: FleetBounds.forgetAfter) }
  }

  func isLiving(_ id: InstanceID) -> Bool {
    instances[id].map { isNearNow($0.heartbeatAt, within: FleetBounds.silence) } ?? false
  }

  /// A time in the future was written before the clock was set back.
  private func isNearNow(_ moment: Instant, within time: Duration) -> Bool {
    moment >= now - time && moment <= now + time
  }
}

extension ServiceInstance {
  fileprivate func with(startedAt: Instant, heartbeatAt: Instant, problems: [Problem]) -> ServiceInstance {
    ServiceInstance(
      id: id, service: service, build: build, host: host, processID: processID, state: state,
      linkEndpoint: linkEndpoint, hintEndpoint: hintEndpoint, httpEndpoint: httpEndpoint,
      operationsEndpoint: operationsEndpoint, curvePublicKey: curvePublicKey, startedAt: startedAt,
      heartbeatAt: heartbeatAt, problems: problems)
  }
}

// MARK: - Leases

extension SimulatedDatabase {
  /// As `FleetStore.acquireLeases`, by name.
  package mutating func acquireLeases(_ names: [String], holder: InstanceID) -> [HeldLease] {
    Set(names.map { ExactString($0) }).sorted().compactMap { name in
      var lease = SimulatedLease(holder: holder, term: 1, expiresAt: now + FleetBounds.leaseTime)
      if let known = leases[name] {
        let isOwn = known.holder == holder
        // One that expires later than any granted now was granted before the clock was set back.
        guard isOwn || known.expiresAt <= now || known.expiresAt > now + FleetBounds.leaseTime * 2 else { return nil }
        lease.term = isOwn && known.expiresAt > now ? known.term : known.term + 1
      }
      leases[name] = lease
      return HeldLease(name: name.string, term: lease.term, expiresAt: lease.expiresAt)
    }
  }

  /// As `FleetStore.releaseLeases`.
  package mutating func releaseLeases(_ names: [String], holder: InstanceID) {
    for name in names.map({ ExactString($0) }) where leases[name]?.holder == holder { leases[name]?.expiresAt = now }
  }

  /// As `FleetStore.leases`.
  package var currentLeases: [(name: String, holder: InstanceID, term: Int64, expiresAt: Instant)] {
    leases.filter { $0.value.expiresAt > now }.sorted { $0.key < $1.key }.map { name, lease in
      (name: name.string, holder: lease.holder, term: lease.term, expiresAt: lease.expiresAt)
    }
  }
}
