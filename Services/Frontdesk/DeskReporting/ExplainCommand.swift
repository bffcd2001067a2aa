package import ArgumentParser
import CommandLineTool
import UntrustedInput

/// `frontdesk explain`.
package struct ExplainCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explain a ticket's history: its messages, labels, decisions, SLA targets and offers.",
    discussion: """
      Replays every decision of the router from its recorded inputs and reports whether the result is identical, bit by \
      bit; which rules did not match and which part of their condition failed; why each agent was not chosen; and the \
      smallest changes that would have changed the result. Message texts are shown only with --words.
      """)

  @OptionGroup var desk: DeskOptions

  @Argument(help: "The identifier of a ticket or of one of its messages.")
  var ticket: String

  @Flag(help: "Also show the message texts.")
  var words = false

  @Flag(help: "List every agent, not only the closest candidates.")
  var all = false

  @Flag(help: "Print one JSON object.")
  var json = false

  package init() {}

  package func run() async throws {
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
      "  received by \(channel) at \(opened)" + (priority.map { ", priority \($0)" } ?? "")
        + (closed.map { ", ended \($0)" } ?? ""))
    for promise in promises where promise.state != "none" {
      lines.append(
        promise.due.map { "  SLA: \(promise.clock) by \($0) – \(promise.state)" }
          ?? "  SLA: \(promise.clock) – \(promise.state): its calendar is not open long enough, so it is neither met nor breached"
      )
    }
    if isShortened { lines.append("  older messages or entries are omitted; the console lists them page by page") }
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
    // No name from people or channels starts its own line.
    return (lines.map(VisibleText.line) + [table.text] + decided.map(VisibleText.line)).joined(separator: "\n")
  }
}
