import DeskCore
import Store

/// The leases of a process: renewed every second, trusted as `LeaseTrust` says.
final class LeaseHolder {
  private unowned let process: SimulatedProcess
  private var trust = LeaseTrust()
  private var wanted: Set<String> = []  // exact-keys: our own names of leases
  /// The planted bug: what was held once and not lost since, with its term.
  private var believed: [Fence] = []
  private let changed: () -> Void

  /// - Parameter changed: called when leases were acquired or lost.
  init(in process: SimulatedProcess, _ changed: @escaping () -> Void = {}) {
    self.process = process
    self.changed = changed
    renew()
    process.every(FleetBounds.leaseRenewal) { [unowned self] in renew() }
  }

  func fence(_ name: String) -> Fence? {
    if process.world.planted == .leaseTrustedTooLong { return believed.first { $0.lease.hasSameBytes(as: name) } }
    return trust.fence(name, of: process.instance, at: process.world.monotonic)
  }

  // exact-keys: our own names of leases.
  func want(_ names: Set<String>) {
    guard names != wanted else { return }
    let dropped = wanted.subtracting(names)
    wanted = names
    let givenUp = trust.giveUp(dropped)
    believed.removeAll { fence in givenUp.contains { $0.hasSameBytes(as: fence.lease) } }
    let me = process.instance
    if !givenUp.isEmpty { process.execute({ $0.tables.releaseLeases(givenUp, holder: me) }) { _ in } }
    renew()
  }

  private func renew() {
    let names = wanted.sorted()
    guard !names.isEmpty else { return }
    let (me, asked) = (process.instance, process.world.monotonic)
    process.execute({ $0.tables.acquireLeases(names, holder: me) }) { [unowned self] result in
      guard case .success(let answer) = result else {
        return note(trust.dropEnded(at: process.world.monotonic))
      }
      guard names == wanted.sorted() else {
        let taken = Set(answer.map(\.name)).subtracting(wanted).sorted()
        if !taken.isEmpty { process.execute({ $0.tables.releaseLeases(taken, holder: me) }) { _ in } }
        return
      }
      believed = answer.map { Fence(lease: $0.name, holder: me, term: $0.term) }
      note(trust.renew(answer, askedAt: asked))
    }
  }

  private func note(_ change: LeaseTrust.Change) {
    for name in change.lost { process.note("loses the lease \(name)") }
    for (name, term) in change.acquired { process.note("has the lease \(name) in term \(term)") }
    if change.isOfNames { changed() }
  }
}
