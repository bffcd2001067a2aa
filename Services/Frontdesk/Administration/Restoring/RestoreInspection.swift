import CommandLineTool
import DeskCore
import DeskReporting
import PostgreSQL
import Store

/// Examines a restored desk, and says what is wrong with it and what its operators have to do.
struct RestoreInspection {
  let store: DeskStore
  let request: Request
  var findings: [RestoreFinding] = []
  private(set) var verifier: AuditVerifier
  /// What clients acknowledged after the moment, and is missing.
  var toBeSentAgain: [Acknowledgement] = []

  /// What is compared with the database.
  struct Request: Sendable {
    /// The moment that the operator named; nil for the one that the database shows.
    var moment: Instant?
    var clockTolerance: Duration = .zero
    /// Nil where none were given.
    var acknowledgements: [Acknowledgement]?
    var audit: LostAudit?
    /// Examples in a finding.
    var examples = 10
  }

  init(_ store: DeskStore, _ request: Request) {
    self.store = store
    self.request = request
    verifier = AuditVerifier(store: store)
  }

  /// Examines everything. Reads all messages and timelines once; changes nothing.
  mutating func run() async throws -> RestoreReport {
    // Without the schema nothing else can be read.
    findings.append(try await RestoreSchema.finding(of: store, examples: request.examples))
    guard findings.allSatisfy({ $0.grade != .fault }) else { return report(nil, nil) }
    do {
      return try await examineContents()
    } catch let error as PostgresError where RestoreSchema.damageStates.contains(error.sqlState ?? "") {
      findings.append(.fault(.schema, "something is missing: \(error)", remedy: RestoreSchema.damageRemedy))
      return report(nil, nil)
    }
  }

  private mutating func examineContents() async throws -> RestoreReport {
    let server = try await store.restores.server()
    let moment = RestoreMoment(named: request.moment, of: server)
    try await examineServer(server)
    examineMoment(moment, of: server)
    try await examineAudit(server)
    try await examineBalance()
    let acknowledgements = try await examineAcknowledgements(moment)
    try await examineEffects()
    try await examineReplies(server)
    try await examineAccess(server)
    try await examineSettings()
    return report(moment, acknowledgements)
  }

  private func report(
    _ moment: RestoreMoment?, _ acknowledgements: RestoreReport.Acknowledgements?
  ) -> RestoreReport {
    RestoreReport(
      moment: moment.map { .init($0.instant) }, momentFrom: moment?.source, acknowledgements: acknowledgements,
      findings: findings)
  }
}

// MARK: - Server and moment

extension RestoreInspection {
  private mutating func examineServer(_ server: RestoredServer) async throws {
    if server.isInRecovery {
      findings.append(
        .fault(
          .server, "it still replays its archive and accepts no writes",
          remedy: "wait for its end, or end it with `SELECT pg_promote()` once it has reached the moment"))
    } else if let timeline = server.timeline {
      findings.append(
        timeline > 1
          ? .sound(.server, "recovered and promoted, on timeline \(timeline)")
          : .gap(
            .server, "its timeline is 1: it was never recovered and promoted",
            remedy: "check that this is the restored server and not another"))
    }
    let living = try await store.fleet.livingInstances()
    guard !living.isEmpty else { return }
    findings.append(
      .gap(
        .processes, "services are running already", count: Int64(living.count),
        examples: living.prefix(request.examples).map { "\($0.service) \($0.id)" },
        remedy:
          "stop them, check and settle, then start them: a process that outlived the restore holds work that is no longer there"
      ))
  }

  /// A moment that the data contradicts would turn losses into what was to be expected.
  private mutating func examineMoment(_ moment: RestoreMoment?, of server: RestoredServer) {
    let contradiction = moment?.contradiction(
      now: server.now, trace: server.restoredTrace, clockTolerance: request.clockTolerance)
    guard let contradiction else { return }
    findings.append(.fault(.moment, contradiction.problem, remedy: contradiction.remedy))
  }
}

// MARK: - What must be there

