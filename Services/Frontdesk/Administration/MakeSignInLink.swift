import ArgumentParser
import CommandLineTool
import DeskCore
import Store
import UntrustedInput

/// Creates a link by which a person signs in to the pages.
struct MakeSignInLink: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invite", abstract: "Create a one-time link by which a person signs in to the pages.",
    discussion: """
      Give the link to the person only: whoever opens it first is signed in. Agents and leads need --agent; for an operator or an \
      auditor, --role and a --label that says who it is.
      """)

  /// How long a link may wait to be used.
  static let lifetimes: ClosedRange<Duration> = .seconds(60)...(.seconds(7 * 86_400))

  @Option(help: "The agent or lead who signs in.")
  var agent: String?

  @Option(
    help: "agent, lead, operator or auditor; with --agent alone: agent.",
    transform: { text in
      guard let role = Role(rawValue: text), role != .channel else {
        throw ValidationError("'\(text)' is not a role of people; use agent, lead, operator or auditor")
      }
      return role
    })
  var role: Role?

  @Option(help: "Who it is for; shown in lists of sessions.")
  var label = ""

  @Option(
    name: .customLong("for"), help: "How long the link can be used: 10m, 2h, ….", transform: DurationArgument.read)
  var lifetime = DurationArgument(.seconds(600), "10m")

  @Option(help: "URL of the pages, as in the console's --public-url; without it, the local desk's.")
  var url: String?

  @OptionGroup var desk: DeskOptions

  func validate() throws {
    guard let role = effectiveRole else { throw ValidationError("say who signs in: --agent, or --role") }
    if role == .agent || role == .lead, agent == nil {
      throw ValidationError("a link for the role \(role.rawValue) needs an agent: add --agent NAME")
    }
    if role != .agent, role != .lead, agent != nil {
      throw ValidationError("a link for the role \(role.rawValue) has no agent: remove --agent")
    }
    if let agent, !AgentID(agent).isWellFormed {
      throw ValidationError("'\(agent)' is not a valid name; use a-z, 0-9, '-', '_', '.', 64 characters at most")
    }
    try OptionRules.checkLabel(label)
    guard Self.lifetimes.contains(lifetime.duration) else { throw ValidationError("--for must be from 1m to 7d") }
    if let url { try OptionRules.checkURL("--url", url) }
  }

  private var effectiveRole: Role? { role ?? (agent != nil ? .agent : nil) }

  func run() async throws {
    guard let role = effectiveRole else { return }
    // Before the link is created: without a desk's address it could not be shown.
    let pages = try url ?? desk.localDesk(elsewhere: "name the address of its pages: --url URL").consoleURL
    let secret = KeySecret.random()
    try await desk.withStore { store in
      try await PolicyNames(store).check(channel: nil, agent: agent.map { AgentID($0) })
      try await store.access.addSignInLink(
        digest: secret.digest, role: role, agent: agent.map { AgentID($0) }, label: label, lifetime: lifetime.duration)
    }
    Terminal.say(pages.hasSuffix("/") ? "\(pages)sign-in#\(secret.text)" : "\(pages)/sign-in#\(secret.text)")
    Terminal.complain("the link signs in \(agent ?? "a person") once, as \(role.rawValue), within \(lifetime)")
  }
}

/// Lists the open sessions.
struct ListSessions: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessions", abstract: "List the people who are signed in to the pages, newest first.")

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    for session in try await desk.withStore({ try await $0.access.openSessions() }) {
      let person = session.agent.map { " \($0)" } ?? ""
      Terminal.say(
        VisibleText.line(
          "\(session.id)  \(session.role.rawValue)\(person)  since \(Moment.text(session.createdAt)), seen \(Moment.text(session.seenAt)), ends \(Moment.text(session.expiresAt))  \(session.label)"
        ))
    }
  }
}

/// Ends a session.
struct EndSession: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "end-session", abstract: "Sign a person out; the console stops accepting the session within seconds.")

  @Argument(help: "The identifier, as shown by `sessions`.")
  var id: String

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    guard let id = Identifier<APIKey>(id) else { throw ValidationError("'\(id)' is not a session identifier") }
    guard try await desk.withStore({ try await $0.access.endSession(id) }) else {
      throw CommandFailure("there is no open session \(id)", remedy: "see `frontdesk keys sessions`")
    }
    Terminal.say("ended \(id)")
  }
}
