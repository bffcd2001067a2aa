import CommandLineTool
import DeskCore
import UseCases

/// The decisions about a ticket in the words of a catalogue, as the pages show them.
struct PhrasedExplanation {
  let catalogue: PhraseCatalogue
  /// Whether every agent is listed, or only the closest candidates and one for each reason of the rest.
  let showsAll: Bool

  /// The number of candidates listed one by one, unless all are requested.
  private static let agentsShown = 8

  /// Returns the lines without indentation of their own.
  func lines(of explanation: TicketExplanation) -> [String] {
    let paused = explanation.pauses.map {
      "  "
        + catalogue.label(
          "label.paused", [.init("agent", .text($0.agent.rawValue)), .init("reason", $0.phrase.detail)])
    }
    guard !explanation.decisions.isEmpty else { return ["  " + catalogue.label("label.none")] + paused }
    return explanation.decisions.flatMap { lines(of: $0) } + paused
  }

  private func lines(of decision: TicketExplanation.Decision) -> [String] {
    var lines = ["  \(Moment.text(decision.at))  \(catalogue.word("kind", decision.kind))"]
    switch decision.subject {
    case .unexplained(let gap): lines.append(catalogue.text(gap.phrase))
    case .routing(_, let explanation): lines += routing(explanation)
    case .confirmation(let confirmed): lines.append(catalogue.text(confirmed.phrase))
    case .question(let asked): lines.append(catalogue.text(asked.phrase))
    case .offer(let record, let explanation): lines += offer(record, explanation)
    }
    if let replay = decision.replay {
      lines.append(
        catalogue.label(
          replay.isEqual ? "label.same" : "label.different",
          [.init("version", .integer(Int64(decision.policyVersion)))]))
    }
    return lines.prefix(1) + lines.dropFirst().map { "      \($0)" }
  }

  private func routing(_ explanation: RoutingExplanation) -> [String] {
    let last = explanation.rules.firstIndex { $0.outcome == .decided } ?? explanation.rules.count - 1
    let rules =
      explanation.rules.prefix(last + 1) + explanation.rules.dropFirst(last + 1).filter { $0.outcome == .later }
    return explanation.summary.map(catalogue.text)
      + (rules.isEmpty ? [] : [catalogue.label("label.rules")])
      + rules.flatMap { verdict in
        ["  \(verdict.rule) · \(catalogue.word("outcome", verdict.outcome.rawValue))"]
          + (verdict.outcome == .failed ? verdict.trace.failures : []).map { part in
            "    \(catalogue.text(part.requirement))" + (part.found.map { " – \(catalogue.text($0))" } ?? "")
          }
      }
      + alternatives(
        explanation.alternatives.map { alternative in
          let changed = JSONValue.list(alternative.changes.map(\.phrase.detail))
          return (catalogue.label("label.if", [.init("changes", changed)]), alternative.outcome)
        })
  }

  private func offer(_ record: OfferRecord, _ explanation: OfferExplanation) -> [String] {
    let chosen =
      record.result.agent.map { agent in
        catalogue.label(
          "label.offered", [.init("agent", .text(agent.rawValue)), .init("reason", explanation.cause.detail)])
      } ?? catalogue.label("label.nobody")
    let needed = JSONValue.list(explanation.requirements.map(\.detail))
    let others = explanation.verdicts.filter { $0.status != .asked }
    let shown =
      showsAll ? others : Array(others.prefix { $0.status.isNear }.prefix(PhrasedExplanation.agentsShown))
    var lines = [chosen] + explanation.turns.map(catalogue.text)
    lines.append(catalogue.label("label.needed", [.init("requirements", needed)]))
    if !others.isEmpty { lines.append(catalogue.label("label.candidates")) }
    lines += shown.map { "  \($0.agent) · \(catalogue.text($0.cause))\(would($0))" }
    let rest = Dictionary(grouping: others.dropFirst(shown.count), by: \.status)
    for status in OfferExplanation.Status.allCases {
      guard let verdicts = rest[status], let nearest = verdicts.first else { continue }
      lines.append(
        "  "
          + catalogue.label(
            "label.rest",
            [
              .init("count", .integer(Int64(verdicts.count))), .init("agent", .text(nearest.agent.rawValue)),
              .init("reason", nearest.cause.detail),
            ]))
    }
    return lines + alternatives(explanation.alternatives.map { (catalogue.text($0.change), $0.outcome) })
  }

  private func would(_ verdict: OfferExplanation.Verdict) -> String {
    verdict.wants.map { wants in
      " · " + catalogue.label("label.would", [.init("wants", .list(wants.map(\.detail)))])
    } ?? ""
  }

  private func alternatives(_ alternatives: [(change: String, outcome: Phrase)]) -> [String] {
    alternatives.isEmpty
      ? []
      : [catalogue.label("label.change")] + alternatives.map { "  \($0.change) → \(catalogue.text($0.outcome))" }
  }
}
