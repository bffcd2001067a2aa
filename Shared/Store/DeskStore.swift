public import DeskCore
public import PostgreSQL

/// The desk's data access: a store for each subject, over one connection pool.
///
/// It and its stores are values that are cheap to copy; the underlying pool is shared. Everything that changes a ticket goes through
/// `TicketStore.commit(_:fencedBy:)`, which compares and sets the ticket's version, so that of two services that took the same step
/// only one has an effect.
public struct DeskStore: Sendable {
  /// The connection pool.
  public let pool: PostgresPool
  /// The quarantined rows that this process could not read or write and skips in batches for a while.
  public let setAside: SetAsideRows
  /// How what people write is stored.
  public let words: WordCodec

  /// Creates a store on a pool whose database has been migrated.
  /// - Parameters:
  ///   - setAside: the process's quarantine; separate for each store, except in tests.
  ///   - words: how what people write is stored; the same for every store of a process.
  public init(pool: PostgresPool, setAside: SetAsideRows = SetAsideRows(), words: WordCodec = WordCodec()) {
    self.pool = pool
    self.setAside = setAside
    self.words = words
  }

  /// Runs tasks on the thread of the pool's connections: for a task that runs one statement after another.
  public var taskExecutor: any TaskExecutor { pool.taskExecutor }

  /// Messages that were accepted and wait for their decision: accepting, claiming, labelling, releasing.
  public var inbox: InboxStore { InboxStore(pool: pool, setAside: setAside, words: words) }
  /// Live tickets: reading them, and everything that changes one.
  public var tickets: TicketStore { TicketStore(pool: pool, setAside: setAside, words: words) }
  /// What was written on a ticket and what happened to it, for people.
  public var conversations: ConversationStore { ConversationStore(pool: pool, setAside: setAside, words: words) }
  /// Waiting tickets and the agents who could take them.
  public var matching: MatchingStore { MatchingStore(pool: pool, setAside: setAside) }
  /// Deliveries to hooks, and the dead letters of deliveries and messages.
  public var outbox: OutboxStore { OutboxStore(pool: pool, setAside: setAside) }
  /// Replies to customers on their way to the channels, and what channels report about them.
  public var replies: ReplyStore { ReplyStore(pool: pool, setAside: setAside, words: words) }
  /// Notices to people.
  public var notices: NoticeStore { NoticeStore(pool: pool, setAside: setAside) }
  /// The list of call-backs.
  public var callBacks: CallBackStore { CallBackStore(pool: pool, setAside: setAside, words: words) }
  /// Consults about tickets.
  public var consults: ConsultStore { ConsultStore(pool: pool, setAside: setAside, words: words) }
  /// What agents are writing.
  public var drafts: DraftStore { DraftStore(pool: pool, setAside: setAside, words: words) }
  /// The state of the hooks: paused, failing, held.
  public var hooks: HookStore { HookStore(pool: pool, setAside: setAside) }
  /// The running processes and the leases that they hold.
  public var fleet: FleetStore { FleetStore(pool: pool, setAside: setAside) }
  /// How many processes of each service are wanted, why, and which peaks are planned.
  public var capacity: CapacityStore { CapacityStore(pool: pool, setAside: setAside) }
  /// API keys, CurveZMQ keys, the policy and the privileges of the services.
  public var access: AccessStore { AccessStore(pool: pool, setAside: setAside, words: words) }
  /// Customers' records and contacts, erasure and retention.
  public var privacy: PrivacyStore { PrivacyStore(pool: pool, setAside: setAside) }
  /// What the desk learns from its tickets: feedback, hot issues, corrections and trials of models.
  public var learning: LearningStore { LearningStore(pool: pool, setAside: setAside, words: words) }
  /// Replies in which a rule of the policy found something.
  public var interceptions: InterceptionStore { InterceptionStore(pool: pool, setAside: setAside) }
  /// Inspections of ended tickets, and the figures about what agents write.
  public var inspections: InspectionStore { InspectionStore(pool: pool, setAside: setAside) }
  /// Crisis cases, and the signals that open them.
  public var crises: CrisisStore { CrisisStore(pool: pool, setAside: setAside) }
  /// The audit chain, the seals of timelines and the ledger of accepted messages.
  public var audit: AuditStore { AuditStore(pool: pool, setAside: setAside) }
  /// What a restored database tells about itself.
  public var restores: RestoreStore { RestoreStore(pool: pool, setAside: setAside) }
  /// What a recording of a stretch of the desk is made from.
  public var recordings: RecordingStore { RecordingStore(pool: pool, setAside: setAside) }
  /// The index of messages, and the search in it.
  public var search: SearchStore { SearchStore(pool: pool, setAside: setAside, words: words) }
  /// What operators asked for on pages, for the executor.
  public var intents: IntentStore { IntentStore(pool: pool, setAside: setAside) }
  /// The keys that words are sealed with, and resealing.
  public var wordKeys: WordKeyStore { WordKeyStore(pool: pool, setAside: setAside, words: words) }
  /// Figures about the whole desk.
  public var reports: ReportStore { ReportStore(pool: pool, setAside: setAside) }

  /// Applies the settings that these statements require. Every pool of a store must be configured this way.
  ///
  /// Batches are passed as arrays, whose lengths a generic plan cannot know: it would assume ten rows each and join
  /// batches row by row. So plans are made per call, except for the many statements that look rows up by key: those opt in
  /// (`PostgresPlanning.once`). JIT compilation costs more than it saves for statements that run for milliseconds. Hot tables
  /// are in memory: with a spinning disk's cost per lookup, a long batch would scan them completely instead.
  public static func configure(_ configuration: PostgresConfiguration) -> PostgresConfiguration {
    var configuration = configuration
    configuration["options"] =
      ["-c plan_cache_mode=force_custom_plan -c jit=off -c random_page_cost=1.1", configuration["options"]]
      .compactMap(\.self).joined(separator: " ")
    return configuration
  }

  /// Returns when everything that was read before is confirmed as a commit is. Call it before acknowledging what was already done; see
  /// `PostgresSession.confirmReads`.
  public func confirmReads() async throws {
    try await pool.confirmReads()
  }

  /// What the settings of the services' sessions make of a commit.
  public func durability() async throws -> PostgresDurability? {
    try await PostgresDurability.read(pool)
  }

  /// Returns the database's time, to the microsecond.
  public func now() async throws -> Instant {
    try await pool.query(DeskStore.clock).first ?? Instant(microseconds: 0)
  }

  private static let clock = PostgresStatement<Instant>("clock", "SELECT clock_timestamp()", planning: .once)
}
