import ArgumentParser
import DeskCore
import Store

/// Puts a fresh API key in the place of another.
struct RotateKey: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate", abstract: "Make a key that takes another's place, and print it, once.",
    discussion: """
      The new key has the old one's role, bearer, access and label, and lives as long as the old one was made for. The old one works on \
      for the time of grace, so that its bearer can change over without a gap. Of a key that leaked, say --grace 0.
      """)

  /// A grace beyond which two keys would be one too many.
  static let longestGrace: Duration = .seconds(90 * 86_400)

  @Argument(help: "The old key's identifier, as `list` shows it.")
  var id: String

  @Option(help: "How long the old key works on: 30m, 24h, …; 0 ends it at once.", transform: DurationArgument.read)
  var grace = DurationArgument(.seconds(86_400), "24h")

  @Option(help: "Days after which the new key ends by itself.")
  var days: Int?

  @OptionGroup var desk: DeskOptions

  func validate() throws {
    guard Identifier<APIKey>(id) != nil else { throw ValidationError("'\(id)' is no identifier of a key") }
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
        "no key \(old) holds that has not been replaced already", remedy: "see `frontdesk keys list --all`")
    }
    Terminal.say(secret.text)
    Terminal.complain("key \(fresh); it is not shown again. \(old) works on for \(grace)")
  }
}
