import DeskCore
import Store

/// Checks a desk's audit against itself, and the timelines against the audit.
struct AuditVerifier {
  private let store: DeskStore
  private let expected: (number: Int64, digest: String)?
  private var chain = AuditChain()
  /// By the beginning of their ranges.
  private var seals: [TicketID: TimelineSeal] = [:]
  private var retention = RetentionMark()
  private var checked = 0
  private var dropped = 0

  /// - Parameter expected: an entry that must still be there as it was, its digest in lower-case hexadecimal.
  init(store: DeskStore, expected: (number: Int64, digest: String)? = nil) {
    self.store = store
    self.expected = expected
  }

  /// What was found to hold, with what to keep elsewhere.
  var summary: String {
    """
    \(chain.last.number) entries and \(checked) sealed ranges of timelines hold\
    \(dropped > 0 ? "; \(dropped) more were dropped with their history" : "")
    \(chain.last.number):\(Hexadecimal.text(chain.last.digest))
    """
  }

  /// Walks the chain.
  /// - Throws: `AuditChain.Break` at the first entry that does not hold.
  mutating func verifyChain() async throws {
    // Read first: what is appended meanwhile is beyond it, and nobody's mistake.
    let head = try await store.auditHead()
    var isExpectedFound = expected == nil
    walk: while true {
      let page = try await store.auditEntries(after: chain.last.number, limit: AuditCommand.pageSize)
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
        entry: expected?.number ?? 0, description: "entry \(expected?.number ?? 0) is not the one that was expected")
    }
  }

  /// An erasure seals a range of an older build once more, in the form that blanked reasons leave as it is. Nothing else seals twice.
  private mutating func note(_ seal: TimelineSeal) throws(AuditChain.Break) {
    if let former = seals[seal.from], former.form == seal.form || seal.form == .asKept || former.to != seal.to {
      throw AuditChain.Break(
        entry: seal.entry, description: "entry \(seal.entry) seals again what entry \(former.entry) had sealed")
    }
    seals[seal.from] = seal
  }

  /// Takes the digests of what was sealed once more.
  /// - Throws: `AuditChain.Break` at the first range that is not as it was; its entry is the one that sealed it.
  mutating func verifyTimelines() async throws {
    for seal in seals.values.sorted(by: { $0.entry < $1.entry }) {
      // A range whose beginning is gone cannot be held against its digest; retention says so in the chain.
      guard !retention.covers(seal) else {
        dropped += 1
        continue
      }
      if let difference = seal.difference(
        from: try await store.timelineDigest(from: seal.from, to: seal.to, form: seal.form))
      {
        throw AuditChain.Break(entry: seal.entry, description: difference)
      }
      checked += 1
    }
  }
}