extension RestoreInspection {
  private mutating func examineAudit(_ server: RestoredServer) async throws {
    do {
      try await verifier.verifyChain()
      findings.append(
        .sound(.audit, "\(verifier.end.number) entries form an unbroken chain", count: verifier.end.number))
      try await verifier.verifyTimelines()
      let ranges = verifier.ranges
      findings.append(
        .sound(
          .timelines,
          "\(ranges.valid) sealed ranges are as they were sealed"
            + (ranges.dropped > 0 ? "; \(ranges.dropped) more were dropped by retention" : ""),
          count: Int64(ranges.valid)))
      if let audit = request.audit { try await compare(audit, server) }
    } catch let broken as AuditChain.Break {
      findings.append(
        .fault(
          .audit, broken.description,
          remedy: "keep this database as it is, and restore an earlier backup into another folder to compare with"))
    }
  }

  private mutating func compare(_ audit: LostAudit, _ server: RestoredServer) async throws {
    let missing = try await audit.missing(from: store, before: server.settled?.entry)
    findings.append(
      .sound(.audit, "\(audit.entries.count - missing.count) entries that were kept elsewhere are the same here"))
    for (kind, entries) in Dictionary(grouping: missing, by: { ExactString($0.kind) }).sorted(by: {
      $0.key < $1.key
    }) {
      guard let remedy = UndoneWork.remedy(for: kind.string) else { continue }
      findings.append(
        .gap(
          .undone, "\(kind.string): \(entries.count == 1 ? "1 entry is" : "\(entries.count) entries are") undone",
          count: Int64(entries.count),
          examples: entries.prefix(request.examples).map { "\($0.number)  \($0.subject)" }, remedy: remedy))
    }
  }

  private mutating func examineBalance() async throws {
    guard let balance = try await store.audit.balance() else { return }
    let missing = try await store.restores.missingMessages(examples: request.examples)
    let contradictions: [(Int64, String)] = [
      (missing.count, "messages are missing that keys, the inbox, decisions, replies or dead letters name"),
      (balance.lost, "messages are neither decided nor waiting nor among the dead letters"),
      (balance.doubled, "messages have no key of their own"), (balance.decidedTwice, "messages were decided twice"),
      (balance.wrongLoads, "agents have another load than what they hold"),
      (balance.wrongTickets, "tickets are in a state that none can have"),
    ]
    for (place, (count, text)) in contradictions.enumerated() where count > 0 {
      findings.append(
        .fault(
          .ledger, "\(count) \(text)", count: count, examples: place == 0 ? missing.examples.map(\.description) : [],
          remedy:
            "a restore cannot cause this: check the disk and the archive, and restore an earlier backup to compare with"
        ))
    }
    if contradictions.allSatisfy({ $0.0 == 0 }) {
      findings.append(
        .sound(
          .ledger,
          "\(balance.messages) messages have a key each, and are decided, waiting or dead letters; none that another table names is missing; "
            + "agents' loads are right", count: balance.messages))
    }
  }
}

// MARK: - What went back in time

extension RestoreInspection {
  private mutating func examineEffects() async throws {
    let effects = try await store.restores.repeatableEffects()
    for kind in RepeatableEffect.Kind.allCases {
      let ofKind = effects.filter { $0.kind == kind }
      let count = ofKind.reduce(0) { $0 + $1.count }
      guard count > 0 else { continue }
      let claimed = ofKind.reduce(0) { $0 + $1.claimed }
      findings.append(
        .gap(
          .effects, "\(count) \(kind.meaning)" + (claimed > 0 ? "; \(claimed) of them were in a process's hands" : ""),
          count: count,
          examples: ofKind.prefix(request.examples).map { effect in
            "\(effect.receiver): \(effect.count)"
              + (effect.oldest.map { ", the oldest from \(RFC3339.text($0))" } ?? "")
          }, remedy: kind.remedy))
    }
  }

  private mutating func examineReplies(_ server: RestoredServer) async throws {
    if let settled = server.settled {
      guard !server.isSettled else {
        return findings.append(
          .sound(.replies, "settled on \(RFC3339.text(settled.at)): no cursor of a channel skips a reply"))
      }
      return findings.append(
        .gap(
          .replies,
          "settled on \(RFC3339.text(settled.at)), on timeline \(settled.timeline ?? 0), and the server is on \(server.timeline ?? 0)",
          remedy: """
            if it was restored again since, run `frontdesk restore settle` before the services start; a standby that took over needs none
            """))
    }
    findings.append(
      .gap(
        .replies, "channels may have cursors behind numbers that will be given again, and would skip those replies",
        remedy: "run `frontdesk restore settle` before the services start"))
  }

