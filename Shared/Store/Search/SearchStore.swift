import PostgreSQL

/// The index of messages: filling it, and finding tickets and customers in it.
public struct SearchStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
  let words: WordCodec
}
