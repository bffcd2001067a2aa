import DeskCore
import Foundation

/// Timeline entries as sentences. They contain no message text, because the timeline contains none.
enum TimelineText {
  /// Returns a short description of the event.
  /// - Parameter detail: the entry's details, a JSON object.
  static func sentence(kind: String, detail: String) -> String {
    let fields = Fields(detail)
    switch TimelineEntry.Kind(stored: kind) {
    case .queued: return "queued in \(fields["queue"]) at priority \(fields["priority"])" + because(fields)
    case .triaged: return "queued in \(fields["queue"]) for a person to label (confidence \(fields["confidence"]))"
    case .offered: return "offered to \(fields["agent"])"
    case .accepted: return "accepted" + reason(fields)
    case .declined: return "declined" + reason(fields) + pause(fields)
    case .offerTimedOut: return "\(fields["agent"]) did not answer the offer in time" + pause(fields)
    case .offerWithdrawn:
      return "the offer to \(fields["agent"]) was withdrawn (\(fields["reason"]))" + pause(fields)
    case .customerWrote: return "the customer wrote again"
    case .replied: return "answered"
    case .pending: return "waiting for the customer"
    case .resolved: return "resolved" + reason(fields) + unanswered(fields)
    case .reopened: return "reopened"
    case .closed: return "closed"
    case .rejected: return "rejected: \(fields["reason"])" + unanswered(fields)
    case .requeued: return "returned to the queue (\(fields["reason"]))"
    case .queueMoved: return "moved from \(fields["from"]) to \(fields["to"]) (\(fields["reason"]))"
    case .slaWarned: return "warned: \(clock(fields)) at \(fields["share_percent"]) %"
    case .slaBreached: return "LATE: \(clock(fields))"
    case .escalated: return "escalated to step \(fields["step"])\(escalation(fields))"
    case .priorityChanged: return "priority changed from \(fields["from"]) to \(fields["to"]): \(fields["reason"])"
    case .labelled: return "labelled \(fields["category"]) instead of \(fields["was"]): \(fields["reason"])"
    case .transferred:
      let goal = fields.has("to_agent") ? fields["to_agent"] : "the queue \(fields["to_queue"])"
      return "transferred to \(goal): \(fields["reason"])"
    case .noted: return "wrote a note"
    case .reclaimed: return "taken from \(fields["agent"]), who did not reply in time" + pause(fields)
    case .linked: return "linked to \(fields["ticket"]): \(fields["reason"])"
    case .absorbed: return "absorbed \(fields["ticket"]): \(fields["reason"])"
    case .merged: return "merged into \(fields["ticket"]): \(fields["reason"])" + unanswered(fields)
    case .answered: return "answered by the article \(fields["article"])"
    case .feedbackReceived:
      let rating = fields.has("rating") ? ", rated \(fields["rating"])" : ""
      return (fields["solved"] == "1" ? "the customer says it is solved" : "the customer says it is not solved")
        + rating
    case .followUpOpened: return "\(fields.has("lead") ? fields["lead"] : "a lead") must follow up"
    case nil: return kind.replacing("_", with: " ")
    }
  }

  /// Returns the labels used by a decision; nil for entries without labels.
  static func labels(detail: String) -> String? {
    let fields = Fields(detail)
    guard fields.has("category"), fields.has("confidence") else { return nil }
    return """
      \(fields["category"]) (\(fields["intent"]), confidence \(fields["confidence"])), urgency \(fields["urgency"]), \
      \(fields["sentiment"]), \(fields["language"]), model \(fields["model"])
      """
  }

  /// Formats a share for people.
  static func thousandths(_ share: Double) -> String { String(format: "%.3f", share) }

  private static func reason(_ fields: Fields) -> String {
    fields.has("reason") ? ": \(fields["reason"])" : ""
  }

  /// Returns how long the agent is not offered the ticket again.
  private static func pause(_ fields: Fields) -> String {
    guard let until = fields.moment("not_before_us") else { return "" }
    let times = fields["times"] == "1" ? "" : " (\(fields["times"]) times in a row)"
    return "\(times); not offered to them again before \(Moment.text(until))"
  }

  /// Returns the SLA clocks that ended unanswered.
  private static func unanswered(_ fields: Fields) -> String {
    fields.has("unanswered") ? " (unanswered: \(fields["unanswered"].replacing("_", with: " ")))" : ""
  }

  private static func because(_ fields: Fields) -> String {
    var parts: [String] = []
    parts.append(fields.has("rule") ? "by rule “\(fields["rule"])”" : "by default")
    if fields.has("service_level") { parts.append("service level “\(fields["service_level"])”") }
    if fields.has("skills") { parts.append("needs \(fields["skills"])") }
    parts.append("policy \(fields["policy"])")
    return ", " + parts.joined(separator: ", ")
  }

  private static func escalation(_ fields: Fields) -> String {
    var parts: [String] = []
    if fields.has("to_priority") { parts.append("priority \(fields["to_priority"])") }
    if fields.has("leads") { parts.append("notified \(fields["leads"])") }
    if fields.has("proficiency_less") { parts.append("required proficiency reduced by \(fields["proficiency_less"])") }
    if fields.has("skills_dropped") { parts.append("no longer requires \(fields["skills_dropped"])") }
    if fields.has("to_queue") { parts.append("moved to \(fields["to_queue"])") }
    return parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")
  }

  private static func clock(_ fields: Fields) -> String { fields["clock"].replacing("_", with: " ") }

  /// An object's members as text.
  private struct Fields {
    private let members: [String: Any]

    init(_ json: String) {
      members = (try? JSONSerialization.jsonObject(with: Data(json.utf8))) as? [String: Any] ?? [:]
    }

    /// Returns whether the member has a value: neither null nor an empty list.
    func has(_ name: String) -> Bool {
      guard let value = members[name] else { return false }
      return !Self.text(value).isEmpty
    }

    /// Returns a timestamp given in microseconds.
    func moment(_ name: String) -> Instant? {
      (members[name] as? NSNumber).map { Instant(microseconds: $0.int64Value) }
    }

    subscript(name: String) -> String { members[name].map(Self.text) ?? "?" }

    private static func text(_ value: Any) -> String {
      switch value {
      case is NSNull: ""
      case let number as NSNumber:
        number.stringValue.count > 6 ? TimelineText.thousandths(number.doubleValue) : number.stringValue
      case let text as String: text
      case let list as [Any]: list.map(text).joined(separator: ", ")
      case let object as [String: Any]:
        object.keys.sorted().map { "\($0.replacing("_", with: " ")) \(text(object[$0] ?? NSNull()))" }.joined(
          separator: ", ")
      default: "\(value)"
      }
    }
  }
}
