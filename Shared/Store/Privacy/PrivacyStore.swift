import PostgreSQL

/// Customers' records and contacts, erasure and retention.
public struct PrivacyStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
}
