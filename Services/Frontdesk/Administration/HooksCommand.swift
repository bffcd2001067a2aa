package import ArgumentParser
import CommandLineTool
import DeskCore
import Foundation
import PolicyReading
import Store

/// Lists the outgoing hooks and pauses and resumes deliveries to them.
package struct HooksCommand: AsyncParsableCommand {

  package init() {}
  package static let configuration = CommandConfiguration(
    commandName: "hooks", abstract: "List the outgoing hooks, and pause and resume deliveries to them.",
    subcommands: [ListHooks.self, PauseHook.self, ResumeHook.self], defaultSubcommand: ListHooks.self)
}

/// Lists hooks and their waiting deliveries.
struct ListHooks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List hooks, their state and waiting deliveries; exits with 1 when deliveries to one are paused or held.")

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let (hooks, now) = try await desk.withStore { (try await HookReport.read($0), try await $0.now()) }
    Terminal.say(hooks.isEmpty ? "no hooks" : HookReport.table(hooks, now: now))
    if hooks.contains(where: { !$0.isOn }) { throw ExitCode.failure }
  }
}

/// A hook, and the reason for pausing or resuming it.
struct HookChange: ParsableArguments {
  @Argument(help: "The hook's name, as shown by `list`.")
  var hook: String

  @Option(help: "The reason, for the audit log.")
  var reason: String

  func validate() throws {
    guard (1...EraseCommand.reasonCharacters).contains(reason.unicodeScalars.count),
      !reason.allSatisfy(\.isWhitespace), !reason.unicodeScalars.contains("\0")
    else { throw ValidationError("--reason needs 1 to \(EraseCommand.reasonCharacters) characters") }
  }
}

/// Pauses deliveries to a hook.
struct PauseHook: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Pause deliveries to a hook; pending deliveries are kept.",
    discussion: """
      The notifiers follow within seconds. Deliveries that have been due for longer than their --paused-hook-keep (default 7 days) \
      are moved to the dead letters.
      """)

  @OptionGroup var change: HookChange
  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let wasOn = try await desk.withStore { store in
      let wasOn = try await HookReport.pause(HookID(change.hook), reason: change.reason, in: store)
      try await store.confirmReads()
      return wasOn
    }
    Terminal.say(wasOn ? "deliveries to \(change.hook) are paused" : "deliveries to \(change.hook) were paused already")
  }
}

/// Resumes deliveries to a hook that was paused by an operator, or because its endpoint declined or failed deliveries.
struct ResumeHook: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Resume deliveries to a hook, including the pending ones.",
    discussion: """
      The notifiers follow within seconds. Postponed deliveries become due at the given rate, with a fresh retry schedule. Those moved \
      to the dead letters are replayed by `frontdesk dead-letters replay --hook NAME`.
      """,
    aliases: ["enable"])

  @OptionGroup var change: HookChange

  @Option(help: "Deliveries that become due per second.")
  var perSecond = DeadLettersCommand.defaultRate

  @OptionGroup var desk: DeskOptions

  func validate() throws { try DeadLettersCommand.check(perSecond: perSecond) }

  func run() async throws {
    let (wasOff, owed) = try await desk.withStore { store in
      let outcome = try await HookReport.resume(
        HookID(change.hook), reason: change.reason, perSecond: perSecond, in: store)
      try await store.confirmReads()
      return outcome
    }
    let state = wasOff ? "are resumed" : "were not paused"
    Terminal.say("deliveries to \(change.hook) \(state); \(owed) follow within \(owed / Int64(perSecond) + 1) s")
  }
}

/// The state of a hook.
struct HookReport: Hashable, Sendable {
  let id: HookID
  /// Its address without anything that may be secret; nil where the policy in force no longer has it.
  let address: String?
  /// Whether deliveries are paused or held, and how they fail.
  let state: HookState
  /// The deliveries waiting for it, and since when.
  let waiting: OutboxFigures?

  /// Whether deliveries are made.
  var isOn: Bool { state.pausedAt == nil && state.holdReason == nil }

  /// Reads the hooks of the policy in force, and others that are paused or have waiting deliveries.
  static func read(_ store: DeskStore) async throws -> [HookReport] {
    let policy = try await store.access.newestPolicy().flatMap { try? $0.policy() }
    let declared = policy?.hooks ?? [:]
    let states = Dictionary(uniqueKeysWithValues: try await store.hooks.hookStates().map { ($0.hook, $0) })
    let waiting = Dictionary(uniqueKeysWithValues: try await store.reports.outboxFigures().map { ($0.hook, $0) })
    let paused = states.filter { $0.value.pausedAt != nil }
    return Set(declared.keys).union(paused.keys).union(waiting.keys).sorted().map {
      HookReport(
        id: $0, address: declared[$0].map { PolicyMask.address($0.url) }, state: states[$0] ?? HookState(hook: $0),
        waiting: waiting[$0])
    }
  }

  /// Pauses deliveries, and records who did it and why.
  /// - Returns: whether deliveries were on before.
  /// - Throws: `CommandFailure` when there is no such hook.
  static func pause(_ id: HookID, reason: String, in store: DeskStore) async throws -> Bool {
    try await check(id, in: store)
    guard try await store.hooks.pauseHook(id, reason: reason, noticed: true) else { return false }
    try await note("hook.paused_by", id, reason, in: store)
    return true
  }

  /// Resumes deliveries, and records who did it and why.
  /// - Returns: whether they were paused, and the number of deliveries made due.
  /// - Throws: `CommandFailure` when there is no such hook.
  static func resume(
    _ id: HookID, reason: String, perSecond rate: Int, in store: DeskStore
  ) async throws -> (wasPaused: Bool, owed: Int64) {
    try await check(id, in: store)
    let wasPaused = try await store.hooks.resumeHook(id, reason: reason)
    if wasPaused { try await note("hook.enabled_by", id, reason, in: store) }
    return (wasPaused, try await store.hooks.hastenAll(id, perSecond: rate))
  }

  private static func check(_ id: HookID, in store: DeskStore) async throws {
    if try await read(store).contains(where: { $0.id == id }) { return }
    if let stored = try await store.access.newestPolicy() {
      do throws(PolicyMistakes) {
        _ = try stored.policy()
      } catch {
        throw CommandFailure(
          "this build cannot read the policy in force (version \(stored.version)), so its hooks are unknown: \(error)",
          remedy: "use the `frontdesk` of the release that applied it")
      }
    }
    throw CommandFailure("there is no hook '\(id)'", remedy: "see `frontdesk hooks list`", status: .wrongCall)
  }

  private static func note(_ kind: String, _ id: HookID, _ reason: String, in store: DeskStore) async throws {
    try await store.audit.note(
      kind, of: id.rawValue, detail: .object([.init("user", .text(NSUserName())), .init("reason", .text(reason))]))
  }

  /// Returns one line per hook.
  static func table(_ hooks: [HookReport], now: Instant) -> String {
    var table = TextTable([
      ("hook", .left), ("endpoint", .left), ("state", .left), ("waiting", .right), ("oldest", .right),
      ("since", .left), ("reason", .left),
    ])
    for hook in hooks {
      let state = hook.state
      table.add([
        hook.id.rawValue, hook.address ?? "not in the policy", state.condition.rawValue,
        "\(hook.waiting?.waiting ?? 0)",
        hook.waiting?.oldest.map { "\(Int((now - $0).inSeconds)) s" } ?? "",
        (state.pausedAt ?? state.failingSince).map { Moment.text($0) } ?? "",
        state.reason ?? "",
      ])
    }
    return table.text
  }
}
