public import DeskCore
internal import SystemPrimitives

/// The rows that this process has quarantined, shared by all copies of its `DeskStore`.
public final class SetAsideRows: Sendable {
  private let quarantine = PthreadMutex(Quarantine())
  private let now: @Sendable () -> ContinuousClock.Instant

  /// - Parameter now: the clock, for tests.
  public init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.now = now
  }

  /// Quarantines a row because of `error`.
  public func setAside(_ row: RowName, because error: any Error) {
    setAside(row, kind: FailureKind.of(error))
  }

  /// Quarantines a row for a kind of failure, described without any data.
  public func setAside(_ row: RowName, kind: String) {
    let now = now()
    quarantine.withLock { $0.setAside(row, kind: kind, at: now) }
  }

  /// The tickets to skip in batches now.
  public var tickets: [TicketID] {
    let now = now()
    return quarantine.withLock { $0.ticketsHeld(at: now) }
  }

  /// The keys of another table's rows to skip in batches now.
  public func keys(of table: String) -> [String] {
    let now = now()
    return quarantine.withLock { $0.keysHeld(of: table, at: now) }
  }

  /// All quarantined rows, longest first.
  public var held: [Quarantine.Entry] {
    let now = now()
    return quarantine.withLock { $0.held(at: now) }
  }

  /// How many times a row was quarantined since the process started.
  public var total: Int { quarantine.withLock { $0.total } }

  /// Rows that have not been reported yet.
  public func takeUnannounced() -> [Quarantine.Entry] {
    quarantine.withLock { $0.takeUnannounced() }
  }
}
