import ArgumentParser
import DeskCore
import Foundation
import ServiceKit
import Store

/// The outgoing hooks, and switching one on again.
struct HooksCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hooks", abstract: "Show the outgoing hooks, and switch one on again.",
    subcommands: [ListHooks.self, EnableHook.self], defaultSubcommand: ListHooks.self)
}

/// Shows hooks and what waits for them.
struct ListHooks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Show hooks, whether they are on, and what waits; ends with 1 when one is off.")

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    let (hooks, now) = try await desk.withStore { (try await HookReport.read($0), try await $0.now()) }
    Terminal.say(hooks.isEmpty ? "no hooks" : HookReport.table(hooks, now: now))
    if hooks.contains(where: { !$0.isOn }) { throw ExitCode.failure }
  }
}

/// Switches a hook on again that its endpoint switched off.
struct EnableHook: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enable", abstract: "Switch a hook on again that its endpoint switched off.",
    discussion: """
      The notifier follows within seconds. What was not delivered meanwhile lies among the dead letters: \
      `frontdesk dead-letters replay --all` sends it after.
      """)

  @Argument(help: "Its name, as `list` shows it.")
  var hook: String

  @Option(help: "Why, for the audit.")
  var reason: String

  @OptionGroup var desk: DeskOptions

  func validate() throws {
    guard (1...EraseCommand.reasonCharacters).contains(reason.unicodeScalars.count),
      !reason.allSatisfy(\.isWhitespace), !reason.unicodeScalars.contains("\0")
    else { throw ValidationError("--reason needs 1 to \(EraseCommand.reasonCharacters) characters") }
  }

  func run() async throws {
    let wasOff = try await desk.withStore { try await HookReport.enable(HookID(hook), reason: reason, in: $0) }
    Terminal.say(wasOff ? "\(hook) is on again" : "\(hook) was on already")
  }
}

/// What is known of a hook.
struct HookReport: Hashable, Sendable {
  let id: HookID
  /// Since when it is off and why; nil while it is on.
  let off: SwitchedOffHook?
  /// What waits for it, and since when.
  let waiting: OutboxFigures?
  /// Whether the policy that holds still has it.
  let isDeclared: Bool

  var isOn: Bool { off == nil }

  /// The hooks of the policy that holds, and others that something waits for or that are switched off.
  static func read(_ store: DeskStore) async throws -> [HookReport] {
    let policy = try await store.newestPolicy().flatMap { try? $0.policy() }
    let declared = Set(policy?.hooks.keys.map(\.self) ?? [])
    let off = Dictionary(uniqueKeysWithValues: try await store.hooksSwitchedOff().map { ($0.hook, $0) })
    let waiting = Dictionary(uniqueKeysWithValues: try await store.outboxFigures().map { ($0.hook, $0) })
    return declared.union(off.keys).union(waiting.keys).sorted().map {
      HookReport(id: $0, off: off[$0], waiting: waiting[$0], isDeclared: declared.contains($0))
    }
  }

  /// Switches a hook on, and notes who did it and why.
  /// - Returns: whether it was off.
  /// - Throws: `CommandFailure` when there is no such hook.
  static func enable(_ id: HookID, reason: String, in store: DeskStore) async throws -> Bool {
    guard let found = try await read(store).first(where: { $0.id == id }) else {
      throw CommandFailure("there is no hook '\(id)'", remedy: "see `frontdesk hooks list`")
    }
    if found.isOn { return false }
    try await store.setHook(id, disabled: false, reason: reason)
    try await store.note(
      "hook.enabled_by", of: id.rawValue,
      detail: .object([.init("user", .text(NSUserName())), .init("reason", .text(reason))]))
    return true
  }

  /// One line a hook.
  static func table(_ hooks: [HookReport], now: Instant) -> String {
    var table = TextTable([
      ("hook", .left), ("state", .left), ("waiting", .right), ("oldest", .right), ("since", .left), ("reason", .left),
    ])
    for hook in hooks {
      table.add([
        hook.id.rawValue, (hook.isOn ? "on" : "off") + (hook.isDeclared ? "" : ", not in the policy"),
        "\(hook.waiting?.waiting ?? 0)",
        hook.waiting?.oldest.map { "\(Int((now - $0).inSeconds)) s" } ?? "",
        hook.off.map { Moment.text($0.since) } ?? "", hook.off?.reason ?? "",
      ])
    }
    return table.text
  }
}
