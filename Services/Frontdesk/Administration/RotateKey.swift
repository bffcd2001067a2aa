import ArgumentParser
import CommandLineTool
import DeskCore
import Store

/// Replaces an API key with a new one.
struct RotateKey: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate", abstract: "Create a key that replaces another, and print it once.",
    discussion: """
      The new key has the old one's role, bearer, access, label and lifetime. The old one stays valid for the grace period, so that \
      its bearer can switch over without an interruption. For a leaked key, use --grace 0.
      """)

  /// The maximum grace period.
  static let longestGrace: Duration = .seconds(90 * 86_400)

  @Argument(help: "The old key's identifier, as shown by `list`.")
  var id: String

  @Option(help: "How long the old key stays valid: 30m, 24h, …; 0: not at all.", transform: DurationArgument.read)
  var grace = DurationArgument(.seconds(86_400), "24h")

  @Option(help: "Days until the new key expires.")
  var days: Int?

  @OptionGroup var desk: DeskOptions

  func validate() throws {
    guard Identifier<APIKey>(id) != nil else { throw ValidationError("'\(id)' is not a key identifier") }
    guard grace.duration <= RotateKey.longestGrace else { throw ValidationError("--grace must be 90d at most") }
    _ = try KeysCommand.lifetime(days: days)
  }

  func run() async throws {
    guard let old = Identifier<APIKey>(id) else { return }
    let secret = KeySecret.random()
    let fresh = try await desk.withStore { store in
      try await store.rotate(old, to: secret, grace: grace.duration, lifetime: KeysCommand.lifetime(days: days))
    }
    guard let fresh else {
      throw CommandFailure(
        "there is no active key \(old) that has not been replaced already", remedy: "see `frontdesk keys list --all`")
    }
    Terminal.say(secret.text)
    Terminal.complain("key \(fresh); it is not shown again. \(old) stays valid for \(grace)")
  }
}
