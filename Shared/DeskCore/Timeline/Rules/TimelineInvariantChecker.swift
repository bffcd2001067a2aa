/// Walks through one ticket's timeline, finds steps that its lifecycle does not allow, and records when it waited and which agents
/// had it.
struct TimelineInvariantChecker {
  /// The share of an agent's capacity that a ticket takes.
  enum Share: Sendable, Hashable {
    case part(Int32)
    /// All of it: the agent may have nothing else meanwhile.
    case whole
  }

  /// A period in which an agent was offered the ticket or had it.
  struct Holding: Sendable, Equatable {
    let ticket: TicketID
    let agent: AgentID
    let weight: Share
    let from: Instant
    /// Nil while it lasts.
    var to: Instant?
  }

  /// A period in which the ticket waited for an agent, and the inputs of its queue position.
  struct Waiting: Sendable, Equatable {
    /// The properties that must be equal for the age alone to decide.
    struct Likeness: Sendable, Hashable {
      var queue: QueueID?
      var priority: Priority?
      var tier: CustomerTier?
      var skills: [SkillRequirement] = []
      var language: String?
      var serviceLevel: String?
      var weight = Share.part(1)
    }

    let ticket: TicketID
    let likeness: Likeness
    /// The start of its total waiting time, earlier offers included.
    let since: Instant
    let from: Instant
    var to: Instant?
    let refusedBy: Set<AgentID>
    /// The agent it was finally offered to; nil when it left otherwise.
    var offeredTo: AgentID?
    /// When the round began that decided it.
    var decidedAt: Instant?
    /// The time of its first SLA breach; nil when all targets were met so far.
    var lateFrom: Instant?
  }

  private enum Place: Hashable {
    case received, waiting, offered, assigned, pending, answered, resolved, ended
  }

  let ticket: TicketID
  private(set) var breaches: [RuleBreach] = []
  private(set) var holdings: [Holding] = []
  private(set) var waitings: [Waiting] = []
  /// Unknown kinds, which are not checked.
  private(set) var unknownKinds: Set<String> = []

  /// Its possible states: after a reply the timeline does not show whether the ticket still waits for the customer.
  private var places: Set<Place> = [.received]
  private var version: Int32 = 1
  private var position: Int16 = -1
  private var holder: AgentID?
  private var offer: OfferID?
  private var likeness = Waiting.Likeness()
  private var waitingSince: Instant?
  private var refusedBy: Set<AgentID> = []
  /// The agents whom it must not be offered to, and until when.
  private var pauses: [AgentID: Instant] = [:]
  /// Whether an agent had the ticket before: it goes back to that agent, so age alone does not decide its position.
  private var hadAgent = false
  private var promises = SLAInvariantChecker()
  /// The last entry into each state of which the customer was notified.
  private var progress: [ProgressEvent: Int] = [:]

  init(_ ticket: TicketID) {
    self.ticket = ticket
  }

  var hasEnded: Bool { places == [.ended] }

  mutating func take(_ fact: TimelineFact) {
    checkStep(fact)
    if let problem = promises.take(fact) { note(.promises, fact, problem) }
    if case .slaBreached = fact.event, let open = waitings.indices.last, waitings[open].to == nil {
      waitings[open].lateFrom = fact.at
    }
    move(fact)
  }

  private mutating func note(_ rule: DeskRule, _ fact: TimelineFact, _ text: String) {
    breaches.append(RuleBreach(rule: rule, ticket: ticket, at: fact.at, text: text))
  }

  private mutating func checkStep(_ fact: TimelineFact) {
    // Events committed together are one step and count one version each.
    let follows = fact.version == version ? fact.position == position + 1 : fact.position == 0
    if !follows || fact.version < version {
      note(
        .life, fact, "\(fact.kind) is step \(fact.version).\(fact.position) after \(version).\(max(0, position))")
    }
    version = fact.version
    position = fact.position
  }

  // MARK: - Moves

