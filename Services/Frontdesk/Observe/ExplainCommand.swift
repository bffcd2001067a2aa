import ArgumentParser
import ServiceKit

/// `frontdesk explain`.
struct ExplainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Tell how a ticket came to where it is: its messages, labels, decisions, promises and offers.",
    discussion: """
      Every decision of the router is made again from what the timeline kept of it, and it is told whether the result is the \
      same, bit by bit; which rules were passed over and for which part of their condition; why each agent was not asked; and \
      the smallest changes that would have led elsewhere. The customer's words are shown only with --words.
      """)

  @OptionGroup var desk: DeskOptions

  @Argument(help: "A ticket, or one of its messages.")
  var ticket: String

  @Flag(help: "Show what was written, too.")
  var words = false

  @Flag(help: "List every agent, not only those who came near to being asked.")
  var all = false

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() async throws {
    let explanation = try await desk.withStore { try await Explanation.read($0, id: ticket, words: words) }
    if json {
      try ReportWriter.print(explanation)
    } else {
      Terminal.say(explanation.text(allAgents: all))
    }
  }
}

extension Explanation {
  /// The explanation as lines for people.
  func text(allAgents: Bool) -> String {
    var lines = [
      "ticket \(ticket): \(state)" + (queue.map { " in \($0)" } ?? "") + (agent.map { ", with \($0)" } ?? "")
    ]
    lines.append(
      "  came by \(channel) at \(opened)" + (priority.map { ", priority \($0)" } ?? "")
        + (closed.map { ", ended \($0)" } ?? ""))
    for promise in promises where promise.state != "none" {
      lines.append(
        promise.due.map { "  promise: \(promise.clock) by \($0) – \(promise.state)" }
          ?? "  promise: \(promise.clock) – \(promise.state): its calendar does not open long enough, so it is neither kept nor broken"
      )
    }
    if isShortened { lines.append("  older messages or entries are left out; the console has them page by page") }
    lines.append("messages")
    for message in messages {
      lines.append("  \(message.at)  \(message.from)  \(message.id)" + (message.undecided ? "  (not decided yet)" : ""))
      if let words = message.words {
        lines += words.unicodeScalars.split(separator: "\n").map { "      \(String($0))" }
      }
    }
    lines.append("timeline")
    var table = TextTable([("at", .left), ("by", .left), ("what", .left)])
    for entry in timeline { table.add(["\(entry.at)", entry.actor, entry.text]) }
    var decided: [String] = []
    if let explanation = decisions.explanation {
      decided = ExplanationText(showsAll: allAgents).lines(of: explanation)
    }
    // Nothing that people or channels named begins a line of its own.
    return (lines.map(VisibleText.line) + [table.text] + decided.map(VisibleText.line)).joined(separator: "\n")
  }
}
