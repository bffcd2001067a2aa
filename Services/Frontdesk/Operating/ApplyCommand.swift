import ArgumentParser
import DeskCore
import Foundation
import ServiceKit
import Store

/// Puts a policy file into force.
struct ApplyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply", abstract: "Check a policy file whole and put it into force.",
    discussion: """
      Every mistake is told with its line and column, and nothing is applied while there is one. Articles in files that \
      the policy names (`article_files`) are read beside it and go into force with it. Services take the new version over \
      within a second, without a restart. Applying the same files again changes nothing.
      """)

  @Argument(help: "The policy, such as deploy/desk.yaml.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Flag(help: "Only check the file; no desk is needed.")
  var check = false

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let policy = try PolicyFile(path: file)
    if check {
      Terminal.say("\(file): fine (\(policy.summary))")
      return
    }
    let local = desk.localDeskIfAny()
    try await desk.withStore { store in
      let before = try await store.newestPolicyVersion()
      let version = try await policy.apply(to: store)
      Terminal.say(
        version == before
          ? "version \(version) is in force already" : "version \(version) is in force: \(policy.summary)")
      if let local {
        let made = try await DemoKeys(files: local.keys, store: store).makeMissing(for: policy.policy)
        if made > 0 { Terminal.say("made \(made) keys for trying it, in \(local.keysFolder)") }
      }
    }
  }
}

/// A policy file and the articles beside it that were read and found free of mistakes.
struct PolicyFile: Sendable {
  /// All of it in one text, as the store keeps it.
  let text: String
  let policy: Policy

  /// - Throws: `CommandFailure` with every mistake, each with its place.
  init(path: String) throws {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw CommandFailure(
        "\(path) cannot be read", remedy: "name a policy file such as deploy/desk.yaml", status: .wrongCall)
    }
    do {
      let folder = (path as NSString).deletingLastPathComponent
      let bundle = try PolicyBundle(bytes: bytes, version: 0, folder: folder.isEmpty ? "." : folder)
      (policy, text) = (bundle.document.policy, bundle.text)
    } catch {
      throw CommandFailure(
        "the policy has mistakes, nothing was applied\n" + error.text(file: path), status: .wrongCall)
    }
  }

  /// How much there is of everything.
  var summary: String {
    "\(policy.channels.count) channels, \(policy.queues.count) queues, \(policy.rules.count) rules, \(policy.agents.count) agents, \(policy.life.answers.articles.count) articles"
  }

  /// Stores the policy as the version in force, and its agents.
  /// - Returns: the number of the version.
  func apply(to store: DeskStore) async throws -> Int32 {
    let version = try await store.applyPolicy(document: text, by: NSUserName())
    // Also where the version is an old one: an earlier call may have ended between the two.
    try await store.adoptAgents(of: policy)
    return version
  }
}
