package import ArgumentParser
import CommandLineTool
import DeskCore
package import Store
import SystemPrimitives
import UntrustedInput

/// Lists and replays dead letters.
package struct DeadLettersCommand: AsyncParsableCommand {

  package init() {}
  package static let configuration = CommandConfiguration(
    commandName: "dead-letters", abstract: "List messages and deliveries that failed for good, and replay them.",
    subcommands: [ListDeadLetters.self, ReplayDeadLetters.self], defaultSubcommand: ListDeadLetters.self)

  /// Rows shown without `--limit`.
  static let shownAtMost = 500
  /// Dead letters made due per second without `--per-second`.
  static let defaultRate = 50
  package static let rates = 1...1000

  package static func check(perSecond rate: Int) throws(ValidationError) {
    guard rates.contains(rate) else {
      throw ValidationError("--per-second must be from \(rates.lowerBound) to \(rates.upperBound)")
    }
  }
}

/// Selects the dead letters that a command applies to.
struct DeadLetterOptions: ParsableArguments {
  @Option(help: "Only those of this hook.")
  var hook: String?

  @Option(help: "Only `message`, `reply`, `notice`, or a kind of notice such as message.replied.")
  var kind: String?

  @Option(help: "Only those of this ticket.")
  var ticket: String?

  @Option(help: "Only those that failed at or after this time, such as 2026-11-22T08:30:00Z.")
  var since: String?

  @Option(help: "Only those that failed before this time.")
  var until: String?

  var isEmpty: Bool { [hook, kind, ticket, since, until].allSatisfy { $0 == nil } }

  func validate() throws {
    let kinds = DeadLetterFilter.kinds
    if let kind, !kinds.contains(where: { $0.hasSameBytes(as: kind) }) {
      throw ValidationError("--kind: there is no kind '\(kind)'; write one of \(kinds.joined(separator: ", "))")
    }
    if let ticket, TicketID(ticket) == nil {
      throw ValidationError("--ticket: '\(ticket)' is not a ticket's identifier")
    }
    for (option, text) in [("--since", since), ("--until", until)] {
      if let text, RFC3339.instant(text) == nil {
        throw ValidationError("\(option): '\(text)' is not a timestamp; write one such as 2026-11-22T08:30:00Z")
      }
    }
    if let begin = since.flatMap({ RFC3339.instant($0) }), let end = until.flatMap({ RFC3339.instant($0) }),
      begin >= end
    {
      throw ValidationError("--since must be before --until")
    }
  }

  var filter: DeadLetterFilter {
    var filter = DeadLetterFilter()
    filter.hook = hook.map { HookID($0) }
    filter.kind = kind
    filter.ticket = ticket.flatMap { TicketID($0) }
    filter.since = since.flatMap { RFC3339.instant($0) }
    filter.until = until.flatMap { RFC3339.instant($0) }
    return filter
  }
}

/// Shows dead letters.
struct ListDeadLetters: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List dead letters, newest first; exits with 1 when any are waiting.")

  @Flag(help: "Include those that were replayed.")
  var all = false

  @Option(help: "Maximum number to list.")
  var limit = DeadLettersCommand.shownAtMost

  @OptionGroup var selection: DeadLetterOptions
  @OptionGroup var desk: DeskOptions

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit must be 1 or more") }
  }

  func run() async throws {
    let (letters, waiting) = try await desk.withStore { store in
      (
        try await store.outbox.deadLetters(selection.filter, includingReplayed: all, limit: limit),
        try await store.outbox.deadLetterCount(selection.filter)
      )
    }
    for letter in letters {
      let fate = letter.replayedAt.map { ", replayed \(Moment.text($0))" } ?? ""
      let hook = letter.hook.map { " for hook \($0)" } ?? ""
      Terminal.say(
        VisibleText.line(
          "\(letter.id)  \(letter.kind)\(hook) of ticket \(letter.ticket)  \(Moment.text(letter.failedAt))\(fate)  \(letter.reason)"
        ))
    }
    Terminal.say("\(waiting) waiting")
    if waiting > 0 { throw ExitCode.failure }
  }
}