  private mutating func move(_ fact: TimelineFact) {
    switch fact.event {
    case .queued(let routed), .triaged(let routed): decide(fact, routed, to: .waiting)
    case .answered(let answered): decide(fact, answered.routed, to: .answered)
    case .rejected: go(fact, from: [.received], to: .ended)
    case .offered(let offered):
      go(fact, from: [.waiting], to: .offered)
      if let agent = offered.agent, let until = pauses[agent], fact.at < until - RuleTolerance.moments {
        note(.pauses, fact, "\(agent.rawValue) was offered it again \(until - fact.at) before the pause ended")
      }
      offerTo(offered.agent, offered.offer, decidedAt: offered.decidedAt, fact)
    case .accepted(let accepted):
      go(fact, from: [.offered], to: .assigned)
      if accepted.offer != offer || fact.actingAgent != holder {
        note(.hands, fact, "\(fact.actor) accepted what was offered to \(holder?.rawValue ?? "no one")")
      }
      hadAgent = true
    case .declined(let ended), .offerTimedOut(let ended): endOffer(fact, ended, isRefusal: true)
    case .offerWithdrawn(let ended): endOffer(fact, ended, isRefusal: false)
    case .requeued(let requeued):
      takeBack(
        fact, from: requeued.agent, since: fact.at,
        agentLeft: requeued.reason == TimelineEvent.ServiceReason.agentLeft.rawValue)
    case .reclaimed(let reclaimed):
      pause(reclaimed.agent, until: reclaimed.notBefore)
      takeBack(fact, from: reclaimed.agent, since: reclaimed.owedSince ?? fact.at, agentLeft: false)
    case .transferred(let transferred): transfer(fact, transferred)
    case .labelled(let labelled): label(fact, labelled)
    case .replied, .pending, .resolved: work(fact)
    case .customerWrote(let wrote):
      // Greetings and closing words leave the conversation's labels as they are.
      receive(fact, in: wrote.act == nil ? wrote.language : "und")
    case .reopened:
      // No entry records how much SLA time was used before the article: age alone no longer decides.
      if places.contains(.answered) { hadAgent = true }
      go(fact, from: [.answered, .resolved], to: .waiting)
      refusedBy = []
      pauses = [:]
      wait(fact, since: fact.at)
    case .closed:
      go(fact, from: [.answered, .resolved], to: .ended)
    case .merged:
      stopWaiting(fact)
      release(fact)
      places = [.ended]
    case .feedbackReceived, .confirmed: go(fact, from: [.answered, .resolved])
    case .asked, .answeredQuestion, .questionsEnded:
      if hasEnded { note(.life, fact, "\(fact.kind) after the ticket had ended") }
      if case .asked = fact.event { go(fact, from: [.waiting]) }
      // It waits for an answer, so that its age alone does not decide its position; and an answer leaves the language as it is.
      stopWaiting(fact)
      hadAgent = true
    case .greeted:
      // It may wait for the concern, so that its age alone does not decide its position.
      stopWaiting(fact)
      hadAgent = true
    case .rerouted(let rerouted): reroute(fact, rerouted)
    case .moveSuggested, .moveDeclined: go(fact, from: [.assigned, .pending])
    case .absorbed(let absorbed):
      if hasEnded { note(.life, fact, "a ticket became part of one that had ended") }
      if absorbed.replyDueSince != nil { oweReply(fact) }
    case .replyFailed:
      if hasEnded || places == [.received] { note(.life, fact, "a reply failed on a ticket that was not open") }
      oweReply(fact)
    case .callBackEnded:
      // A merge ends it after the ticket.
      break
    case .slaWarned, .slaBreached, .noted, .linked, .followUpOpened, .callBackPromised, .callBackMoved, .callBackWarned,
      .callBackBroken, .crisisAnswered, .consultAsked, .consultAnswered, .consultWithdrawn:
      if hasEnded { note(.life, fact, "\(fact.kind) after the ticket had ended") }
    case .progressSent(let sent): notifyOfProgress(fact, sent)
    case .escalated, .priorityChanged, .queueMoved:
      if hasEnded { note(.life, fact, "\(fact.kind) after the ticket had ended") }
      // From here on its age alone no longer decides its position.
      stopWaiting(fact)
      hadAgent = true
    case nil: unknownKinds.insert(fact.kind)
    }
  }

