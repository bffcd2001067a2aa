import DeskCore

/// Walks along one ticket's timeline, finds what the life of a ticket does not allow, and notes when it waited and in whose hands it
/// was.
struct TicketWalk {
  /// How much of an agent a ticket takes.
  enum Share: Sendable, Hashable {
    case part(Int32)
    /// All of them: nothing else may be in hand meanwhile.
    case whole
  }

  /// A time in which an agent was asked for the ticket or had it.
  struct Holding: Sendable, Equatable {
    let ticket: TicketID
    let agent: AgentID
    let weight: Share
    let from: Instant
    /// Nil while it lasts.
    var to: Instant?
  }

  /// A time in which the ticket waited for an agent, and what its place in the queue hangs on.
  struct Waiting: Sendable, Equatable {
    /// What must be equal for the age alone to decide.
    struct Likeness: Sendable, Hashable {
      var queue: String
      var priority: String
      var tier: String
      var skills: [String]
      var language: String
      var serviceLevel: String
      var weight: Share
    }

    let ticket: TicketID
    let likeness: Likeness
    /// Since when it waits in all, earlier offers included.
    let since: Instant
    let from: Instant
    var to: Instant?
    let refusedBy: Set<AgentID>
    /// Whom it was offered to in the end; nil when it left otherwise.
    var offeredTo: AgentID?
    /// When that was decided.
    var decidedAt: Instant?
    /// Since when a promise of it is broken; nil when all were kept so far.
    var lateFrom: Instant?
  }

  private enum Place: Hashable {
    case received, waiting, offered, assigned, pending, answered, resolved, ended
  }

  let ticket: TicketID
  private(set) var breaches: [RuleBreach] = []
  private(set) var holdings: [Holding] = []
  private(set) var waitings: [Waiting] = []
  /// Kinds that are not known here, which are not judged.
  private(set) var unknownKinds: Set<String> = []

  /// Where it may stand: after a reply the timeline does not say whether the customer is awaited still.
  private var places: Set<Place> = [.received]
  private var version: Int32 = 1
  private var position: Int16 = -1
  private var holder: AgentID?
  private var offer: String?
  private var likeness = Waiting.Likeness(
    queue: "", priority: "", tier: "", skills: [], language: "", serviceLevel: "", weight: .part(1))
  private var waitingSince: Instant?
  private var refusedBy: Set<AgentID> = []
  /// Who is left alone with it, and until when.
  private var pauses: [AgentID: Instant] = [:]
  /// A ticket that an agent had before goes back to that agent: its place is not decided by age alone.
  private var hadAgent = false
  private var promises = PromiseWalk()

  init(_ ticket: TicketID) {
    self.ticket = ticket
  }

  var hasEnded: Bool { places == [.ended] }

  mutating func take(_ fact: TimelineFact) {
    checkStep(fact)
    if let problem = promises.take(fact) { note(.promises, fact, problem) }
    if fact.kind == "sla_breached", let open = waitings.indices.last, waitings[open].to == nil {
      waitings[open].lateFrom = fact.at
    }
    move(fact)
  }

  private mutating func note(_ rule: DeskRule, _ fact: TimelineFact, _ text: String) {
    breaches.append(RuleBreach(rule: rule, ticket: ticket, at: fact.at, text: text))
  }

  private mutating func checkStep(_ fact: TimelineFact) {
    // What came together is one step, and counts as many versions as there were events in it.
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
    switch fact.kind {
    case "queued", "triaged": decide(fact, to: .waiting)
    case "answered": decide(fact, to: .answered)
    case "rejected": go(fact, from: [.received], to: .ended)
    case "offered":
      go(fact, from: [.waiting], to: .offered)
      if let agent = fact.agent("agent"), let until = pauses[agent], fact.at < until - RuleTolerance.moments {
        note(.pauses, fact, "\(agent.rawValue) was asked again \(until - fact.at) before the pause ended")
      }
      offerTo(fact.agent("agent"), fact)
    case "accepted":
      go(fact, from: [.offered], to: .assigned)
      if fact.text("offer") != offer || fact.actingAgent != holder {
        note(.hands, fact, "\(fact.actor) accepted what was offered to \(holder?.rawValue ?? "nobody")")
      }
      hadAgent = true
    case "declined", "offer_timed_out", "offer_withdrawn":
      if fact.text("offer") != offer { note(.hands, fact, "another offer was open") }
      go(fact, from: [.offered], to: .waiting)
      if fact.kind != "offer_withdrawn", let agent = fact.agent("agent") { refusedBy.insert(agent) }
      pause(fact)
      release(fact)
      wait(fact, since: waitingSince)
    case "requeued", "reclaimed":
      pause(fact)
      takeBack(fact)
    case "transferred": transfer(fact)
    case "labelled": label(fact)
    case "replied", "pending", "resolved": work(fact)
    case "customer_wrote": hear(fact)
    case "reopened":
      // What its promise had used before the article, no entry tells: its age alone does not decide any more.
      if places.contains(.answered) { hadAgent = true }
      go(fact, from: [.answered, .resolved], to: .waiting)
      refusedBy = []
      pauses = [:]
      wait(fact, since: fact.at)
    case "closed":
      go(fact, from: [.answered, .resolved], to: .ended)
    case "merged":
      stopWaiting(fact)
      release(fact)
      places = [.ended]
    case "judged": go(fact, from: [.answered, .resolved])
    case "absorbed":
      if hasEnded { note(.life, fact, "a ticket became part of one that had ended") }
      if fact.moment("reply_owed_since_us") != nil { oweReply(fact) }
    case "sla_warned", "sla_breached", "noted", "linked", "follow_up_opened":
      if hasEnded { note(.life, fact, "\(fact.kind) after the ticket had ended") }
    case "escalated", "priority_changed", "queue_moved":
      if hasEnded { note(.life, fact, "\(fact.kind) after the ticket had ended") }
      // From here on more than its age decides on its place.
      stopWaiting(fact)
      hadAgent = true
    default: unknownKinds.insert(fact.kind)
    }
  }

