/// Which leases a process may act under between two renewals. Pure: the monotonic clock's reading is handed in.
///
/// A holder trusts its lease only until `FleetBounds.leaseMargin` before its expiry, counted from before the query was sent: so it stops
/// before another process can begin, also after a pause in which none of its timers ran.
package struct LeaseTrust: Sendable {
  private struct Holding {
    var term: Int64
    var trustedUntil: ContinuousClock.Instant
  }

  /// What a renewal changed.
  package struct Change: Sendable {
    /// Leases that are no longer held, by name.
    package var lost: [String] = []
    /// Leases that were acquired, or in another term, by name.
    package var acquired: [(name: String, term: Int64)] = []
    /// Whether other leases are held than before.
    package var isOfNames = false
  }

  private var holdings: [String: Holding] = [:]

  package init() {}

  /// The leases held, trusted or not, by name.
  package var names: [String] { holdings.keys.sorted() }

  /// Returns the fence for writes; nil when the lease is not held or no longer trusted.
  package func fence(_ name: String, of me: InstanceID, at now: ContinuousClock.Instant) -> Fence? {
    guard let held = holdings[name], held.trustedUntil > now else { return nil }
    return Fence(lease: name, holder: me, term: held.term)
  }

  /// The leases that are held and trusted.
  package func trusted(at now: ContinuousClock.Instant) -> Set<String> {
    Set(holdings.filter { $0.value.trustedUntil > now }.keys)
  }

  /// Takes over the database's answer to a renewal of everything that is wanted.
  /// - Parameter asked: the reading before the query was sent.
  package mutating func renew(_ answer: [HeldLease], askedAt asked: ContinuousClock.Instant) -> Change {
    let trustedUntil = asked + FleetBounds.leaseTime - FleetBounds.leaseMargin
    var next: [String: Holding] = [:]
    for lease in answer { next[lease.name] = Holding(term: lease.term, trustedUntil: trustedUntil) }
    return replace(with: next)
  }

  /// Forgets the leases that are no longer trusted: a renewal failed.
  package mutating func dropEnded(at now: ContinuousClock.Instant) -> Change {
    replace(with: holdings.filter { $0.value.trustedUntil > now })
  }

  /// Gives leases up.
  /// - Returns: those of them that were held, by name.
  package mutating func giveUp(_ names: Set<String>) -> [String] {
    let held = names.filter { holdings[$0] != nil }.sorted()
    for name in held { holdings[name] = nil }
    return held
  }

  private mutating func replace(with next: [String: Holding]) -> Change {
    let before = holdings
    holdings = next
    return Change(
      lost: before.keys.filter { next[$0] == nil }.sorted(),
      acquired: next.filter { before[$0.key]?.term != $0.value.term }.map { ($0.key, $0.value.term) }
        .sorted { $0.0 < $1.0 },
      isOfNames: before.count != next.count || before.keys.contains { next[$0] == nil })
  }
}
