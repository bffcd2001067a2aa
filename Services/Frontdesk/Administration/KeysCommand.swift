package import ArgumentParser
import CommandLineTool
import DeskCore
import Foundation
import Store
import UntrustedInput
import ZeroMQ

/// Manages the keys to the desk's interfaces.
package struct KeysCommand: AsyncParsableCommand {

  package init() {}
  package static let configuration = CommandConfiguration(
    commandName: "keys",
    abstract: "Create, list, rotate and revoke keys, sign-in links and identity providers of the desk.",
    discussion: "A secret is shown once, when it is created; the desk stores only its digest.",
    subcommands: [
      CreateKey.self, ListKeys.self, RotateKey.self, RevokeKey.self, CreateCurveKey.self, RevokeCurveKey.self,
      MakeIntakeCurveKey.self, MakeSignInLink.self, ListSessions.self, EndSession.self, AllowProvider.self,
      ListProviders.self, RemoveProvider.self,
    ])

  /// The allowed lifetime of a key in days.
  static let lifetimeDays = 1...36_500

  /// - Throws: `ValidationError` for a number of days out of range.
  package static func lifetime(days: Int?) throws -> Duration? {
    guard let days else { return nil }
    guard lifetimeDays.contains(days) else {
      throw ValidationError("--days must be from \(lifetimeDays.lowerBound) to \(lifetimeDays.upperBound)")
    }
    return .seconds(Int64(days) * 86_400)
  }
}

/// Creates an API key.
struct CreateKey: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Create an API key and print it once.",
    discussion: """
      A channel's key needs --channel, an agent's or lead's --agent; --channel alone means the role channel, --agent alone \
      the role agent.
      """)

  @Option(
    help: "\(Role.allCases.map(\.rawValue).joined(separator: ", ")).",
    transform: { text in
      guard let role = Role(rawValue: text) else { throw ValidationError("there is no role '\(text)'") }
      return role
    })
  var role: Role?

  @Option(help: "The channel that the key belongs to.")
  var channel: String?

  @Option(help: "The agent that the key belongs to.")
  var agent: String?

  @Option(help: "A human-readable label.")
  var label = ""

  @Option(help: "Days until it expires; without this option it does not expire.")
  var days: Int?

  @Flag(help: "Read-only: the key may read what its role may read, and change nothing.")
  var readOnly = false

  @Flag(
    help: """
      For a channel: print everything a client needs for HTTP and ZeroMQ as NAME=VALUE lines; also creates a CURVE key. The \
      addresses are those of the desk in the folder, or else named with the options below.
      """)
  var environment = false

  @OptionGroup(title: "Addresses, with --environment") var addresses: ChannelAddressOptions

  @OptionGroup var desk: DeskOptions

  func validate() throws {
    let role = effectiveRole
    guard let role else { throw ValidationError("say what the key is for: --role, --channel or --agent") }
    try addresses.check(isEnvironment: environment)
    if role == .channel, channel == nil {
      throw ValidationError("a key with the role channel needs a channel: add --channel NAME")
    }
    if role != .channel, channel != nil {
      throw ValidationError("a key with the role \(role.rawValue) has no channel: remove --channel")
    }
    if role == .agent || role == .lead, agent == nil {
      throw ValidationError("a key with the role \(role.rawValue) needs an agent: add --agent NAME")
    }
    if role != .agent, role != .lead, agent != nil {
      throw ValidationError("a key with the role \(role.rawValue) has no agent: remove --agent")
    }
    for name in [channel, agent].compactMap(\.self) where !ChannelID(name).isWellFormed {
      throw ValidationError("'\(name)' is not a valid name; use a-z, 0-9, '-', '_', '.', 64 characters at most")
    }
    try OptionRules.checkLabel(label)
    _ = try KeysCommand.lifetime(days: days)
    if environment, role != .channel { throw ValidationError("--environment is for channels") }
  }

  private var effectiveRole: Role? {
    role ?? (channel != nil ? .channel : agent != nil ? .agent : nil)
  }

  func run() async throws {
    guard let role = effectiveRole else { return }
    // Before anything is created: without addresses it could not be used.
    let addresses = environment ? try addresses.resolved(for: desk) : nil
    try await desk.withStore { store in
      try await PolicyNames(store).check(channel: channel.map { ChannelID($0) }, agent: agent.map { AgentID($0) })
      let secret = KeySecret.random()
      let id = try await store.add(
        secret, role: role, channel: channel.map { ChannelID($0) }, agent: agent.map { AgentID($0) }, label: label,
        lifetime: KeysCommand.lifetime(days: days), access: readOnly ? .read : .full)
      guard let addresses, let channel else {
        Terminal.say(secret.text)
        Terminal.complain("key \(id), role \(role.rawValue); it is not shown again")
        return
      }
      var pair: CurveKeyPair?
      if addresses.zeroMQ != nil {
        let made = try CurveKeyPair.generate()
        try await store.access.addCurveKey(
          made.publicKey.bytes, channel: ChannelID(channel), label: label, lifetime: KeysCommand.lifetime(days: days))
        pair = made
      }
      for line in addresses.environment(key: secret.text, curve: pair) { Terminal.say(line) }
    }
  }
}

