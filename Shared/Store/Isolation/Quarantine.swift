public import DeskCore

/// A row that is set aside, as it is named in logs.
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

  /// By bytes, as PostgreSQL tells keys apart.
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

/// Rows that this process can neither read nor write, set aside so that their neighbours go on. Pure: moments are arguments.
///
/// A newer build may have written what this one does not know, or something may be corrupt. Such a row is left out of batches and tried
/// again after a pause that doubles; one that was not set aside again for a while is forgotten. What is held is bounded: rows beyond the
/// bound are passed over each time they are met, and counted.
public struct Quarantine: Sendable {
  /// Why and for how long a row is set aside.
  public struct Entry: Sendable, Hashable {
    /// The row.
    public let row: RowName
    /// What kind of failure it was, without anybody's data.
    public var kind: String
    /// How many times in a row.
    public var times: Int
    /// Since when.
    public let since: ContinuousClock.Instant
    /// Until when it is left out.
    public var until: ContinuousClock.Instant
  }

  private var entries: [RowName: Entry] = [:]
  private var unannounced: [RowName] = []
  /// Times that a row was set aside.
  public private(set) var total = 0
  /// Times that there was no room to hold one.
  public private(set) var overflow = 0

  /// Holds nothing.
  public init() {}

  /// Sets a row aside, for longer each time.
  public mutating func setAside(_ row: RowName, kind: String, at now: ContinuousClock.Instant) {
    forget(at: now)
    if var entry = entries[row] {
      // Two readers that met it in the same round count as one.
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

  /// The tickets that are to be left out of batches now.
  public func ticketsHeld(at now: ContinuousClock.Instant) -> [TicketID] {
    entries.values.compactMap { entry in
      guard entry.until > now, case .ticket(let id) = entry.row else { return nil }
      return id
    }
  }

  /// The keys of another table's rows that are to be left out of batches now.
  public func keysHeld(of table: String, at now: ContinuousClock.Instant) -> [String] {
    entries.values.compactMap { entry in
      guard entry.until > now, case .other(table, let key) = entry.row else { return nil }
      return key
    }
  }

  /// Everything that is set aside, longest first.
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
