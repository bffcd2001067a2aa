package import ArgumentParser
import CommandLineTool
import DeskCore
import Foundation
import Store
import UntrustedInput

/// Shows and verifies the record of administrative changes.
package struct AuditCommand: AsyncParsableCommand {

  package init() {}
  package static let configuration = CommandConfiguration(
    commandName: "audit", abstract: "Show and verify the hash-chained record of operators' changes.",
    discussion: """
      Changes of keys, policies and rights, replayed dead letters, disabled hooks, erasures, dropped history and migrations are recorded \
      by the database itself, each entry with the SHA-256 of the previous one.
      """,
    subcommands: [ListAudit.self, VerifyAudit.self, AuditRules.self], defaultSubcommand: ListAudit.self)

  /// Entries per page.
  static let pageSize = 1000
}

/// Lists the newest entries.
struct ListAudit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the latest entries, newest first.")

  @Option(help: "Only kinds starting so: key, curve_key, policy, dead_letter, hook, customer, retention, timeline, …")
  var kind = ""

  @Option(help: "Maximum number to list.")
  var limit = 50

  @Flag(help: "Print one JSON object per line, with digests.")
  var json = false

  @OptionGroup var desk: DeskOptions

  func validate() throws {
    guard (1...AuditCommand.pageSize).contains(limit) else {
      throw ValidationError("--limit must be from 1 to \(AuditCommand.pageSize)")
    }
  }

  func run() async throws {
    for entry in try await desk.withStore({ try await $0.audit.newestAuditEntries(ofKind: kind, limit: limit) }) {
      guard json else {
        Terminal.say(
          VisibleText.line(
            "\(entry.number)  \(Moment.text(entry.at))  \(entry.kind)  \(entry.subject)  by \(entry.actor)  \(entry.detail)"
              + (entry.reason.map { "  reason: \($0.text)" } ?? "")
          )
        )
        continue
      }
      let fields: [JSONValue.Field] = [
        .init("number", .integer(entry.number)), .init("at_microseconds", .integer(entry.at.microseconds)),
        .init("actor", .text(entry.actor)), .init("kind", .text(entry.kind)), .init("subject", .text(entry.subject)),
        .init("detail", .text(entry.detail)), .init("previous", .text(Hexadecimal.text(entry.previous))),
        .init("digest", .text(Hexadecimal.text(entry.digest))),
        .init("reason", entry.reason.map { .text($0.text) } ?? .null),
      ]
      Terminal.say(json: JSONValue.object(fields).json)
    }
  }
}

/// Verifies the chain and the timelines that it seals.
struct VerifyAudit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Verify every entry and every sealed timeline; exits with 1 at the first that was changed.",
    discussion: """
      The database's owner could rewrite the whole chain. So store the last line of the output somewhere else, and check it \
      the next time with --expect.
      """)

  @Option(help: "NUMBER:DIGEST of an entry, as printed by an earlier run: the chain must still contain it.")
  var expect: String?

  @Flag(help: "Verify only the chain itself, not the timelines that it seals.")
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
          "the audit is not valid: \(broken)",
          remedy: "preserve this database as it is, and compare it with an earlier backup")
      }
      Terminal.say(verifier.summary)
    }
  }
}
