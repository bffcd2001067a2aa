// Which progress notices follow from a ticket's steps, and when they are sent.

extension Ticket {
  /// Plans the notice of the state that a step enters, and drops a waiting one that it overtakes. Nothing else of a step depends on it.
  ///
  /// - Parameters:
  ///   - event: the step's event.
  ///   - former: the ticket before.
  mutating func followProgress(of event: TicketEvent, since former: Ticket, under policy: Policy, now: Instant) {
    guard !policy.life.progress.channels.isEmpty, policy.life.progress.channels.contains(addressee.channel) else {
      progress.pending = nil
      return
    }
    let rules = policy.life.progress
    switch event {
    case .progressDue: return
    // The customer has heard from a person: what the notice says is no news.
    case .replied: progress.pending = nil
    default: if let pending = progress.pending, !isStill(pending) { progress.pending = nil }
    }
    guard let entered = progressEvent(since: former) else { return }
    if entered == .reopened { progress.announcedAgent = nil }
    guard let notice = rules.notices[entered] else { return }
    let occurrence = progress.occurrences[entered, default: 0] + 1
    progress.occurrences[entered] = occurrence
    progress.pending = ProgressState.Pending(
      event: entered, occurrence: occurrence, agent: agent, since: now,
      due: rules.sendingTime(from: now + notice.after, lastSentAt: progress.lastSentAt))
  }

  /// The state of which the customer is notified that a step has entered; nil when it is none, or the same as before.
  private func progressEvent(since former: Ticket) -> ProgressEvent? {
    switch state {
    case .queued, .triage, .offered:
      if reopenCount > former.reopenCount { return .reopened }
      // A greeting has raised no concern yet.
      let isNews = former.state == .received || former.conversation.awaitsConcern
      return isNews && !conversation.awaitsConcern ? .received : nil
    case .assigned:
      return former.state == .offered && agent != progress.announcedAgent ? .assigned : nil
    case .pending:
      return former.state == .pending ? nil : .waiting
    case .resolved:
      // What an article settled, the customer has said.
      return former.state == .resolved || former.state == .answered ? nil : .solved
    case .received, .answered, .closed, .rejected:
      return nil
    }
  }

  /// Whether the ticket is still in the state of a notice.
  private func isStill(_ pending: ProgressState.Pending) -> Bool {
    switch pending.event {
    case .received, .reopened: state.waitsForAgent || state == .offered
    case .assigned: state == .assigned && agent == pending.agent
    case .waiting: state == .pending
    case .solved: state == .resolved && confirmedAt == nil
    }
  }

  /// Whether the customer to notify was erased, so that no notice can reach them: an erasure renames the customers of live tickets.
  private var isErased: Bool { addressee.customer.hasSameBytes(as: "erased:\(id)") }

  /// What happens to the waiting notice now. A function of the ticket, the policy and the time, so that whoever writes the text and
  /// `handle(_:now:under:)` decide the same.
  public func progressDecision(at now: Instant, under policy: Policy) -> ProgressDecision {
    guard let pending = progress.pending, pending.due <= now else { return .nothing }
    // Whoever asks has yet to learn of the policy that decided on the ticket, which may be the first to ask for the notice.
    guard policy.version >= policyVersion else { return .nothing }
    let rules = policy.life.progress
    guard rules.channels.contains(addressee.channel), rules.notices[pending.event] != nil, isStill(pending), !isErased
    else {
      return .drop
    }
    let moment = rules.sendingTime(from: now, lastSentAt: progress.lastSentAt)
    return moment > now ? .postpone(until: moment) : .send(pending)
  }

  /// Sends, postpones or drops the waiting notice. It changes no clock and no state.
  mutating func settleProgress(
    _ message: MessageID, in language: String, under policy: Policy, now: Instant
  ) -> [TicketEffect] {
    switch progressDecision(at: now, under: policy) {
    case .nothing:
      return []
    case .drop:
      progress.pending = nil
      return []
    case .postpone(let until):
      progress.pending?.due = until
      return []
    case .send(let pending):
      progress.pending = nil
      progress.lastSentAt = now
      if pending.event == .assigned { progress.announcedAgent = pending.agent }
      let name: [JSONValue.Field] = [
        .init("progress", .text(pending.event.rawValue)), .init("occurrence", .integer(Int64(pending.occurrence))),
      ]
      return [
        .record(
          TimelineEntry(
            .progressSent(.init(pending, message: message, language: language)), by: .service("sla-watcher"))),
        .notify(.messageReplied, summary(to: addressee, message: message, extra: name)),
      ]
    }
  }
}
