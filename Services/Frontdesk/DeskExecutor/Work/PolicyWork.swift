import CommandLineTool
import DeskCore
import DeskSupervisor
import PolicyReading
import Store

/// Puts a policy into force, as `frontdesk apply` does, if the version that the person edited or saw is still in force.
struct PolicyWork: IntentWork {
  /// Where the text comes from.
  private enum Source {
    /// The edited text, with placeholders for the secrets of the version that it was edited from.
    case edited(String)
    /// An earlier version.
    case version(Int32)
  }

  private let source: Source
  private let base: Int32
  private let isConfirmed: Bool
  private let author: String
  private let store: DeskStore
  private let configuration: ExecutorConfiguration

  init?(applying intent: Intent, _ store: DeskStore, _ configuration: ExecutorConfiguration) {
    guard let document = intent.document else { return nil }
    self.init(.edited(document), intent, store, configuration)
  }

  init?(restoring intent: Intent, _ store: DeskStore, _ configuration: ExecutorConfiguration) {
    guard let version: Int32 = intent.parameters.number("version") else { return nil }
    self.init(.version(version), intent, store, configuration)
  }

  private init?(_ source: Source, _ intent: Intent, _ store: DeskStore, _ configuration: ExecutorConfiguration) {
    guard let base: Int32 = intent.parameters.number("based_on"),
      case .flag(let isConfirmed)? = intent.parameters["changes_confirmed"]
    else { return nil }
    (self.source, self.base, self.isConfirmed) = (source, base, isConfirmed)
    (self.store, self.configuration) = (store, configuration)
    author = intent.label.isEmpty ? intent.requestedBy.description : intent.label
  }

  func check() async throws -> IntentCheck {
    let newest = try await store.access.newestPolicyVersion()
    guard newest == base else { return .refused(Self.changed(newest)) }
    let policy: PolicyFile
    do {
      policy = try await read()
    } catch let note as IntentNote {
      return .refused(note)
    }
    let changes = try await policy.changes(in: store)
    guard isConfirmed || changes?.isEmpty == true else {
      let listed = (changes ?? []).prefix(ExecutorBounds.changesListed).map { JSONValue.text($0.text) }
      return .refused(
        IntentNote(
          "changes_unconfirmed",
          [.init("changes", .list(Array(listed))), .init("are_known", .flag(changes != nil))]))
    }
    return .ready
  }

  func act(plan _: JSONValue, isRepeated _: Bool) async throws -> IntentNote {
    let policy = try await read()
    var version = try await policy.apply(to: store, by: author, after: base)
    if version == nil { version = try await applied(policy) }
    guard let version else {
      throw Self.changed(try await store.access.newestPolicyVersion())
    }
    if let desk = configuration.localDesk {
      _ = try await DemoKeys(files: desk.keys, store: store).makeMissing(for: policy.policy)
    }
    return IntentNote(
      version == base ? "policy_unchanged" : "policy_applied",
      [.init("version", .integer(Int64(version))), .init("before", .integer(Int64(base)))])
  }

  /// The version that an interrupted attempt has stored; its agents are adopted again.
  private func applied(_ policy: PolicyFile) async throws -> Int32? {
    guard let next = try await store.access.policy(version: base + 1), next.document.hasSameBytes(as: policy.text)
    else { return nil }
    try await store.matching.adoptAgents(of: policy.policy)
    return next.version
  }

  private static func changed(_ newest: Int32) -> IntentNote {
    IntentNote("policy_changed", [.init("in_force", .integer(Int64(newest)))])
  }

  /// - Throws: `IntentNote` when it has mistakes, or the earlier version is gone.
  private func read() async throws -> PolicyFile {
    do {
      switch source {
      case .edited(let shown):
        let basis = base > 0 ? try await store.access.policy(version: base)?.document : ""
        guard let basis else { throw IntentNote("no_such_version", [.init("version", .integer(Int64(base)))]) }
        return PolicyFile(try PolicyDraft(shown, editing: basis))
      case .version(let number):
        guard let stored = try await store.access.policy(version: number) else {
          throw IntentNote("no_such_version", [.init("version", .integer(Int64(number)))])
        }
        return PolicyFile(try PolicyDraft(stored.document, editing: stored.document))
      }
    } catch let mistakes as PolicyMistakes {
      let listed = mistakes.mistakes.prefix(ExecutorBounds.mistakesListed)
      throw IntentNote(
        "policy_mistakes",
        [
          .init(
            "mistakes",
            .list(
              listed.map { mistake in
                .object([
                  .init("line", .integer(Int64(mistake.line))), .init("column", .integer(Int64(mistake.column))),
                  .init("problem", .text(mistake.problem)), .init("remedy", .text(mistake.remedy)),
                ])
              })),
          .init("omitted", .integer(Int64(mistakes.omitted + mistakes.mistakes.count - listed.count))),
        ])
    }
  }
}