  private mutating func examineAccess(_ server: RestoredServer) async throws {
    let access = try await store.restores.access()
    findings.append(
      .gap(
        .access,
        "\(access.keys) API keys and \(access.curveKeys) CURVE keys are valid, also those that were revoked after the moment; "
          + "keys created after it are gone", count: access.keys + access.curveKeys,
        remedy: """
          compare `frontdesk keys list` with your own record of revocations, or give the lost desk's audit with --audit, which names them; \
          revoke again with `frontdesk keys revoke`
          """))
    if access.sessions + access.links > 0 {
      findings.append(
        .gap(
          .access,
          "\(access.sessions) sessions and \(access.links) sign-in links are valid, also those ended or used after the moment",
          count: access.sessions + access.links,
          remedy: "run `frontdesk restore settle`, which ends them; people sign in again"))
    }
    let erasure = try await store.audit.newestAuditEntries(ofKind: "customer.erased", limit: 1).first
    findings.append(
      .gap(
        .erasures,
        "erasures after the moment are undone; the last one that is kept is "
          + (erasure.map { "entry \($0.number) of \(RFC3339.text($0.at))" } ?? "none"),
        remedy: """
          erase again, with `frontdesk erase`, every customer of your own list of requests since the moment: the desk keeps no such list \
          outside its database, and its audit names no customer
          """))
  }

  private mutating func examineSettings() async throws {
    if let policy = try await store.access.newestPolicy() {
      findings.append(
        .gap(
          .policy, "version \(policy.version) of \(RFC3339.text(policy.appliedAt)) is in force",
          remedy: "if a newer one was applied after the moment, apply its file with `frontdesk apply`"))
    }
    let rows = try await store.capacity.rows()
    let peaks = try await store.capacity.peaks()
    if !rows.isEmpty {
      findings.append(
        .gap(
          .capacity, "the wanted numbers of processes and \(peaks.count) planned peaks are those of the moment",
          examples: rows.map { "\($0.service): \($0.wanted), \($0.mode.rawValue)" },
          remedy: "look at `frontdesk scale`, and set again what was changed since"))
    }
    try await examineKeyFiles()
  }

  /// Keys are not in the database, and one that was rotated out after the moment is needed again.
  private mutating func examineKeyFiles() async throws {
    let contacts = try await store.privacy.contactKeys()
    if !contacts.isEmpty {
      findings.append(
        .gap(
          .contacts, "contacts are encrypted with keys that are not in the database",
          count: contacts.reduce(0) { $0 + $1.contacts },
          examples: contacts.prefix(request.examples).map { "\($0.key): \($0.contacts)" },
          remedy: "intake and console need all of these keys in FRONTDESK_CONTACT_KEYS, from your backup of secrets"))
    }
    let words = try await store.wordKeys.keys()
    guard !words.isEmpty else { return }
    findings.append(
      .gap(
        .words, "what people wrote is encrypted with keys that are not in the database", count: Int64(words.count),
        examples: words.prefix(request.examples).map(\.name),
        remedy: "every service needs all of these keys in FRONTDESK_WORD_KEYS, from your backup of secrets"))
  }
}

extension RepeatableEffect.Kind {
  /// What is counted.
  fileprivate var meaning: String {
    switch self {
    case .delivery: "deliveries to hooks wait that may have been made already"
    case .reply: "replies wait for their channels that may have fetched them already"
    case .undecided: "messages are undecided that may have been decided and answered already"
    case .overdue: "steps of tickets are due whose time has passed, and that may have been taken already"
    }
  }

  /// What to do about it.
  fileprivate var remedy: String {
    switch self {
    case .delivery:
      """
      they are made again under the same identifiers, by which receivers drop repetitions; to hold them back, pause the hook with \
      `frontdesk hooks pause` before the services start
      """
    case .reply: "channels get them again under the same identifiers, and drop what they have"
    case .undecided:
      "they are decided when the services start; what is answered without a person is sent again under a new identifier"
    case .overdue:
      "warnings, breaches, progress notices and endings follow within seconds of the start, under new identifiers: tell the people concerned"
    }
  }
}
