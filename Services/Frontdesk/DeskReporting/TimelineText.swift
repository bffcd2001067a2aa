import CommandLineTool
import DeskCore
import Foundation

/// Timeline entries as sentences. They contain no message text, because the timeline contains none.
struct TimelineText {
  let kind: String
  let event: TimelineEvent?

  /// - Parameters:
  ///   - kind: the stored kind; one that this build does not know becomes words.
  ///   - detail: the entry's details, a JSON object. What is missing or unreadable is shown as `?`.
  init(kind: String, detail: String) {
    self.kind = kind
    event = TimelineEvent(kind: kind, detail: detail)
  }

  /// A short description of the event.
  var sentence: String {
    switch event {
    case .queued(let routed):
      "queued in \(Self.text(routed.queue)) at priority \(Self.text(routed.priority?.name))" + Self.because(routed)
    case .triaged(let routed):
      """
      queued in \(Self.text(routed.queue)) for a person to label \
      (confidence \(Self.text(routed.confidence.map(Self.figure))))
      """
    case .offered(let offered): "offered to \(Self.text(offered.agent))"
    case .accepted(let accepted): "accepted" + Self.reason(accepted.reason)
    case .declined(let ended): "declined" + Self.reason(ended.reason) + Self.pause(ended.times, ended.notBefore)
    case .offerTimedOut(let ended):
      "\(Self.text(ended.agent)) did not answer the offer in time" + Self.pause(ended.times, ended.notBefore)
    case .offerWithdrawn(let ended):
      "the offer to \(Self.text(ended.agent)) was withdrawn (\(Self.text(ended.reason)))"
        + Self.pause(ended.times, ended.notBefore)
    case .customerWrote: "the customer wrote again"
    case .replied: "answered"
    case .replyFailed: "a reply did not reach the customer"
    case .pending: "waiting for the customer"
    case .resolved(let resolved): "resolved" + Self.reason(resolved.reason) + Self.unanswered(resolved.unanswered)
    case .reopened: "reopened"
    case .closed: "closed"
    case .rejected(let rejected): "rejected: \(Self.text(rejected.reason))" + Self.unanswered(rejected.unanswered)
    case .requeued(let requeued): "returned to the queue (\(Self.text(requeued.reason)))"
    case .queueMoved(let moved):
      "moved from \(Self.text(moved.from)) to \(Self.text(moved.to)) (\(Self.text(moved.reason)))"
    case .slaWarned(let reached):
      "warned: \(Self.words(reached.clock)) at \(Self.text(reached.sharePercent)) %"
    case .slaBreached(let reached): "LATE: \(Self.words(reached.clock))"
    case .escalated(let escalated): "escalated to step \(Self.text(escalated.step))" + Self.actions(escalated)
    case .priorityChanged(let changed):
      """
      priority changed from \(Self.text(changed.from?.name)) to \(Self.text(changed.to?.name)): \
      \(Self.text(changed.reason))
      """
    case .labelled(let labelled):
      """
      labelled \(Self.text(labelled.category)) instead of \(Self.text(labelled.formerCategory)): \
      \(Self.text(labelled.reason))
      """
    case .transferred(let transferred):
      "transferred to \(transferred.toAgent?.rawValue ?? "the queue \(Self.text(transferred.toQueue))"): "
        + Self.text(transferred.reason)
    case .noted: "wrote a note"
    case .reclaimed(let reclaimed):
      "taken from \(Self.text(reclaimed.agent)), who did not reply in time"
        + Self.pause(reclaimed.times, reclaimed.notBefore)
    case .linked(let linked): "linked to \(Self.text(linked.ticket)): \(Self.text(linked.reason))"
    case .absorbed(let absorbed): "absorbed \(Self.text(absorbed.ticket)): \(Self.text(absorbed.reason))"
    case .merged(let merged):
      "merged into \(Self.text(merged.ticket)): \(Self.text(merged.reason))" + Self.unanswered(merged.unanswered)
    case .answered(let answered): "answered by the article \(Self.text(answered.article))"
    case .feedbackReceived(let feedback):
      (feedback.isSolved == true ? "the customer says it is solved" : "the customer says it is not solved")
        + (feedback.rating.map { ", rated \($0)" } ?? "")
    case .followUpOpened(let opened): "\(opened.lead?.rawValue ?? "a lead") must follow up"
    case .greeted(let greeted): Self.text(greeted)
    case .confirmed(let confirmed):
      """
      the customer's closing words confirm that it is settled (\(Self.percent(confirmed.share)) of the message, \
      at least \(Self.percent(confirmed.threshold)))
      """
    case .rerouted(let rerouted): Self.text(rerouted)
    case .moveSuggested(let suggested):
      "\(Self.text(suggested.agent)) was notified: the rules now name \(Self.text(suggested.routed.queue)) "
        + "at priority \(Self.text(suggested.routed.priority?.name))" + Self.because(suggested.routed)
    case .moveDeclined(let declined):
      "declined the move to \(Self.text(declined.queue))" + Self.reason(declined.reason)
    case .progressSent(let sent): "notified the customer: \(Self.text(sent.progress?.rawValue))"
    case .callBackPromised(let step): "promised a call-back" + Self.callBack(step) + Self.reason(step.reason)
    case .callBackMoved(let step):
      "moved the call-back" + Self.callBack(step) + (step.formerOwner.map { ", before by \($0)" } ?? "")
        + Self.reason(step.reason)
    case .callBackWarned(let step): "the call-back is due soon" + Self.callBack(step)
    case .callBackBroken(let step): "BROKEN: the call-back" + Self.callBack(step) + Self.reason(step.reason)
    case .callBackEnded(let step):
      "the call-back is over, \(Self.text(step.state?.rawValue))" + Self.reason(step.reason)
    case .crisisAnswered(let answered):
      "got the prepared answer \(Self.text(answered.crisisAnswer)) of the crisis \(Self.text(answered.cause))"
        + (answered.match.map { " (matched by \($0.rawValue))" } ?? "")
    case .asked(let asked):
      """
      asked the customer for \(Self.text(asked.field)) (\(Self.text(asked.questionnaire)), attempt \(Self.text(asked.attempt)), \
      question \(Self.text(asked.turn)))
      """ + (asked.heldUntil.map { "; waits for the answer until \(Moment.text($0))" } ?? "")
    case .answeredQuestion(let answered):
      "the customer \(answered.isAsked ? "answered" : "gave unasked"): \(Self.list(answered.fields))"
    case .questionsEnded(let ended):
      """
      asks no further question (\(Self.text(ended.reason?.rawValue.replacing("_", with: " "))), \
      asked \(Self.text(ended.turns)))
      """
    case .consultAsked(let step): "consulted \(Self.consulted(step))"
    case .consultAnswered(let step): "answered the consult of \(Self.text(step.asker))"
    case .consultWithdrawn(let step): "withdrew the consult of \(Self.consulted(step))"
    case nil: kind.replacing("_", with: " ")
    }
  }