  /// A customer is notified of each entry into a state once at most.
  private mutating func notifyOfProgress(_ fact: TimelineFact, _ sent: TimelineEvent.ProgressSent) {
    if hasEnded { note(.life, fact, "\(fact.kind) after the ticket had ended") }
    guard let event = sent.progress, let occurrence = sent.occurrence else { return }
    if occurrence <= progress[event, default: 0] {
      note(.life, fact, "the customer was notified twice of '\(event.rawValue)' number \(occurrence)")
    }
    progress[event] = occurrence
  }

  /// Applies a decision's data about the ticket's position.
  private mutating func decide(_ fact: TimelineFact, _ routed: TimelineEvent.Routed, to place: Place) {
    go(fact, from: [.received], to: place)
    likeness = Waiting.Likeness(
      queue: routed.queue, priority: routed.priority, tier: routed.tier, skills: routed.skills ?? [],
      language: routed.language, serviceLevel: routed.serviceLevel,
      weight: Self.share(of: routed))
    if place == .waiting { wait(fact, since: routed.openedAt ?? ticket.instant) }
  }

  private static func share(of routed: TimelineEvent.Routed) -> Share {
    routed.weight == TicketWeight.whole ? .whole : .part(routed.weight)
  }

  private mutating func endOffer(_ fact: TimelineFact, _ ended: TimelineEvent.OfferEnded, isRefusal: Bool) {
    if ended.offer != offer { note(.hands, fact, "another offer was open") }
    go(fact, from: [.offered], to: .waiting)
    if isRefusal, let agent = ended.agent { refusedBy.insert(agent) }
    pause(ended.agent, until: ended.notBefore)
    release(fact)
    wait(fact, since: waitingSince)
  }

  private mutating func transfer(_ fact: TimelineFact, _ transferred: TimelineEvent.Transferred) {
    let agent = transferred.toAgent
    go(fact, from: [.waiting, .offered, .assigned, .pending], to: agent == nil ? .waiting : .offered)
    stopWaiting(fact)
    release(fact)
    pauses = [:]
    // From here on people decide its routing.
    hadAgent = true
    if let agent {
      offerTo(agent, transferred.offer, decidedAt: nil, fact)
    } else {
      wait(fact, since: waitingSince ?? fact.at)
    }
  }

  private mutating func label(_ fact: TimelineFact, _ labelled: TimelineEvent.Labelled) {
    guard labelled.queue != nil else { return }
    stopWaiting(fact)
    release(fact)
    pauses = [:]
    places = [.waiting]
    hadAgent = true
    wait(fact, since: waitingSince ?? fact.at)
  }

  /// The rules were run again: other requirements, and so other comparable tickets.
  private mutating func reroute(_ fact: TimelineFact, _ rerouted: TimelineEvent.Rerouted) {
    go(fact, from: [.waiting, .offered, .assigned, .pending])
    stopWaiting(fact)
    hadAgent = true
    let isMoved = rerouted.keptQueue == nil && rerouted.routed.queue != rerouted.fromQueue
    if isMoved {
      pauses = [:]
      likeness.weight = Self.share(of: rerouted.routed)
    }
    guard let agent = rerouted.fromAgent else { return }
    if agent != holder { note(.hands, fact, "\(agent.rawValue) did not have it") }
    release(fact)
    places = [.waiting]
    wait(fact, since: waitingSince ?? fact.at)
  }

  private mutating func takeBack(_ fact: TimelineFact, from agent: AgentID?, since: Instant, agentLeft: Bool) {
    if let agent, agent != holder { note(.hands, fact, "\(agent.rawValue) did not have it") }
    let staysPending = places == [.pending] && agentLeft
    go(fact, from: [.offered, .assigned, .pending])
    release(fact)
    guard !staysPending else { return }
    places = [.waiting]
    wait(fact, since: since)
  }

