import DeskCore

/// What the policy decides about a kind of ticket. `Policy.decide` is pure, so a decision is kept for all tickets with the same facts;
/// only the time at which the first response is due differs, and follows from the calendar.
struct DecisionMemory {
  /// The part of a decision that does not depend on when the ticket was opened.
  struct Decision {
    let queue: Int
    let priority: Priority
    let skills: [SkillRequirement]
    let weight: Int32
    let firstResponse: Duration?
    let resolution: Duration?
    let calendar: BusinessCalendar
    let isAlwaysOpen: Bool
    let escalates: Bool
    let overflowed: Bool
    let promisesCallBack: Bool

    /// When the first response is due, and the earliest time at which anything is (as `ServiceLevelClocks.nearestDueAt`).
    func dueAt(openedAt: Instant) -> (firstResponse: Instant?, nearest: Instant?) {
      func due(_ allowed: Duration?) -> Instant? {
        guard let allowed else { return nil }
        return isAlwaysOpen ? openedAt + allowed : calendar.instant(after: allowed, from: openedAt)
      }
      let (response, settled) = (due(firstResponse), due(resolution))
      return (response, [response, settled].compactMap(\.self).min())
    }
  }

  private struct Key: Hashable {
    let kind: Int
    let tier: CustomerTier
    let full: Set<QueueID>
    let open: Int
  }

  private let policy: Policy
  private let kinds: [TicketKind]
  private let numberOfQueue: [QueueID: Int]
  private let calendars: [CalendarID]
  private var known: [Key: Decision] = [:]
  /// The sets of calendars that were open together, and the one of the last minute.
  private var openSets: [Set<CalendarID>: Int] = [:]
  private var openSet = (minute: Int64.min, number: 0)

  init(policy: Policy, kinds: [TicketKind], queues: [QueuePolicy]) {
    self.policy = policy
    self.kinds = kinds
    numberOfQueue = Dictionary(uniqueKeysWithValues: queues.enumerated().map { ($1.id, $0) })
    calendars = policy.calendars.keys.sorted()
  }

  /// The facts of a ticket.
  func facts(kind: Int, tier: CustomerTier, openedAt: Instant, full: Set<QueueID>) -> RoutingFacts {
    let kind = kinds[kind]
    var facts = RoutingFacts(
      channel: kind.channel, tier: tier, labels: kind.labels, text: kind.text, openedAt: openedAt,
      productLine: kind.productLine)
    facts.hours = .calendars(policy.calendars)
    facts.fullQueues = full
    return facts
  }

  mutating func decision(kind: Int, tier: CustomerTier, openedAt: Instant, full: Set<QueueID>) -> Decision? {
    let key = Key(kind: kind, tier: tier, full: full, open: openCalendars(at: openedAt))
    if let decision = known[key] { return decision }
    let routing = policy.decide(facts(kind: kind, tier: tier, openedAt: openedAt, full: full))
    guard let queue = numberOfQueue[routing.queue] else { return nil }
    let level = routing.targets.policy.flatMap { name in policy.serviceLevels.first { $0.name == name } }
    let calendar = level?.calendar.flatMap { policy.calendars[$0] } ?? .always
    let decision = Decision(
      queue: queue, priority: routing.priority, skills: routing.skills, weight: routing.weight,
      firstResponse: routing.targets.firstResponse?.allowed, resolution: routing.targets.resolution?.allowed,
      calendar: calendar, isAlwaysOpen: calendar.isAlways,
      escalates: level?.escalation.isEmpty == false, overflowed: routing.overflowedFrom != nil,
      promisesCallBack: routing.promisesCallback)
    if known.count >= SimulatorBounds.decisionsRemembered { known.removeAll(keepingCapacity: true) }
    known[key] = decision
    return decision
  }

  /// The number of the set of calendars that are open. Calendars open and close at whole minutes.
  private mutating func openCalendars(at moment: Instant) -> Int {
    let minute = moment.microseconds / 60_000_000
    if minute == openSet.minute { return openSet.number }
    let facts = facts(kind: 0, tier: .standard, openedAt: moment, full: [])
    let open = Set(calendars.filter { facts.isOpen($0) })
    let number = openSets[open] ?? openSets.count
    openSets[open] = number
    openSet = (minute, number)
    return number
  }
}
