import DeskCore
package import Store

/// Verifies a desk's audit chain, and the timelines against it.
package struct AuditVerifier {
  private let store: DeskStore
  private let expected: (number: Int64, digest: String)?
  private var chain = AuditChain()
  /// Seals by the start of their ranges.
  private var seals: [TicketID: TimelineSeal] = [:]
  private var retention = RetentionMark()
  private var checked = 0
  private var dropped = 0

  /// - Parameter expected: an entry that must still exist unchanged, its digest in lower-case hexadecimal.
  package init(store: DeskStore, expected: (number: Int64, digest: String)? = nil) {
    self.store = store
    self.expected = expected
  }

  /// The summary of a successful check, with the line to store elsewhere.
  var summary: String {
    """
    \(chain.last.number) entries and \(checked) sealed ranges of timelines are valid\
    \(dropped > 0 ? "; \(dropped) more were dropped by retention" : "")
    \(chain.last.number):\(Hexadecimal.text(chain.last.digest))
    """
  }

  /// The last entry of the chain: its number, and its digest in hexadecimal.
  package var end: (number: Int64, digest: String) { (chain.last.number, Hexadecimal.text(chain.last.digest)) }

  /// The number of sealed ranges of timelines that are valid, and of those that retention has dropped since.
  var ranges: (valid: Int, dropped: Int) { (checked, dropped) }

  /// Returns whether retention has dropped the day of a message, according to the chain.
  func hasDropped(_ message: MessageID) -> Bool { retention.before.map { message.of(Ticket.self) < $0 } ?? false }

  /// Verifies the chain.
  /// - Throws: `AuditChain.Break` at the first invalid entry.
  package mutating func verifyChain() async throws {
    // Read first: entries appended meanwhile are beyond it and not an error.
    let head = try await store.audit.auditHead()
    var isExpectedFound = expected == nil
    walk: while true {
      let page = try await store.audit.auditEntries(after: chain.last.number, limit: AuditCommand.pageSize)
      for entry in page {
        if entry.number > head.number { break walk }
        try chain.take(entry)
        retention.take(entry)
        if let seal = TimelineSeal(entry) { try note(seal) }
        if let expected, entry.number == expected.number {
          isExpectedFound = Hexadecimal.text(entry.digest) == expected.digest
        }
      }
      if page.count < AuditCommand.pageSize { break }
    }
    try chain.end(at: head)
    guard isExpectedFound else {
      throw AuditChain.Break(
        entry: expected?.number ?? 0, description: "entry \(expected?.number ?? 0) is not the expected one")
    }
  }

  /// An erasure reseals a range of an older build, in the form that blanked reasons do not affect. Nothing else seals twice.
  private mutating func note(_ seal: TimelineSeal) throws(AuditChain.Break) {
    if let former = seals[seal.from], former.form == seal.form || seal.form == .asKept || former.to != seal.to {
      throw AuditChain.Break(
        entry: seal.entry, description: "entry \(seal.entry) seals again the range sealed by entry \(former.entry)")
    }
    seals[seal.from] = seal
  }

  /// Recomputes the digests of the sealed ranges.
  /// - Throws: `AuditChain.Break` at the first changed range; its entry is the one that sealed it.
  mutating func verifyTimelines() async throws {
    for seal in seals.values.sorted(by: { $0.entry < $1.entry }) {
      // A range whose start was dropped cannot be compared with its digest; retention records that in the chain.
      guard !retention.covers(seal) else {
        dropped += 1
        continue
      }
      if let difference = seal.difference(
        from: try await store.audit.timelineDigest(from: seal.from, to: seal.to, form: seal.form))
      {
        throw AuditChain.Break(entry: seal.entry, description: difference)
      }
      checked += 1
    }
  }
}
