import DeskCore
import Foundation

/// Entries of a ticket's timeline as sentences. They hold no words of customers, because the timeline holds none.
enum TimelineText {
  /// What happened, in a few words.
  /// - Parameter detail: the entry's particulars, a JSON object.
  static func sentence(kind: String, detail: String) -> String {
    let fields = Fields(detail)
    switch TimelineEntry.Kind(rawValue: kind) {
    case .queued: return "queued in \(fields["queue"]) at priority \(fields["priority"])" + because(fields)
    case .triaged: return "put into \(fields["queue"]) for a person to label (confidence \(fields["confidence"]))"
    case .offered: return "offered to \(fields["agent"])"
    case .accepted: return "accepted" + reason(fields)
    case .declined: return "declined" + reason(fields) + pause(fields)
    case .offerTimedOut: return "\(fields["agent"]) did not answer the offer in time" + pause(fields)
    case .offerWithdrawn:
      return "the offer to \(fields["agent"]) was taken back (\(fields["reason"]))" + pause(fields)
    case .customerWrote: return "the customer wrote again"
    case .replied: return "answered"
    case .pending: return "waits for the customer"
    case .resolved: return "resolved" + reason(fields) + unanswered(fields)
    case .reopened: return "reopened"
    case .closed: return "closed"
    case .rejected: return "rejected: \(fields["reason"])" + unanswered(fields)
    case .requeued: return "back into the queue (\(fields["reason"]))"
    case .queueMoved: return "moved from \(fields["from"]) to \(fields["to"]) (\(fields["reason"]))"
    case .slaWarned: return "warned: \(clock(fields)) at \(fields["share_percent"]) %"
    case .slaBreached: return "LATE: \(clock(fields))"
    case .escalated: return "escalated, step \(fields["step"]) of the ladder\(escalation(fields))"
    case .priorityChanged: return "priority \(fields["from"]) became \(fields["to"]): \(fields["reason"])"
    case .labelled: return "labelled \(fields["category"]) instead of \(fields["was"]): \(fields["reason"])"
    case .transferred:
      let goal = fields.has("to_agent") ? fields["to_agent"] : "the queue \(fields["to_queue"])"
      return "handed to \(goal): \(fields["reason"])"
    case .noted: return "wrote a note"
    case .reclaimed: return "taken from \(fields["agent"]), who did not reply in time" + pause(fields)
    case .linked: return "belongs with \(fields["ticket"]): \(fields["reason"])"
    case .absorbed: return "took in \(fields["ticket"]): \(fields["reason"])"
    case .merged: return "became part of \(fields["ticket"]): \(fields["reason"])" + unanswered(fields)
    case .answered: return "answered by the article \(fields["article"])"
    case .judged:
      let rating = fields.has("rating") ? ", rated \(fields["rating"])" : ""
      return (fields["solved"] == "1" ? "the customer says it is solved" : "the customer says it is not solved")
        + rating
    case .followUpOpened: return "\(fields.has("lead") ? fields["lead"] : "a lead") must look at it"
    case nil: return kind.replacing("_", with: " ")
    }
  }

  /// The labels that a decision looked at; nil for entries without.
  static func labels(detail: String) -> String? {
    let fields = Fields(detail)
    guard fields.has("category"), fields.has("confidence") else { return nil }
    return """
      \(fields["category"]) (\(fields["intent"]), confidence \(fields["confidence"])), urgency \(fields["urgency"]), \
      \(fields["sentiment"]), \(fields["language"]), model \(fields["model"])
      """
  }

  /// A share as people read it.
  static func thousandths(_ share: Double) -> String { String(format: "%.3f", share) }

  private static func reason(_ fields: Fields) -> String {
    fields.has("reason") ? ": \(fields["reason"])" : ""
  }

  /// For how long the agent is left alone with the ticket.
  private static func pause(_ fields: Fields) -> String {
    guard let until = fields.moment("not_before_us") else { return "" }
    let times = fields["times"] == "1" ? "" : " (\(fields["times"]) times in a row)"
    return "\(times); not offered to them again before \(Moment.text(until))"
  }

  /// The promises that ended without an answer.
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
    if fields.has("leads") { parts.append("told \(fields["leads"])") }
    if fields.has("proficiency_less") { parts.append("proficiency less by \(fields["proficiency_less"])") }
    if fields.has("skills_dropped") { parts.append("no longer asks for \(fields["skills_dropped"])") }
    if fields.has("to_queue") { parts.append("handed to \(fields["to_queue"])") }
    return parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")
  }

  private static func clock(_ fields: Fields) -> String { fields["clock"].replacing("_", with: " ") }

  /// An object's members as text.
  private struct Fields {
    private let members: [String: Any]

    init(_ json: String) {
      members = (try? JSONSerialization.jsonObject(with: Data(json.utf8))) as? [String: Any] ?? [:]
    }

    /// Whether there is something under the name: neither null nor an empty list.
    func has(_ name: String) -> Bool {
      guard let value = members[name] else { return false }
      return !Self.text(value).isEmpty
    }

    /// A moment in microseconds.
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
