import PostgreSQL

/// Figures about the whole desk.
public struct ReportStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
}