  private mutating func decide(_ fact: TimelineFact, to place: Place) {
    go(fact, from: [.received], to: place)
    likeness.tier = fact.text("tier") ?? ""
    restate(fact)
    if place == .waiting { wait(fact, since: fact.moment("opened_at_us") ?? ticket.instant) }
  }

  /// Takes over what a decision says of the ticket's place.
  private mutating func restate(_ fact: TimelineFact) {
    likeness.queue = fact.text("to_queue") ?? fact.text("queue") ?? likeness.queue
    likeness.priority = fact.text("priority") ?? likeness.priority
    likeness.language = fact.text("language") ?? likeness.language
    likeness.serviceLevel = fact.text("service_level") ?? likeness.serviceLevel
    likeness.skills = fact.texts("skills")
    if let weight = fact.number("weight") { likeness.weight = .part(Int32(clamping: weight)) }
    if fact.text("weight") == "whole" { likeness.weight = .whole }
  }

  private mutating func transfer(_ fact: TimelineFact) {
    go(fact, from: [.waiting, .offered, .assigned, .pending], to: fact.text("to_agent") == nil ? .waiting : .offered)
    stopWaiting(fact)
    release(fact)
    pauses = [:]
    // From here on people decide where it goes.
    hadAgent = true
    if let agent = fact.agent("to_agent") {
      offerTo(agent, fact)
    } else {
      wait(fact, since: waitingSince ?? fact.at)
    }
  }

  private mutating func label(_ fact: TimelineFact) {
    guard fact.text("queue") != nil else { return }
    stopWaiting(fact)
    release(fact)
    pauses = [:]
    places = [.waiting]
    hadAgent = true
    wait(fact, since: waitingSince ?? fact.at)
  }

  private mutating func takeBack(_ fact: TimelineFact) {
    if let agent = fact.agent("agent"), agent != holder { note(.hands, fact, "\(agent.rawValue) did not have it") }
    let staysPending = places == [.pending] && fact.text("reason") == "agent_left"
    go(fact, from: [.offered, .assigned, .pending])
    release(fact)
    guard !staysPending else { return }
    places = [.waiting]
    wait(fact, since: fact.moment("owed_since_us") ?? fact.at)
  }

  private mutating func work(_ fact: TimelineFact) {
    if fact.kind == "resolved", places.contains(.answered) {
      go(fact, from: [.answered], to: .resolved)
      return
    }
    pauses = [:]
    if fact.actingAgent != holder {
      note(.hands, fact, "\(fact.actor) worked on what \(holder?.rawValue ?? "nobody") had")
    }
    switch fact.kind {
    case "replied":
      let wasPending = places.contains(.pending)
      go(fact, from: [.assigned, .pending])
      if wasPending { places = [.assigned, .pending] }
    case "pending": go(fact, from: [.assigned], to: .pending)
    default:
      go(fact, from: [.assigned, .pending], to: .resolved)
      release(fact)
    }
  }

  private mutating func hear(_ fact: TimelineFact) {
    if hasEnded || places == [.received] { note(.life, fact, "a message came to a ticket that was not open") }
    // Whom it fits hangs on the newest message's language.
    let language = fact.text("language")
    likeness.language = language ?? likeness.language
    if language == nil { hadAgent = true }
    if places == [.waiting] {
      stopWaiting(fact)
      // Offers that were on their way when this was written met another version of the ticket.
      wait(fact, since: waitingSince, from: fact.at + RuleTolerance.commit)
    }
    oweReply(fact)
  }

  /// What waited for its customer goes on.
  private mutating func oweReply(_ fact: TimelineFact) {
    guard places.contains(.pending) else { return }
    if holder == nil {
      places = [.waiting]
      wait(fact, since: fact.at)
    } else {
      places = [.assigned]
    }
  }

  /// An agent let it go and is left alone with it for a while: others of its kind may be offered to them meanwhile.
  private mutating func pause(_ fact: TimelineFact) {
    guard let agent = fact.agent("agent"), let until = fact.moment("not_before_us") else { return }
    pauses[agent] = until
    refusedBy.insert(agent)
  }

  // MARK: - Places, hands and waiting

  /// Goes where an entry leads, from one of the places that allow it.
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

  private mutating func offerTo(_ agent: AgentID?, _ fact: TimelineFact) {
    guard let agent else { return }
    if let holder { note(.hands, fact, "\(holder.rawValue) still had it when \(agent.rawValue) was asked") }
    if let last = waitings.indices.last, waitings[last].to == fact.at {
      waitings[last].offeredTo = agent
      waitings[last].decidedAt = fact.decidedAt ?? fact.at
    }
    holder = agent
    offer = fact.text("offer")
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
