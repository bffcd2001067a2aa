package import DeskCore

/// The running processes and the leases that they hold. See `FleetStore` for what each method promises.
package protocol FleetStoring: Sendable {
  func register(_ instance: ServiceInstance) async throws
  func heartbeat(
    _ id: InstanceID, problems: [ServiceInstance.Problem], load: ServiceInstance.Load?
  ) async throws -> (now: Instant, isRegistered: Bool, living: [ServiceInstance])
  func livingInstances() async throws -> [ServiceInstance]
  func deregister(_ id: InstanceID) async throws
  func forgetDeadInstances() async throws
  func acquireLeases(_ names: [String], holder: InstanceID) async throws -> [HeldLease]
  func releaseLeases(_ names: [String], holder: InstanceID) async throws
  func leases() async throws -> [(name: String, holder: InstanceID, term: Int64, expiresAt: Instant)]
}

extension FleetStore: FleetStoring {}

extension FleetStoring {
  package func heartbeat(
    _ id: InstanceID, problems: [ServiceInstance.Problem] = []
  ) async throws -> (now: Instant, isRegistered: Bool, living: [ServiceInstance]) {
    try await heartbeat(id, problems: problems, load: nil)
  }
}