  /// The labels used by a decision; nil for entries without labels.
  var labels: String? {
    guard let routed = event?.routed, let category = routed.category, let confidence = routed.confidence else {
      return nil
    }
    return """
      \(category) (\(Self.text(routed.intent)), confidence \(Self.figure(confidence))), \
      urgency \(Self.text(routed.urgency?.name)), \(Self.text(routed.sentiment?.name)), \(Self.text(routed.language)), \
      model \(Self.text(routed.modelVersion))
      """
  }

  /// Formats a share for people.
  static func thousandths(_ share: Double) -> String { String(format: "%.3f", share) }

  /// A share as short as it can be.
  private static func figure(_ share: Double) -> String {
    let text = share == share.rounded() ? String(format: "%.0f", share) : "\(share)"
    return text.count > 6 ? thousandths(share) : text
  }

  static func text(_ value: (some CustomStringConvertible)?) -> String { value?.description ?? "?" }

  private static func words(_ clock: ServiceLevelClocks.Name?) -> String {
    text(clock?.rawValue.replacing("_", with: " "))
  }

  private static func reason(_ reason: String?) -> String {
    reason.map { $0.isEmpty ? "" : ": \($0)" } ?? ""
  }

  /// Returns how long the agent is not offered the ticket again.
  private static func pause(_ times: Int32?, _ until: Instant?) -> String {
    guard let until else { return "" }
    return (times == 1 ? "" : " (\(text(times)) times in a row)")
      + "; not offered to them again before \(Moment.text(until))"
  }

