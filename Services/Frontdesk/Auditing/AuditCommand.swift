import ArgumentParser
import DeskCore
import Foundation
import ServiceKit
import Store

/// What was changed at the desk's door, and the proof that nobody changed the record of it.
struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Show and check the chained record of what operators changed.",
    discussion: """
      Keys, policies, replayed dead letters, switched-off hooks, erasures, dropped history, migrations and rights are noted by the \
      database itself, each entry with the SHA-256 of the one before.
      """,
    subcommands: [ListAudit.self, VerifyAudit.self, AuditRules.self], defaultSubcommand: ListAudit.self)

  /// Entries read at once.
  static let pageSize = 1000
}

/// Shows the newest entries.
struct ListAudit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show the newest entries, newest first.")

  @Option(help: "Only kinds that begin so: key, curve_key, policy, dead_letter, hook, customer, retention, timeline, …")
  var kind = ""

  @Option(help: "How many at most.")
  var limit = 50

  @Flag(help: "One JSON object a line, with digests.")
  var json = false

  @OptionGroup var desk: DeskOptions

  func validate() throws {
    guard (1...AuditCommand.pageSize).contains(limit) else {
      throw ValidationError("--limit must be from 1 to \(AuditCommand.pageSize)")
    }
  }

  func run() async throws {
    for entry in try await desk.withStore({ try await $0.newestAuditEntries(ofKind: kind, limit: limit) }) {
      guard json else {
        Terminal.say(
          VisibleText.line(
            "\(entry.number)  \(Moment.text(entry.at))  \(entry.kind)  \(entry.subject)  by \(entry.actor)  \(entry.detail)"
              + (entry.remark.map { "  reason: \($0.text)" } ?? "")
          )
        )
        continue
      }
      let fields: [Detail.Field] = [
        .init("number", .integer(entry.number)), .init("at_microseconds", .integer(entry.at.microseconds)),
        .init("actor", .text(entry.actor)), .init("kind", .text(entry.kind)), .init("subject", .text(entry.subject)),
        .init("detail", .text(entry.detail)), .init("previous", .text(Hexadecimal.text(entry.previous))),
        .init("digest", .text(Hexadecimal.text(entry.digest))),
        .init("reason", entry.remark.map { .text($0.text) } ?? .null),
      ]
      Terminal.say(json: Detail.object(fields).json)
    }
  }
}

/// Checks the chain and what it seals.
struct VerifyAudit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every entry and every sealed timeline; ends with 1 at the first that was changed.",
    discussion: """
      Someone who owns the database could write the whole chain anew. So keep what this prints last somewhere else, and hold it \
      against the chain the next time with --expect.
      """)

  @Option(help: "NUMBER:DIGEST of an entry, as an earlier run printed it: the chain must still hold it.")
  var expect: String?

  @Flag(help: "Only the chain itself, without the timelines that it seals.")
  var chainOnly = false

  @OptionGroup var desk: DeskOptions

  func validate() throws { _ = try expected() }

  private func expected() throws -> (number: Int64, digest: String)? {
    guard let expect else { return nil }
    let parts = expect.split(separator: ":")
    guard parts.count == 2, let number = Int64(parts[0]), number > 0, parts[1].count == 64 else {
      throw ValidationError("--expect takes what `audit verify` prints, NUMBER:DIGEST, not '\(expect)'")
    }
    return (number, parts[1].lowercased())
  }

  func run() async throws {
    let expected = try expected()
    try await desk.withStore(requestTimeout: .seconds(60)) { store in
      var verifier = AuditVerifier(store: store, expected: expected)
      do {
        try await verifier.verifyChain()
        if !chainOnly { try await verifier.verifyTimelines() }
      } catch let broken as AuditChain.Break {
        throw CommandFailure(
          "the audit does not hold: \(broken)",
          remedy: "keep this database as it is, and compare with a backup from before")
      }
      Terminal.say(verifier.summary)
    }
  }
}
