package import DeskCore
package import Store

/// `FleetStore` on a simulated database.
package struct SimulatedFleet: FleetStoring {
  let store: SimulatedStore

  package func register(_ instance: ServiceInstance) async throws {
    try await store.call(.register) { $0.register(instance) }
  }

  package func heartbeat(
    _ id: InstanceID, problems: [ServiceInstance.Problem], load: ServiceInstance.Load?
  ) async throws -> (now: Instant, isRegistered: Bool, living: [ServiceInstance]) {
    // What `load` is for, the number of workers, is not simulated here.
    try await store.call(.heartbeat) { $0.heartbeat(id, problems: problems) }
  }

  package func livingInstances() async throws -> [ServiceInstance] {
    try await store.call(.livingInstances) { $0.livingInstances }
  }

  package func deregister(_ id: InstanceID) async throws { try await store.call(.deregister) { $0.deregister(id) } }

  package func forgetDeadInstances() async throws {
    try await store.call(.forgetInstances) { $0.forgetDeadInstances() }
  }

  package func acquireLeases(_ names: [String], holder: InstanceID) async throws -> [HeldLease] {
    try await store.call(.acquireLeases) { $0.acquireLeases(names, holder: holder) }
  }

  package func releaseLeases(_ names: [String], holder: InstanceID) async throws {
    try await store.call(.releaseLeases) { $0.releaseLeases(names, holder: holder) }
  }

  package func leases() async throws -> [(name: String, holder: InstanceID, term: Int64, expiresAt: Instant)] {
    try await store.call(.leases) { $0.currentLeases }
  }
}