  private mutating func work(_ fact: TimelineFact) {
    if case .resolved = fact.event, places.contains(.answered) {
      go(fact, from: [.answered], to: .resolved)
      return
    }
    pauses = [:]
    if fact.actingAgent != holder {
      note(.hands, fact, "\(fact.actor) worked on what \(holder?.rawValue ?? "no one") had")
    }
    switch fact.event {
    case .replied:
      let wasPending = places.contains(.pending)
      go(fact, from: [.assigned, .pending])
      if wasPending { places = [.assigned, .pending] }
    case .pending: go(fact, from: [.assigned], to: .pending)
    default:
      go(fact, from: [.assigned, .pending], to: .resolved)
      release(fact)
    }
  }

  private mutating func receive(_ fact: TimelineFact, in language: String?) {
    if hasEnded || places == [.received] { note(.life, fact, "a message was added to a ticket that was not open") }
    // The matching agents depend on the language of the newest message that shows one.
    if language != "und" { likeness.language = language ?? likeness.language }
    if language == nil { hadAgent = true }
    if places == [.waiting] {
      stopWaiting(fact)
      // Offers in flight at this time refer to another version of the ticket.
      wait(fact, since: waitingSince, from: fact.at + RuleTolerance.commit)
    }
    oweReply(fact)
  }

  /// Resumes a ticket that waited for its customer.
  private mutating func oweReply(_ fact: TimelineFact) {
    guard places.contains(.pending) else { return }
    if holder == nil {
      places = [.waiting]
      wait(fact, since: fact.at)
    } else {
      places = [.assigned]
    }
  }

  /// An agent released it and is not offered it for a while: comparable tickets may be offered to them meanwhile.
  private mutating func pause(_ agent: AgentID?, until: Instant?) {
    guard let agent, let until else { return }
    pauses[agent] = until
    refusedBy.insert(agent)
  }

  // MARK: - States, agents and waiting

  /// Moves to the state that an entry leads to, from one of the states that allow it.
  private mutating func go(_ fact: TimelineFact, from allowed: Set<Place>, to place: Place? = nil) {
    if places.isDisjoint(with: allowed) {
      note(
        .life, fact, "\(fact.kind) where the ticket was \(places.map { "\($0)" }.sorted().joined(separator: " or "))")
    }
    if let place {
      if place != .waiting { stopWaiting(fact) }
      places = [place]
    } else {
      places.formIntersection(allowed)
      if places.isEmpty { places = allowed }
    }
  }

  private mutating func offerTo(_ agent: AgentID?, _ made: OfferID?, decidedAt: Instant?, _ fact: TimelineFact) {
    guard let agent else { return }
    if let holder { note(.hands, fact, "\(holder.rawValue) still had it when \(agent.rawValue) was offered it") }
    if let last = waitings.indices.last, waitings[last].to == fact.at {
      waitings[last].offeredTo = agent
      waitings[last].decidedAt = decidedAt ?? fact.at
    }
    holder = agent
    offer = made
    holdings.append(Holding(ticket: ticket, agent: agent, weight: likeness.weight, from: fact.at, to: nil))
  }

  private mutating func release(_ fact: TimelineFact) {
    if holder != nil, let last = holdings.indices.last { holdings[last].to = fact.at }
    holder = nil
    offer = nil
  }

  private mutating func wait(_ fact: TimelineFact, since: Instant?, from: Instant? = nil) {
    waitingSince = since
    guard !hadAgent, let since else { return }
    waitings.append(
      Waiting(
        ticket: ticket, likeness: likeness, since: since, from: from ?? fact.at, to: nil, refusedBy: refusedBy,
        offeredTo: nil, lateFrom: promises.isAnyBroken ? fact.at : nil))
  }

  private mutating func stopWaiting(_ fact: TimelineFact) {
    if let last = waitings.indices.last, waitings[last].to == nil { waitings[last].to = fact.at }
  }
}
