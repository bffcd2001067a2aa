package import CommandLineTool
import DeskCore
package import Store

/// The result of checking acknowledgements against the database.
package struct LedgerVerdict: Sendable, Equatable, Encodable {
  /// The number of distinct acknowledged messages.
  package var acknowledged = 0
  /// Those stored once, under the acknowledged identifier.
  package var found = 0
  package var lost = 0
  package var doubled = 0
  /// Those stored under another identifier than the acknowledged one.
  package var mismatched = 0
  /// Those decided more than once.
  package var decidedTwice = 0
  /// The number of messages by state.
  package var whereabouts: [String: Int] = [:]  // exact-keys: states of our own
  /// The first messages with a problem, as `channel/external id: problem`.
  package var wrong: [String] = []
  /// The database's own balance; nil when it was not requested.
  package var balance: Balance?

  package init() {}

  /// Contradictions in the database as a whole: all 0 when it is consistent.
  package struct Balance: Sendable, Equatable, Encodable {
    package var messages: Int64
    package var lost: Int64
    package var doubled: Int64
    package var decidedTwice: Int64
    var wrongLoads: Int64
    var wrongTickets: Int64 = 0

    package var isGood: Bool {
      lost == 0 && doubled == 0 && decidedTwice == 0 && wrongLoads == 0 && wrongTickets == 0
    }

    enum CodingKeys: String, CodingKey {
      case messages, lost, doubled
      case decidedTwice = "decided_twice"
      case wrongLoads = "wrong_loads"
      case wrongTickets = "wrong_tickets"
    }
  }

  enum CodingKeys: String, CodingKey {
    case acknowledged, found, lost, doubled, mismatched, whereabouts, wrong, balance
    case decidedTwice = "decided_twice"
  }

  /// The maximum number of wrong messages listed.
  static let namedLimit = 10

  package var isGood: Bool {
    lost == 0 && doubled == 0 && mismatched == 0 && decidedTwice == 0 && balance?.isGood ?? true
  }

  package var undecided: Int { whereabouts["undecided"] ?? 0 }

  /// Adds the database's finding for a claim.
  package mutating func add(_ finding: LedgerFinding, to claim: LedgerClaim) {
    acknowledged += 1
    whereabouts[finding.whereabouts, default: 0] += 1
    let name = "\(claim.channel)/\(claim.externalID)"
    switch finding.rows {
    case 0 where finding.isUnderAnother:
      mismatched += 1
      point(to: "\(name): stored under another identifier")
    case 0:
      lost += 1
      point(to: "\(name): lost")
    case 1 where finding.keyMatches:
      found += 1
    case 1:
      mismatched += 1
      point(to: "\(name): stored under another identifier")
    default:
      doubled += 1
      point(to: "\(name): stored \(finding.rows) times")
    }
    if finding.decisions > 1 {
      decidedTwice += 1
      point(to: "\(name): decided \(finding.decisions) times")
    }
    if finding.rows == 1, finding.decisions == 0, finding.whereabouts != "undecided",
      finding.whereabouts != "dead_letter"
    {
      lost += 1
      found -= finding.keyMatches ? 1 : 0
      point(to: "\(name): neither decided nor waiting for a decision")
    }
  }

  /// Adds a message acknowledged under two identifiers: it must be stored twice.
  package mutating func addContradiction(_ name: String) {
    doubled += 1
    point(to: "\(name): acknowledged under two identifiers")
  }

  private mutating func point(to text: String) {
    if wrong.count < LedgerVerdict.namedLimit { wrong.append(text) }
  }

  /// The summary sentence where no client kept its acknowledgements: what the database says of itself.
  var sentenceWithoutLog: String {
    "no acknowledgements to check; \(balance?.messages ?? 0) messages in the database"
      + (contradictions ?? ", none lost, doubled or decided twice")
  }

  /// The summary sentence.
  package var sentence: String {
    var text = "\(acknowledged) acknowledged, \(found) found, \(lost) lost, \(doubled) doubled"
    if mismatched > 0 { text += ", \(mismatched) mismatched" }
    if decidedTwice > 0 { text += ", \(decidedTwice) decided twice" }
    return text + (contradictions ?? "")
  }

  /// What the database contradicts itself in; nil if in nothing.
  private var contradictions: String? {
    guard let balance, !balance.isGood else { return nil }
    return """
      ; in the whole database \(balance.lost) lost, \(balance.doubled) doubled, \(balance.decidedTwice) decided twice, \
      \(balance.wrongLoads) wrong loads, \(balance.wrongTickets) wrong tickets
      """
  }

  /// The messages by state, the most common state first.
  package var table: TextTable {
    var table = TextTable([("where they are", .left), ("messages", .right)])
    for (place, count) in whereabouts.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      table.add([place.replacing("_", with: " "), String(count)])
    }
    return table
  }
}

/// Acknowledgements prepared for the check: repetitions merged, contradictions found.
package struct LedgerClaims: Sendable, Equatable {
  private(set) var claims: [LedgerClaim] = []
  /// Messages acknowledged under more than one identifier.
  private(set) var contradictions: [String] = []
  /// Acknowledgements without a valid identifier.
  private(set) var unreadable: [String] = []

  init(_ acknowledgements: [Acknowledgement]) {
    var known: [ExactString: MessageID] = [:]
    for acknowledgement in acknowledgements {
      let name = "\(acknowledgement.channel)/\(acknowledgement.externalID)"
      guard let claim = acknowledgement.claim else {
        unreadable.append(name)
        continue
      }
      if let earlier = known[ExactString(name)] {
        if earlier != claim.message { contradictions.append(name) }
        continue
      }
      known[ExactString(name)] = claim.message
      claims.append(claim)
    }
  }
}
