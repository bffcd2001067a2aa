import ArgumentParser
import DeskCore
import ServiceKit
import Store

/// What could not be handled, and putting it back to work.
struct DeadLettersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dead-letters", abstract: "Show what could not be handled, and put it back to work.",
    subcommands: [ListDeadLetters.self, ReplayDeadLetters.self], defaultSubcommand: ListDeadLetters.self)

  /// Rows read at once.
  static let pageSize = 500
}

/// Shows dead letters.
struct ListDeadLetters: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show dead letters, newest first; ends with 1 when some wait.")

  @Flag(help: "Also those that were put back to work.")
  var all = false

  @Option(help: "How many at most.")
  var limit = DeadLettersCommand.pageSize

  @OptionGroup var desk: DeskOptions

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit must be 1 or more") }
  }

  func run() async throws {
    let (letters, waiting) = try await desk.withStore { store in
      (try await store.deadLetters(includingReplayed: all, limit: limit), try await store.deadLetterCount())
    }
    for letter in letters {
      let fate = letter.replayedAt.map { ", replayed \(Moment.text($0))" } ?? ""
      let hook = letter.hook.map { " for hook \($0)" } ?? ""
      Terminal.say(
        VisibleText.line(
          "\(letter.id)  \(letter.kind)\(hook) of ticket \(letter.ticket)  \(Moment.text(letter.diedAt))\(fate)  \(letter.reason)"
        ))
    }
    Terminal.say("\(waiting) waiting")
    if waiting > 0 { throw ExitCode.failure }
  }
}

/// Puts dead letters back to work.
struct ReplayDeadLetters: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Put a dead letter, or all of them, back to work.")

  @Argument(help: "Its identifier, as `list` shows it.")
  var id: String?

  @Flag(help: "All that wait.")
  var all = false

  @OptionGroup var desk: DeskOptions

  func validate() throws {
    guard (id != nil) != all else { throw ValidationError("name one identifier, or --all") }
    if let id, Identifier<DeadLetter>(id) == nil { throw ValidationError("'\(id)' is no identifier") }
  }

  func run() async throws {
    let count = try await desk.withStore { store in
      if let named = id.flatMap({ Identifier<DeadLetter>($0) }) {
        guard try await replay(named, store) else {
          throw CommandFailure(
            "no such dead letter waits: \(named)", remedy: "see `frontdesk dead-letters list`")
        }
        return 1
      }
      return try await replayAll(store)
    }
    Terminal.say("\(count) put back to work")
  }

  /// What dies again meanwhile is left alone: each is tried once.
  private func replayAll(_ store: DeskStore) async throws -> Int {
    var tried: Set<Identifier<DeadLetter>> = []
    var count = 0
    while true {
      let page = try await store.deadLetters(includingReplayed: false, limit: DeadLettersCommand.pageSize + tried.count)
      let fresh = page.filter { tried.insert($0.id).inserted }
      guard !fresh.isEmpty else { return count }
      for letter in fresh where try await replay(letter.id, store) { count += 1 }
    }
  }

  private func replay(_ id: Identifier<DeadLetter>, _ store: DeskStore) async throws -> Bool {
    var random = SystemRandom()
    return try await store.replay(id, freshTicket: TicketID(at: store.now(), using: &random))
  }
}