/// Replays dead letters.
struct ReplayDeadLetters: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Replay dead letters: one, all, or those of a hook, kind, ticket or time range.",
    discussion: """
      Deliveries keep their identifiers, so that receivers recognise duplicates, and become due one after the other at the \
      given rate. After an interruption, run it again: nothing is replayed twice.
      """)

  @Argument(help: "The identifier, as shown by `list`.")
  var id: String?

  @Flag(help: "All that are waiting.")
  var all = false

  @Option(help: "Dead letters replayed per second.")
  var perSecond = DeadLettersCommand.defaultRate

  @OptionGroup var selection: DeadLetterOptions
  @OptionGroup var desk: DeskOptions

  func validate() throws {
    guard [id != nil, all, !selection.isEmpty].count(where: \.self) == 1 else {
      throw ValidationError("name one identifier, or --all, or a filter: --hook, --kind, --ticket, --since, --until")
    }
    if let id, Identifier<DeadLetter>(id) == nil { throw ValidationError("'\(id)' is not an identifier") }
    try DeadLettersCommand.check(perSecond: perSecond)
  }

  func run() async throws {
    let count = try await desk.withStore { store in
      if let named = id.flatMap({ Identifier<DeadLetter>($0) }) {
        guard try await DeadLetterReplay.replay(named, store) else {
          throw CommandFailure(
            "no such dead letter is waiting: \(named)", remedy: "see `frontdesk dead-letters list`")
        }
        return 1
      }
      return try await DeadLetterReplay(filter: selection.filter, perSecond: perSecond).run(on: store) { done, left in
        Terminal.say("\(done) replayed, \(left) to go")
      }
    }
    Terminal.say("\(count) replayed")
  }
}

/// Replays dead letters in bounded batches.
package struct DeadLetterReplay {
  var filter: DeadLetterFilter
  var perSecond: Int

  package init(filter: DeadLetterFilter, perSecond: Int) {
    self.filter = filter
    self.perSecond = perSecond
  }

  /// Replays each dead letter once; one that fails again meanwhile is left alone.
  /// - Parameter progress: called after each batch with the numbers replayed and left.
  /// - Returns: the number replayed.
  package func run(
    on store: DeskStore, progress: (_ done: Int, _ left: Int64) -> Void = { _, _ in }
  ) async throws -> Int {
    var filter = filter
    let now = try await store.now()
    filter.until = min(filter.until ?? now, now)
    let deliveries = try await replayDeliveries(filter, store, progress)
    var done = deliveries
    for kind in ["message", "reply"] { done = try await replay(kind, filter, after: done, store, progress) }
    return done
  }

  private func replayDeliveries(
    _ filter: DeadLetterFilter, _ store: DeskStore, _ progress: (Int, Int64) -> Void
  ) async throws -> Int {
    var done = 0
    while true {
      let batch = try await store.outbox.replayDeliveries(
        filter, startingIn: .seconds(Double(done) / Double(perSecond)), perSecond: perSecond)
      done += batch
      guard batch == StoreBounds.deliveriesPerReplay else { return done }
      progress(done, try await store.outbox.deadLetterCount(filter))
    }
  }

  /// Makes messages undecided again on their tickets, or queues replies again, one after the other.
  private func replay(
    _ kind: String, _ filter: DeadLetterFilter, after earlier: Int, _ store: DeskStore, _ progress: (Int, Int64) -> Void
  ) async throws -> Int {
    guard filter.kind == nil || filter.kind == kind, filter.hook == nil else { return earlier }
    var filter = filter
    filter.kind = kind
    var done = earlier
    var left = try await store.outbox.deadLetterCount(filter)
    while left > 0 {
      for letter in try await store.outbox.deadLetters(
        filter, includingReplayed: false, limit: StoreBounds.deliveriesPerReplay)
      {
        if try await Self.replay(letter.id, store) { done += 1 }
        try await Task.sleep(for: .seconds(1 / Double(perSecond)))
      }
      let still = try await store.outbox.deadLetterCount(filter)
      // A dead letter that cannot be replayed is not retried forever.
      guard still < left else { break }
      left = still
      progress(done, left)
    }
    return done
  }

  static func replay(_ id: Identifier<DeadLetter>, _ store: DeskStore) async throws -> Bool {
    var random = SystemRandom()
    let fresh: TicketID = try await IdentifierSource.process.next(at: store.now(), using: &random)
    return try await store.outbox.replay(id, freshTicket: fresh)
  }
}
