package import ArgumentParser
import CommandLineTool
import DeskSupervisor
import Store

/// Puts a policy file into force.
package struct ApplyCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
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

  package init() {}

  @OptionGroup var desk: DeskOptions

  package func run() async throws {
    let policy = try PolicyFile(path: file, secretsElsewhere: secretsElsewhere)
    if check {
      Terminal.say("\(file): valid (\(policy.summary))")
      return
    }
    let local = desk.localDeskIfAny()
    try await desk.withStore { store in
      let before = try await store.access.newestPolicyVersion()
      let consent: PolicyFile.Consent = yes ? .given : Terminal.canAsk ? .asked { Terminal.confirm($0) } : .impossible
      guard let version = try await policy.apply(to: store, consent: consent, say: { Terminal.say($0) }) else {
        return Terminal.say("nothing was applied")
      }
      // A version that was in force already is reported as durably as one that was written now.
      try await store.confirmReads()
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
