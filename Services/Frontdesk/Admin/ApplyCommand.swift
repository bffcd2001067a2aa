import ArgumentParser
import DeskCore
import Foundation
import ServiceKit
import Store

/// Puts a policy file into force.
struct ApplyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply", abstract: "Validate a policy file and put it into force.",
    discussion: """
      Every mistake is reported with its line and column, and nothing is applied while there is one. Articles in files that \
      the policy names (`article_files`) are read from the same folder and go into force with it. Services pick up the new \
      version within a second, without a restart. Applying the same files again changes nothing.

      Where the new policy changes how open tickets are treated (a service level, queue, agent, channel or skill removed, \
      different hours, times or head starts), each change is shown with the number of tickets and how due times move, and you \
      are asked to confirm. Without a terminal nothing is applied then and the command exits with 2, unless --yes is given.

      A variable that a hook's `secret_env` names must be set, because nothing is delivered unsigned. Where only the notifier's \
      machine has it, --secrets-elsewhere skips that check only.
      """)

  @Argument(help: "The policy, such as deploy/desk.yaml.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Flag(help: "Only validate the file; no desk is needed.")
  var check = false

  @Flag(help: "Apply without confirmation, whatever changes for open tickets.")
  var yes = false

  @Flag(help: "Do not require `secret_env` variables here; they are set where the notifier runs.")
  var secretsElsewhere = false

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let policy = try PolicyFile(path: file, secretsElsewhere: secretsElsewhere)
    if check {
      Terminal.say("\(file): valid (\(policy.summary))")
      return
    }
    let local = desk.localDeskIfAny()
    try await desk.withStore { store in
      let before = try await store.access.newestPolicyVersion()
      let consent: Consent = yes ? .given : Terminal.canAsk ? .asked { Terminal.confirm($0) } : .impossible
      guard let version = try await policy.apply(to: store, consent: consent, say: { Terminal.say($0) }) else {
        return Terminal.say("nothing was applied")
      }
      Terminal.say(
        version == before
          ? "version \(version) is in force already" : "version \(version) is in force: \(policy.summary)")
      if let local {
        let made = try await DemoKeys(files: local.keys, store: store).makeMissing(for: policy.policy)
        if made > 0 { Terminal.say("created \(made) demo keys in \(local.keysFolder)") }
      }
    }
  }
}

extension ApplyCommand {
  /// Whether a policy may be put into force that changes how open tickets are treated.
  enum Consent {
    /// Given in advance, whatever changes.
    case given
    /// The user is asked a yes-or-no question.
    case asked((String) -> Bool)
    /// There is no one to ask.
    case impossible
  }
}

/// A policy file and its article files, read and validated.
struct PolicyFile: Sendable {
  /// All of it in one text, as the store keeps it.
  let text: String
  let policy: Policy

  /// - Parameter secretsElsewhere: see `PolicyBundle`.
  /// - Throws: `CommandFailure` with every mistake and its position.
  init(path: String, secretsElsewhere: Bool = false) throws {
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

  /// The number of items of each kind.
  var summary: String {
    "\(policy.channels.count) channels, \(policy.queues.count) queues, \(policy.rules.count) rules, \(policy.agents.count) agents, \(policy.life.answers.articles.count) articles"
  }

  /// What it would change for the tickets that are open now.
  /// - Returns: nil where this build cannot read the policy in force, so the changes are unknown.
  func changes(in store: DeskStore) async throws -> [PolicyChange]? {
    guard let stored = try await store.access.newestPolicy(), stored.document != text else { return [] }
    let inForce: Policy
    do {
      inForce = try await stored.policyInForce(in: store)
    } catch is PolicyMistakes {
      return nil
    }
    return PolicyChange.changes(from: inForce, to: policy, on: try await store.access.openWork(under: policy))
  }

  /// Puts the policy into force if its changes for open tickets, which are printed first, are confirmed.
  /// - Returns: the version number; nil where the user declined.
  /// - Throws: `CommandFailure` with status 2 where there is no one to ask.
  func apply(
    to store: DeskStore, consent: ApplyCommand.Consent, say: (String) -> Void
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

  /// Stores the policy as the version in force, and its agents.
  /// - Returns: the version number.
  func apply(to store: DeskStore) async throws -> Int32 {
    let version = try await store.access.applyPolicy(document: text, by: NSUserName())
    // Also for a version that exists already: an earlier call may have ended between the two steps.
    try await store.matching.adoptAgents(of: policy)
    return version
  }
}
