package import ArgumentParser
import CommandLineTool
import DeskCore
import Store
import UntrustedInput

/// `frontdesk explain`.
package struct ExplainCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explain a ticket's history: its messages, labels, decisions, SLA targets and offers.",
    discussion: """
      Replays every decision of the router from its recorded inputs and reports whether the result is identical, bit by \
      bit; which rules did not match and which part of their condition failed; why each agent was not chosen; and the \
      smallest changes that would have changed the result. Message texts are shown only with --words. With \
      --language zh it reads as on the Chinese pages.
      """)

  @OptionGroup var desk: DeskOptions
  @OptionGroup var replica: ReplicaOptions

  @Argument(help: "The identifier of a ticket or of one of its messages.")
  var ticket: String

  @Flag(help: "Also show the message texts.")
  var words = false

  @Flag(help: "List every agent, not only the closest candidates.")
  var all = false

  @Flag(help: "Print one JSON object.")
  var json = false

  @Option(
    help: "The language of the text: \(ReportCommand.words(of: ReportLanguage.self)).", transform: ReportCommand.choice)
  var language: ReportLanguage = .english

  package init() {}

  package func run() async throws {
    let explanation = try await desk.withReader(replica) {
      try await Explanation.read($0.store, id: ticket, words: words)
    }
    if json {
      try ReportWriter.print(explanation)
    } else {
      Terminal.say(explanation.text(allAgents: all, in: language))
    }
  }
}

extension Explanation {
  /// The explanation as lines for people.
  func text(allAgents: Bool, in language: ReportLanguage = .english) -> String {
    let words = ExplanationFrame(language: language)
    var lines = [words.ticket(self), "  " + words.received(self)]
    for promise in promises where promise.state != "none" { lines.append("  " + words.promise(promise)) }
    if let callBack { lines.append("  " + words.callBack(callBack)) }
    if isShortened { lines.append("  " + words.shortened) }
    lines.append(words.messages)
    for message in messages {
      lines.append("  " + words.message(message))
      if let text = message.words {
        lines += text.unicodeScalars.split(separator: "\n").map { "      \(String($0))" }
      }
    }
    lines.append(words.timeline)
    var table = TextTable(words.columns.map { ($0, .left) })
    for entry in timeline {
      table.add(["\(entry.at)", entry.actor, language == .chinese ? entry.chinese : entry.text])
    }
    var decided: [String] = []
    if let explanation = decisions.explanation {
      switch language {
      case .english: decided = ExplanationText(showsAll: allAgents).lines(of: explanation)
      case .chinese:
        let phrased = PhrasedExplanation(catalogue: PhraseCatalogue(language), showsAll: allAgents)
        decided = [words.decisions] + phrased.lines(of: explanation)
      }
    }
    // No name from people or channels starts its own line.
    return (lines.map(VisibleText.line) + [table.text] + decided.map(VisibleText.line)).joined(separator: "\n")
  }
}