  private static func callBack(_ step: TimelineEvent.CallBackStep) -> String {
    " until \(step.dueAt.map { Moment.text($0) } ?? "?")" + (step.owner.map { " by \($0)" } ?? "")
      + (step.origin == .overload ? " (all queues are full)" : "")
  }

  private static func consulted(_ step: TimelineEvent.ConsultStep) -> String {
    step.productLine.map { "the interface people of \($0)" } ?? text(step.consulted)
  }

  /// Returns the SLA clocks that ended unanswered.
  private static func unanswered(_ clocks: [ServiceLevelClocks.Name]) -> String {
    clocks.isEmpty ? "" : " (unanswered: \(clocks.map(words).joined(separator: ", ")))"
  }

  private static func text(_ greeted: TimelineEvent.Greeted) -> String {
    "the customer has only greeted (\(percent(greeted.share)) of the message, at least \(percent(greeted.threshold)))"
      + (greeted.reply == nil ? "" : "; a greeting was sent")
      + (greeted.heldUntil.map { "; waits for the concern until \(Moment.text($0))" } ?? "")
  }

  private static func text(_ rerouted: TimelineEvent.Rerouted) -> String {
    let routed = rerouted.routed
    let (queue, priority) = (rerouted.keptQueue ?? routed.queue, rerouted.keptPriority ?? routed.priority)
    var parts: [String] = []
    if queue != rerouted.fromQueue { parts.append("moved from \(text(rerouted.fromQueue)) to \(text(queue))") }
    if priority != rerouted.fromPriority {
      parts.append("priority changed from \(text(rerouted.fromPriority?.name)) to \(text(priority?.name))")
    }
    if parts.isEmpty { parts.append("routed again in \(text(queue))") }
    return parts.joined(separator: ", ") + because(routed) + reason(rerouted.reason)
  }

  private static func percent(_ share: Double?) -> String {
    share.map { String(format: "%.0f %%", $0 * 100) } ?? "?"
  }

  private static func because(_ routed: TimelineEvent.Routed) -> String {
    var parts = [routed.rule.map { "by rule “\($0)”" } ?? "by default"]
    if let level = routed.serviceLevel { parts.append("service level “\(level)”") }
    if let skills = routed.skills, !skills.isEmpty {
      parts.append("needs \(skills.map { "\($0.skill):\($0.proficiency)" }.joined(separator: ", "))")
    }
    parts.append("policy \(text(routed.policyVersion))")
    return ", " + parts.joined(separator: ", ")
  }

  private static func actions(_ escalated: TimelineEvent.Escalated) -> String {
    var parts: [String] = []
    if let priority = escalated.toPriority { parts.append("priority \(priority.name)") }
    if let leads = escalated.leads, !leads.isEmpty { parts.append("notified \(list(leads))") }
    if let less = escalated.proficiencyLess { parts.append("required proficiency reduced by \(less)") }
    if let skills = escalated.skillsDropped, !skills.isEmpty { parts.append("no longer requires \(list(skills))") }
    if let queue = escalated.toQueue { parts.append("moved to \(queue)") }
    return parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")
  }

  private static func list(_ names: [some CustomStringConvertible]) -> String {
    names.map(\.description).joined(separator: ", ")
  }
}
