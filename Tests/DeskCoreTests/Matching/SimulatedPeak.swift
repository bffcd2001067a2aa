@testable import DeskCore

/// A peak hour in virtual time: tickets arrive at one and a half times what the agents can serve, then the peak ends and the backlog is
/// worked off. No customer gives up. Everything follows from the seed.
struct SimulatedPeak {
  /// The order in which tickets are served.
  enum Discipline: String, CaseIterable {
    case firstInFirstOut = "first in, first out"
    case strictPriority = "strict priority"
    case earliestDeadline = "plain earliest deadline"
    case desk = "the desk's order"
  }

  struct Outcome {
    var served = 0
    var late = 0
    var lateUrgent = 0
    var urgent = 0
    var longestWait: Duration = .zero

    var shareLate: Double { Double(late) / Double(served) }
    var shareLateUrgent: Double { Double(lateUrgent) / Double(max(1, urgent)) }
  }

  static let agents = 100
  static let load = 1.5
  static let loadAfterwards = 0.85
  static let serviceSeconds = 300.0
  /// Share of the arrivals and first response target in seconds, by class.
  static let classes: [(priority: Priority, share: Double, promise: Int64)] = [
    (.urgent, 0.05, 900), (.high, 0.20, 1_320), (.normal, 0.55, 1_500), (.low, 0.20, 1_680),
  ]

  let tickets: [WaitingTicket]
  let services: [TicketID: Duration]

  init(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    func exponential(_ mean: Double) -> Double {
      -mean * DeskMath.logarithm(1 - Double.random(in: 0..<1, using: &random))
    }
    var tickets: [WaitingTicket] = []
    var services: [TicketID: Duration] = [:]
    var second = 0.0
    while true {
      let load = second < 3_600 ? SimulatedPeak.load : SimulatedPeak.loadAfterwards
      second += exponential(SimulatedPeak.serviceSeconds / (Double(SimulatedPeak.agents) * load))
      if second > 3 * 3_600 { break }
      var draw = Double.random(in: 0..<1, using: &random)
      var kind = SimulatedPeak.classes[SimulatedPeak.classes.count - 1]
      for candidate in SimulatedPeak.classes {
        if draw < candidate.share {
          kind = candidate
          break
        }
        draw -= candidate.share
      }
      let came = Instant.morning + .microseconds(Int64(second * 1e6))
      let id = TicketID.number(UInt64(tickets.count))
      services[id] = .microseconds(Int64(exponential(SimulatedPeak.serviceSeconds) * 1e6))
      tickets.append(
        WaitingTicket(
          id: id, version: 1, priority: kind.priority, tier: .standard, skills: [], weight: 1, language: "und",
          waitingSince: came, dueAt: came + .seconds(kind.promise), refusedBy: [], lastAgent: nil))
    }
    self.tickets = tickets
    self.services = services
  }

  func run(_ discipline: Discipline) -> Outcome {
    var line = Line(discipline)
    var free = SimulatedPeak.agents
    var ends = SortedBuckets<End>()
    var outcome = Outcome()
    var next = 0
    while next < tickets.count || !ends.isEmpty {
      let comes = next < tickets.count ? tickets[next].waitingSince : nil
      let now: Instant
      if let end = ends.first, comes.map({ end.at <= $0 }) ?? true {
        now = end.at
        ends.remove(end)
        free += 1
      } else if let comes {
        now = comes
        line.add(tickets[next], now: now)
        next += 1
      } else {
        break
      }
      while free > 0, let ticket = line.take(now: now) {
        free -= 1
        ends.insert(End(at: now + (services[ticket.id] ?? .zero), ticket: ticket.id))
        outcome.note(ticket, servedAt: now)
      }
    }
    return outcome
  }

  private struct End: Comparable {
    let at: Instant
    let ticket: TicketID
    static func < (left: End, right: End) -> Bool {
      left.at != right.at ? left.at < right.at : left.ticket < right.ticket
    }
  }

  /// The waiting tickets, in the order of a discipline. The desk's own order is computed by the desk's own code, with one free agent.
  private struct Line {
    private struct Key: Comparable {
      let first: Int
      let at: Instant
      let number: Int
      static func < (left: Key, right: Key) -> Bool {
        (left.first, left.at.microseconds, left.number) < (right.first, right.at.microseconds, right.number)
      }
    }

    private let discipline: Discipline
    private var order = SortedBuckets<Key>()
    private var tickets: [WaitingTicket] = []
    private var desk = DeskQueue()

    init(_ discipline: Discipline) {
      self.discipline = discipline
    }

