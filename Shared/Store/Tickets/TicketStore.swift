import PostgreSQL

/// Live tickets: reading them, and everything that changes one.
public struct TicketStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
  let words: WordCodec
}
