import PostgreSQL

/// What the desk learns from its tickets: feedback, hot issues, corrections and trials of models.
public struct LearningStore: Sendable, StoreSession {
  let pool: PostgresPool
  let setAside: SetAsideRows
  let words: WordCodec
}
