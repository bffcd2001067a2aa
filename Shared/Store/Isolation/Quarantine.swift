public import DeskCore

/// The name of a quarantined row in logs.
public enum RowName: Hashable, Sendable, CustomStringConvertible {
  /// A live ticket.
  case ticket(TicketID)
  /// A row of another table, by its key; never a customer's.
  case other(table: String, key: String)

  /// The table.
  public var table: String {
    switch self {
    case .ticket: "ticket"
    case .other(let table, _): table
    }
  }

  public var description: String {
    switch self {
    case .ticket(let id): "ticket \(id)"
    case .other(let table, let key): "\(table) \(key)"
    }
  }

  /// By bytes, like PostgreSQL compares keys.
  public static func == (left: RowName, right: RowName) -> Bool {
    switch (left, right) {
    case (.ticket(let one), .ticket(let other)): one == other
    case (.other(let table, let key), .other(let otherTable, let otherKey)):
      table.hasSameBytes(as: otherTable) && key.hasSameBytes(as: otherKey)
    case (.ticket, .other), (.other, .ticket): false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .ticket(let id): hasher.combine(id)
    case .other(let table, let key):
      hasher.combine(ExactString(table))
      hasher.combine(ExactString(key))
    }
  }
}

/// Rows that this process cannot read or write, quarantined so that the others are processed. Pure: timestamps are arguments.
///
/// A newer build may have written something that this one does not know, or data may be corrupt. Such a row is skipped in batches and tried
/// again after a pause that doubles; one that was not quarantined again for a while is forgotten. The size is bounded: rows beyond the
/// limit are skipped each time they are found, and counted.
public struct Quarantine: Sendable {
  /// Why and for how long a row is quarantined.
  public struct Entry: Sendable, Hashable {
    /// The row.
    public let row: RowName
    /// The kind of failure, without any data.
    public var kind: String
    /// The number of consecutive times.
    public var times: Int
    /// Since when.
    public let since: ContinuousClock.Instant
    /// Until when it is skipped.
    public var until: ContinuousClock.Instant
  }

  private var entries: [RowName: Entry] = [:]
  private var unannounced: [RowName] = []
  /// Times that a row was quarantined.
  public private(set) var total = 0
  /// Times that there was no room for one.
  public private(set) var overflow = 0

  /// Creates an empty quarantine.
  public init() {}

  /// Quarantines a row, for longer each time.
  public mutating func setAside(_ row: RowName, kind: String, at now: ContinuousClock.Instant) {
    forget(at: now)
    if var entry = entries[row] {
      // Two readers that find it in the same round count as one.
      guard entry.until <= now else { return }
      entry.times += 1
      entry.kind = kind
      entry.until = now + Self.pause(afterTimes: entry.times)
      entries[row] = entry
      total += 1
      return
    }
    total += 1
    guard entries.count < StoreBounds.rowsSetAside else {
      overflow += 1
      return
    }
    entries[row] = Entry(row: row, kind: kind, times: 1, since: now, until: now + Self.pause(afterTimes: 1))
    unannounced.append(row)
  }

  /// The tickets to skip in batches now.
  public func ticketsHeld(at now: ContinuousClock.Instant) -> [TicketID] {
    entries.values.compactMap { entry in
      guard entry.until > now, case .ticket(let id) = entry.row else { return nil }
      return id
    }
  }

  /// The keys of another table's rows to skip in batches now.
  public func keysHeld(of table: String, at now: ContinuousClock.Instant) -> [String] {
    entries.values.compactMap { entry in
      guard entry.until > now, case .other(table, let key) = entry.row else { return nil }
      return key
    }
  }

  /// All quarantined rows, longest first.
  public func held(at now: ContinuousClock.Instant) -> [Entry] {
    entries.values.filter { now < $0.until + StoreBounds.quarantineMemory }
      .sorted { ($0.since, $0.row.description) < ($1.since, $1.row.description) }
  }

  /// Rows that have not been reported yet.
  public mutating func takeUnannounced() -> [Entry] {
    defer { unannounced = [] }
    return unannounced.compactMap { entries[$0] }
  }

  private mutating func forget(at now: ContinuousClock.Instant) {
    guard !entries.isEmpty else { return }
    entries = entries.filter { now < $0.value.until + StoreBounds.quarantineMemory }
  }

  static func pause(afterTimes times: Int) -> Duration {
    min(StoreBounds.quarantineFirstPause * (1 << min(times - 1, 16)), StoreBounds.quarantineLongestPause)
  }
}