    mutating func add(_ ticket: WaitingTicket, now: Instant) {
      switch discipline {
      case .desk:
        desk.add(ticket, now: now)
        return
      case .firstInFirstOut: order.insert(Key(first: 0, at: ticket.waitingSince, number: tickets.count))
      case .strictPriority:
        order.insert(Key(first: ticket.priority.rawValue, at: ticket.waitingSince, number: tickets.count))
      case .earliestDeadline: order.insert(Key(first: 0, at: ticket.dueAt ?? now, number: tickets.count))
      }
      tickets.append(ticket)
    }

    mutating func take(now: Instant) -> WaitingTicket? {
      if discipline == .desk { return desk.take(now: now) }
      guard let first = order.first else { return nil }
      order.remove(first)
      return tickets[first.number]
    }
  }

  /// The queue as the store keeps it, and rounds of matching as a router makes them: from the first tickets and the most overdue ones.
  private struct DeskQueue {
    /// A ticket by its due time.
    private struct Due: Comparable {
      let at: Instant
      let ticket: TicketID
      static func < (left: Due, right: Due) -> Bool {
        left.at != right.at ? left.at < right.at : left.ticket < right.ticket
      }
    }

    private static let queue = QueuePolicy(id: "q", teams: [], skills: [], offerTime: .seconds(30), relaxation: [])
    /// Tickets of each kind that a round considers.
    private static let considered = 3
    private static let agent = AgentStatus(
      profile: AgentProfile(id: "any", teams: [], skills: [:], languages: [], capacity: 1), presence: .available,
      load: 0, idleSince: .morning)

    private var waiting: [TicketID: (ticket: WaitingTicket, rank: QueueRank)] = [:]
    private var order = SortedBuckets<QueueRank>()
    private var inTime = SortedBuckets<Due>()
    private var overdue = SortedBuckets<Due>()
    private var turns: [QueueID: Int] = [:]

    mutating func add(_ ticket: WaitingTicket, now: Instant) {
      let rank = QueueRank(ticket, headStarts: HeadStarts(), now: now)
      waiting[ticket.id] = (ticket, rank)
      order.insert(rank)
      let due = Due(at: ticket.dueAt ?? now, ticket: ticket.id)
      switch rank.band {
      case .inTime, .urgentInTime: inTime.insert(due)
      case .late: overdue.insert(due)
      case .urgentLate: break
      }
    }

    private mutating func remove(_ ticket: TicketID) -> WaitingTicket? {
      guard let (ticket, rank) = waiting.removeValue(forKey: ticket) else { return nil }
      order.remove(rank)
      if let at = ticket.dueAt {
        inTime.remove(Due(at: at, ticket: ticket.id))
        overdue.remove(Due(at: at, ticket: ticket.id))
      }
      return ticket
    }

    mutating func take(now: Instant) -> WaitingTicket? {
      while let due = inTime.first, due.at <= now, let ticket = remove(due.ticket) { add(ticket, now: now) }
      var desk = MatchingEngine(queues: [Self.queue], headStarts: HeadStarts(), turns: turns, now: now)
      desk.upsert(Self.agent)
      let considered = order.prefix(Self.considered).map(\.ticket) + overdue.prefix(Self.considered).map(\.ticket)
      for ticket in considered.compactMap({ waiting[$0]?.ticket }) { desk.add(ticket, to: Self.queue.id) }
      guard let pick = desk.next() else { return nil }
      turns = desk.turns
      return remove(pick.ticket.id)
    }
  }
}

extension SimulatedPeak.Outcome {
  fileprivate mutating func note(_ ticket: WaitingTicket, servedAt now: Instant) {
    served += 1
    longestWait = max(longestWait, now - ticket.waitingSince)
    let isLate = ticket.dueAt.map { $0 < now } ?? false
    if isLate { late += 1 }
    guard ticket.priority == .urgent else { return }
    urgent += 1
    if isLate { lateUrgent += 1 }
  }
}

/// Functions missing from the standard library without Foundation.
enum DeskMath {
  /// The natural logarithm of a positive number: exponent and mantissa separately, the latter by the series of the inverse hyperbolic
  /// tangent.
  static func logarithm(_ value: Double) -> Double {
    let mantissa = value.significand
    let ratio = (mantissa - 1) / (mantissa + 1)
    var term = ratio
    var sum = 0.0
    for power in stride(from: 1.0, through: 61, by: 2) {
      sum += term / power
      term *= ratio * ratio
    }
    return 2 * sum + Double(value.exponent) * 0.693_147_180_559_945_3
  }
}
