import DeskCore
import Observability
import Store
import SystemPrimitives
import UseCases

/// Applies the policy's reply rules to what agents send, and counts what they find.
struct ReplyInspector: Sendable {
  /// Encrypts the texts of intercepted replies; nil: the texts are not kept.
  var keys: ContactKeyFile?
  /// Where interceptions are counted; nil: nowhere.
  var metrics: MetricsRegistry?

  /// A reply that a rule refuses, to be recorded.
  struct Refusal: Error {
    let inspection: ReplyInspection
    let interception: Interception
  }

  /// What is inspected: everything of the reply that its reader sees.
  struct Reply: Sendable, ExpressibleByStringLiteral {
    let text: String
    /// The names and addresses of its attachments.
    var fileNames: [String] = []
    /// The rules whose warning the agent has read.
    var acknowledged: Set<ReplyRuleID> = []

    init(text: String, fileNames: [String] = [], acknowledged: Set<ReplyRuleID> = []) {
      self.text = text
      self.fileNames = fileNames
      self.acknowledged = acknowledged
    }

    init(stringLiteral text: String) { self.init(text: text) }

    var whole: String { ([text] + fileNames).joined(separator: "\n") }
  }

  /// Inspects a reply for a ticket.
  /// - Returns: what must be recorded with the reply; nil if nothing was found.
  /// - Throws: `Refusal`, and errors of the encryption: a reply whose interception cannot be recorded is not sent.
  func inspect(
    _ reply: Reply, as message: MessageID, on ticket: Ticket, by agent: AgentID, under policy: Policy, at now: Instant
  ) throws -> Interception? {
    let inspection = policy.replyRules.inspect(
      reply.whole, language: ticket.labels?.language, acknowledged: reply.acknowledged)
    guard !inspection.findings.isEmpty else { return nil }
    var random = SystemRandom()
    let id = InterceptionID(at: now, using: &random)
    let interception = Interception(
      id: id, ticket: ticket.id, agent: agent, queue: ticket.queue, message: inspection.isRefused ? nil : message,
      findings: inspection.findings, sealed: try keys?.current.seal(reply.whole, of: id))
    guard inspection.isRefused else { return interception }
    throw Refusal(inspection: inspection, interception: interception)
  }

  /// Counts an interception that was recorded.
  func count(_ interception: Interception) {
    for finding in interception.findings {
      metrics?.counter(
        "frontdesk_reply_interceptions_total",
        help: "Replies of agents in which a rule found a term, by what the rule does and whether the reply was sent.",
        labels: [
          "action": finding.action.rawValue, "rule": finding.rule.rawValue,
          "sent": interception.isRefused ? "false" : "true",
        ]
      ).increment()
    }
  }
}
