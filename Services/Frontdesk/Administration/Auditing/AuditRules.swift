import ArgumentParser
import CommandLineTool
import DeskCore
import Foundation
import PolicyReading
import Store
import UntrustedInput

/// Checks the timelines against the rules of the desk.
struct AuditRules: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules",
    abstract: "Check the timelines against every rule of the desk; exits with 1 when one is violated.",
    discussion: """
      Reads only the timelines and the policy's capacities, and checks its own implementation of the rules: each entry valid in \
      its ticket's state, one agent at a time, no agent above capacity, no overtaking among comparable tickets, warnings and breaches \
      notified once and on time. Can be run at any time, also with open tickets.
      """)

  @Option(
    help: "Only tickets opened within this time until now, such as 24h (default: all stored).",
    transform: DurationArgument.read)
  var since: DurationArgument?

  @Option(help: "Maximum number of findings listed.")
  var findings = 20

  @Flag(help: "Print one JSON object, and nothing else on standard output.")
  var json = false

  @OptionGroup var desk: DeskOptions

  /// Entries per page.
  private static let pageSize = 5000

  func validate() throws {
    guard findings >= 0 else { throw ValidationError("--findings is 0 or more.") }
  }

  func run() async throws {
    let checker = try await desk.withStore(requestTimeout: .seconds(60)) { store in try await check(store) }
    let report = RuleReport(checker, findings: findings)
    if json { try ReportWriter.print(report) } else { Terminal.say(report.text) }
    if !checker.breaches.isEmpty { throw ExitCode.failure }
  }

  private func check(_ store: DeskStore) async throws -> RuleChecker {
    var capacities: [AgentID: Int32] = [:]
    if let stored = try await store.access.newestPolicy() {
      let policy = try stored.policy()
      capacities = policy.agents.mapValues(\.capacity)
    }
    var checker = RuleChecker(capacities: capacities)
    var last: TimelineRow?
    let beginning = if let since { try await store.now() - since.duration } else { Instant(microseconds: 0) }
    while true {
      let page = try await store.audit.timelines(after: last, openedSince: beginning, limit: Self.pageSize)
      for row in page {
        checker.take(
          TimelineFact(
            ticket: row.ticket, version: row.event.version, position: row.event.position, kind: row.event.kind,
            actor: row.event.actor, at: row.event.at, detail: row.event.detail))
      }
      guard page.count == Self.pageSize else { break }
      last = page.last
    }
    checker.finish()
    return checker
  }
}

/// The findings of a check, for people and programs.
struct RuleReport: Sendable, Encodable {
  struct Rule: Sendable, Encodable {
    var rule: String
    var broken: Int
  }

  struct Finding: Sendable, Encodable {
    var rule: String
    var ticket: String
    var at: Moment
    var text: String
  }

  let tickets: Int
  let entries: Int
  let offers: Int
  /// The number of entries of each kind.
  let kinds: [String: Int]
  let rules: [Rule]
  let findings: [Finding]
  /// Kinds of entries that were not checked.
  let unknownKinds: [String]

  enum CodingKeys: String, CodingKey {
    case tickets, entries, offers, kinds, rules, findings
    case unknownKinds = "unknown_kinds"
  }

  /// - Parameter findings: the maximum number listed.
  init(_ checker: RuleChecker, findings: Int) {
    tickets = checker.tickets
    entries = checker.entries
    offers = checker.offers
    kinds = checker.kinds
    unknownKinds = checker.unknownKinds.sorted()
    rules = DeskRule.allCases.map { rule in
      Rule(rule: rule.rawValue, broken: checker.breaches.filter { $0.rule == rule }.count)
    }
    self.findings = checker.breaches.prefix(findings).map {
      Finding(rule: $0.rule.rawValue, ticket: "\($0.ticket)", at: Moment($0.at), text: $0.text)
    }
  }

  var text: String {
    var lines = ["\(tickets) tickets, \(entries) entries, \(offers) offers"]
    for (rule, meaning) in zip(rules, DeskRule.allCases.map(\.meaning)) {
      lines.append(rule.broken == 0 ? "✓ \(meaning)" : "✗ \(meaning): violated \(rule.broken) times")
    }
    lines += findings.map { VisibleText.line("  \($0.at)  \($0.ticket)  \($0.rule): \($0.text)") }
    if !unknownKinds.isEmpty { lines.append("not checked: \(unknownKinds.joined(separator: ", "))") }
    return lines.joined(separator: "\n")
  }
}