/// Lists keys.
struct ListKeys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List API keys and CURVE keys, newest first, without secrets.")

  @Flag(help: "Include revoked keys.")
  var all = false

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let (keys, curveKeys) = try await desk.withStore { store in
      (try await store.access.keys(), try await store.access.curveKeys())
    }
    for key in keys where all || key.revokedAt == nil {
      let bearer = key.channel.map { " \($0)" } ?? key.agent.map { " \($0)" } ?? ""
      let end =
        key.revokedAt.map { ", revoked \(Moment.text($0))" } ?? key.expiresAt.map { ", ends \(Moment.text($0))" } ?? ""
      let access = key.access == .read ? " (read only)" : ""
      Terminal.say(
        VisibleText.line(
          "\(key.id)  \(key.role.rawValue)\(bearer)\(access)  made \(Moment.text(key.createdAt))\(end)  \(key.label)"))
    }
    for key in curveKeys where all || key.revokedAt == nil {
      let text = CurvePublicKey(bytes: key.publicKey)?.z85 ?? ""
      let end =
        key.revokedAt.map { ", revoked \(Moment.text($0))" } ?? key.expiresAt.map { ", ends \(Moment.text($0))" } ?? ""
      Terminal.say(
        VisibleText.line("\(text)  curve \(key.channel)  made \(Moment.text(key.createdAt))\(end)  \(key.label)"))
    }
  }
}

/// Revokes an API key.
struct RevokeKey: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Revoke an API key; services stop accepting it within seconds.")

  @Argument(help: "The identifier, as shown by `list`.")
  var id: String

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    guard let id = Identifier<APIKey>(id) else { throw ValidationError("'\(id)' is not a key identifier") }
    guard try await desk.withStore({ try await $0.access.revokeKey(id) }) else {
      throw CommandFailure("there is no active key \(id)", remedy: "see `frontdesk keys list`")
    }
    Terminal.say("revoked \(id)")
  }
}

/// Creates a CURVE key for a ZeroMQ channel.
struct CreateCurveKey: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "curve-create", abstract: "Create CURVE keys for a ZeroMQ channel, and print them once.")

  @Option(help: "The channel that the key belongs to.")
  var channel: String

  @Option(help: "A human-readable label.")
  var label = ""

  @Option(help: "Register this public key, 40 characters of Z85, whose secret key stays with the channel.")
  var publicKey: String?

  @Option(help: "Days until it expires; without this option it does not expire.")
  var days: Int?

  @OptionGroup var desk: DeskOptions

  func validate() throws {
    try OptionRules.check("--channel") { () throws(InputFault) in try InputRules.key(ChannelID(channel)) }
    try OptionRules.checkLabel(label)
    _ = try KeysCommand.lifetime(days: days)
  }

  func run() async throws {
    let given = try publicKey.map { text in
      guard let key = CurvePublicKey(z85: text) else {
        throw ValidationError("--public-key needs 40 characters of Z85")
      }
      return key
    }
    let fresh = given == nil ? try CurveKeyPair.generate() : nil
    guard let key = given ?? fresh?.publicKey else { return }
    try await desk.withStore { store in
      try await PolicyNames(store).check(channel: ChannelID(channel), agent: nil)
      try await store.access.addCurveKey(
        key.bytes, channel: ChannelID(channel), label: label, lifetime: KeysCommand.lifetime(days: days))
    }
    Terminal.say("public \(key.z85)")
    if let fresh { Terminal.say("secret \(fresh.secretKey.z85)") }
  }
}

/// Revokes a CURVE key.
struct RevokeCurveKey: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "curve-revoke", abstract: "Revoke a channel's CURVE key; services stop accepting it within seconds.")

  @Argument(help: "The public key, as shown by `list`.")
  var publicKey: String

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    guard let key = CurvePublicKey(z85: publicKey) else {
      throw ValidationError("a public key has 40 characters of Z85")
    }
    guard try await desk.withStore({ try await $0.access.revokeCurveKey(key.bytes) }) else {
      throw CommandFailure("there is no such active key", remedy: "see `frontdesk keys list`")
    }
    Terminal.say("revoked \(key.z85)")
  }
}
