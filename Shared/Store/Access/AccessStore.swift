import PostgreSQL

/// API keys, CurveZMQ keys, the policy and the privileges of the services.
public struct AccessStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
  let words: WordCodec
}
