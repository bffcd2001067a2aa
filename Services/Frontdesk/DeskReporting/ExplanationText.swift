import CommandLineTool
import DeskCore
import UseCases

/// The decisions about a ticket as short human-readable text.
struct ExplanationText {
  /// Whether every agent is listed, or only the closest candidates and a count of the rest.
  let showsAll: Bool

  /// The numbers of agents listed one by one and of reasons for the rest, unless all are requested.
  private static let agentsShown = 8

  /// Returns the lines without indentation.
  func lines(of explanation: TicketExplanation) -> [String] {
    let paused = explanation.pauses.map { "  it waits, and \($0.agent) \($0.text)" }
    guard !explanation.decisions.isEmpty else { return ["decisions", "  none yet"] + paused }
    return ["decisions"] + explanation.decisions.flatMap { lines(of: $0) } + paused
  }

  private func lines(of decision: TicketExplanation.Decision) -> [String] {
    let at = Moment.text(decision.at)
    var lines: [String]
    switch decision.subject {
    case .unexplained(let gap):
      lines = ["  \(at)  \(decision.kind): cannot be explained, because \(gap.phrase.text)"]
    case .routing(_, let explanation): lines = ["  \(at)  \(headline(of: explanation))"] + routing(explanation)
    case .confirmation(let confirmed):
      let sentence = TimelineText(kind: decision.kind, detail: TimelineEvent.confirmed(confirmed).detail.json).sentence
      lines = ["  \(at)  \(sentence)"]
    case .question(let asked):
      let sentence = TimelineText(kind: decision.kind, detail: TimelineEvent.asked(asked).detail.json).sentence
      lines = ["  \(at)  \(sentence)"]
    case .offer(let record, let explanation):
      let agent = record.result.agent?.rawValue ?? "no agent"
      lines = ["  \(at)  offered to \(agent): \(explanation.why)"] + offer(explanation)
    }
    if let replay = decision.replay {
      lines.append(
        replay.isEqual
          ? "      replayed under policy \(decision.policyVersion): identical, bit by bit"
          : "      REPLAYED UNDER POLICY \(decision.policyVersion): NOT IDENTICAL. Recorded: \(replay.kept), now: \(replay.replayed)"
      )
    }
    return lines
  }

  // MARK: Routing

  private func headline(of explanation: RoutingExplanation) -> String {
    let decision = explanation.decision
    let labels = decision.labels
    let because: String
    if decision.needsTriage {
      because = "confidence \(TimelineText.thousandths(labels.confidence)) is too low for any rule"
    } else if let rule = decision.rule {
      let place = (explanation.rules.firstIndex { $0.rule == rule } ?? 0) + 1
      because = "rule “\(rule)”, number \(place) of \(explanation.rules.count)"
    } else {
      because = "no rule matched"
    }
    var text = "to \(decision.queue) at priority \(decision.priority.name): \(because)"
    if let full = decision.overflowedFrom { text += "; \(full) was full" }
    if decision.promisesCallback { text += "; the queue was full, and the customer was promised a callback" }
    return text
  }

  private func routing(_ explanation: RoutingExplanation) -> [String] {
    let labels = explanation.decision.labels
    var lines = [
      """
            read as \(labels.category) (\(labels.intent)) with confidence \(TimelineText.thousandths(labels.confidence)), \
      urgency \(labels.urgency.name), sentiment \(labels.sentiment.name), language \(labels.language)
      """
    ]
    var table = TextTable([("", .left), ("rule", .left), ("why", .left)])
    let last = explanation.rules.firstIndex { $0.outcome == .decided } ?? explanation.rules.count - 1
    for verdict in explanation.rules.prefix(last + 1) {
      table.add([mark(verdict.outcome), verdict.rule, why(verdict)])
    }
    if !table.rows.isEmpty { lines += table.text.split(separator: "\n").dropFirst().map { "    \($0)" } }
    let later = explanation.rules.filter { $0.outcome == .later }.map(\.rule)
    if !later.isEmpty { lines.append("      would also match, but come later: \(later.joined(separator: ", "))") }
    if !explanation.alternatives.isEmpty {
      lines.append("      it would have been routed elsewhere")
      lines += explanation.alternatives.map { "        \($0.text)" }
    }
    return lines
  }

  private func mark(_ outcome: RoutingExplanation.RuleVerdict.Outcome) -> String {
    switch outcome {
    case .decided: "→"
    case .failed: "✗"
    case .later, .uncertain: "·"
    }
  }

  private func why(_ verdict: RoutingExplanation.RuleVerdict) -> String {
    switch verdict.outcome {
    case .decided: "matches"
    case .later: "matches, later"
    case .uncertain: "would match, but the label is too uncertain"
    case .failed:
      verdict.trace.failures.map { failure in
        "needs: \(failure.asked)" + (failure.seen.map { " (it is \($0))" } ?? "")
      }.joined(separator: "; ")
    }
  }

  // MARK: Offers

  private func offer(_ explanation: OfferExplanation) -> [String] {
    var lines = ["      required: \(explanation.asked)", "      its turn: \(explanation.turn)"]
    let others = explanation.verdicts.filter { $0.status != .asked }
    let shown = showsAll ? others : Array(others.prefix { $0.status.isNear }.prefix(ExplanationText.agentsShown))
    if !shown.isEmpty {
      var table = TextTable([("agent", .left), ("lost", .left), ("would have been chosen", .left)])
      for verdict in shown {
        table.add([verdict.agent.rawValue, verdict.reason, changes(verdict)])
      }
      lines += table.text.split(separator: "\n").map { "    \($0)" }
    }
    let rest = Dictionary(grouping: others.dropFirst(shown.count), by: \.status)
    for status in OfferExplanation.Status.allCases {
      guard let verdicts = rest[status], let nearest = verdicts.first else { continue }
      let who = verdicts.count == 1 ? "\(nearest.agent)" : "\(verdicts.count) others, such as \(nearest.agent)"
      let more = nearest.counterfactual == nil ? "" : " (\(changes(nearest)))"
      lines.append("      \(who): \(nearest.reason)\(more)")
    }
    return lines
  }

  private func changes(_ verdict: OfferExplanation.Verdict) -> String {
    verdict.counterfactual.map { $0.replacing(" \(verdict.agent) would have been chosen", with: "") } ?? "-"
  }
}

extension OfferExplanation.Status {
  /// Whether the agent was close enough to being chosen to be worth a line.
  var isNear: Bool {
    switch self {
    case .asked, .behind, .paused, .refused, .taken, .full, .inReserve, .language: true
    case .skill, .team, .absent, .unrecorded: false
    }
  }
}
