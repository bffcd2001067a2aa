import PostgreSQL

/// The running processes and the leases that they hold.
public struct FleetStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
}
