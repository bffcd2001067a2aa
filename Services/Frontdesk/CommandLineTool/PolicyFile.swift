package import DeskCore
import Foundation
package import PolicyReading
package import Store

/// A policy file and its article files, read and validated.
package struct PolicyFile: Sendable {
  /// Whether a policy may be put into force that changes how open tickets are treated.
  package enum Consent {
    /// Given in advance, whatever changes.
    case given
    /// The user is asked a yes-or-no question.
    case asked((String) -> Bool)
    /// There is no one to ask.
    case impossible
  }

  /// All of it in one text, as the store keeps it.
  package let text: String
  package let policy: Policy

  /// - Parameter secretsElsewhere: see `PolicyBundle`.
  /// - Throws: `CommandFailure` with every mistake and its position.
  package init(path: String, secretsElsewhere: Bool = false) throws {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw CommandFailure(
        "\(path) cannot be read", remedy: "name a policy file such as deploy/desk.yaml", status: .wrongCall)
    }
    do {
      let folder = (path as NSString).deletingLastPathComponent
      let bundle = try PolicyBundle(
        bytes: bytes, version: 0, folder: folder.isEmpty ? "." : folder, secretsElsewhere: secretsElsewhere)
      (policy, text) = (bundle.document.policy, bundle.text)
    } catch {
      throw CommandFailure(
        "the policy has mistakes, nothing was applied\n" + error.text(file: path), status: .wrongCall)
    }
  }

  /// Takes a policy that was checked as a draft.
  package init(_ draft: PolicyDraft) {
    (text, policy) = (draft.text, draft.policy)
  }

  /// The number of items of each kind.
  package var summary: String {
    "\(policy.channels.count) channels, \(policy.queues.count) queues, \(policy.rules.count) rules, \(policy.agents.count) agents, \(policy.life.answers.articles.count) articles"
  }

  /// What it would change for the tickets that are open now.
  /// - Returns: nil where this build cannot read the policy in force, so the changes are unknown.
  package func changes(in store: DeskStore) async throws -> [PolicyChange]? {
    try await PolicyChange.changes(to: policy, text: text, in: store)
  }

  /// Puts the policy into force if its changes for open tickets, which are printed first, are confirmed.
  /// - Returns: the version number; nil where the user declined.
  /// - Throws: `CommandFailure` with status 2 where there is no one to ask.
  package func apply(
    to store: DeskStore, consent: Consent, say: (String) -> Void
  ) async throws -> Int32? {
    let changes = try await changes(in: store)
    let unknown = "this build cannot read the policy in force: what changes for open tickets is unknown"
    let lines = changes.map { $0.map(\.text) } ?? [unknown]
    guard !lines.isEmpty else { return try await apply(to: store) }
    let text = lines.map { "  " + $0 }.joined(separator: "\n")
    switch consent {
    case .given: say("open tickets are treated differently from now on:\n" + text)
    case .asked(let ask):
      say("open tickets will be treated differently:\n" + text)
      guard ask("put it into force?") else { return nil }
    case .impossible:
      throw CommandFailure(
        "the policy changes how open tickets are treated, and there is no terminal to ask; nothing was applied\n"
          + text,
        remedy: "read the changes, then run it again with --yes", status: .wrongCall)
    }
    return try await apply(to: store)
  }

  /// Stores the policy as the version after `base`, and its agents, if `base` is still in force.
  /// - Parameter author: who applies it, for people.
  /// - Returns: the version number; nil when another version is in force.
  package func apply(to store: DeskStore, by author: String, after base: Int32) async throws -> Int32? {
    let version = try await store.access.applyPolicy(document: text, by: author, after: base)
    if version != nil { try await store.matching.adoptAgents(of: policy) }
    return version
  }

  /// Stores the policy as the version in force, and its agents.
  /// - Returns: the version number.
  package func apply(to store: DeskStore) async throws -> Int32 {
    let version = try await store.access.applyPolicy(document: text, by: NSUserName())
    // Also for a version that exists already: an earlier call may have ended between the two steps.
    try await store.matching.adoptAgents(of: policy)
    return version
  }
}
