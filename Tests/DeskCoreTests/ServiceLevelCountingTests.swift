import Testing

@testable import DeskCore

/// Deadlines compared with a minute-by-minute count of open minutes that does not know how clocks track their time.
@Suite("Deadlines equal a minute-by-minute count through whole ticket lifecycles")
struct ServiceLevelCountingTests {
  static let days = 75

  /// When lifecycles begin: before clock changes, leap days, long holidays, the year's end.
  static let beginnings = [
    BusinessCalendarTests.moment(2026, 3, 24), BusinessCalendarTests.moment(2026, 10, 20),
    BusinessCalendarTests.moment(2028, 2, 25), BusinessCalendarTests.moment(2026, 2, 9),
    BusinessCalendarTests.moment(2025, 12, 27), BusinessCalendarTests.moment(2027, 6, 1),
  ]

  @Test(arguments: UInt64(1)...60)
  func randomLifecyclesMatchTheCount(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let start = Self.beginnings[Int(seed) % Self.beginnings.count]
    let calendar = Self.calendar(from: start, using: &random)
    let policy = Self.policy(calendar, using: &random)
    let count = MinuteCount(calendar, from: start, days: Self.days)
    for _ in 0..<6 { try live(under: policy, count, using: &random) }
  }

  private func live(under policy: Policy, _ count: MinuteCount, using random: inout SeededGenerator) throws {
    let level = try #require(policy.serviceLevels.first)
    var minute = Int.random(in: 0..<4_320, using: &random)
    var ticket = Ticket(
      id: .number(1), channel: "web", customer: "c", tier: .standard, openedAt: count.moment(minute))
    var model = CountedTicket(level: level, priority: .high, warnings: level.warningPercents)
    var messages: UInt64 = 10
    let facts = RoutingFacts(
      channel: "web", tier: .standard, labels: .sample(), text: "", openedAt: ticket.openedAt)
    _ = try ticket.handle(.routed(policy.decide(facts)), now: ticket.openedAt, under: policy)
    _ = try ticket.handle(.offered(.to("ann")), now: ticket.openedAt, under: policy)
    _ = try ticket.handle(.accepted(.number(1), by: "ann"), now: ticket.openedAt, under: policy)

    for _ in 0..<40 {
      // The watcher notifies at each time that the ticket predicts, never later than the next event.
      let until = minute + Int.random(in: 0...900, using: &random)
      while let next = ticket.clocks.nextCheckAt, next <= count.moment(until) {
        let expected = model.nextMinute(from: minute, in: count)
        #expect(next == max(expected.map(count.moment) ?? next, count.moment(minute)) || next < count.moment(minute))
        let at = max(minute, Int((next - count.start).wholeMicroseconds / 60_000_000))
        model.pass(from: minute, to: at, in: count)
        minute = at
        let notified = try ticket.handle(.deadlineReached, now: count.moment(at), under: policy).notifiedShares
        #expect(notified == model.notify())
      }
      if let expected = model.nextMinute(from: minute, in: count), expected < until {
        Issue.record("nothing was predicted for minute \(expected) of \(until)")
      }
      model.pass(from: minute, to: until, in: count)
      minute = until
      let now = count.moment(minute)
      messages += 1
      switch (ticket.state, Int.random(in: 0..<6, using: &random)) {
      case (.assigned, 0), (.assigned, 1):
        let awaits = Bool.random(using: &random)
        _ = try ticket.handle(.replied(.number(messages), by: "ann", awaitsCustomer: awaits), now: now, under: policy)
        model.reply(awaitsCustomer: awaits)
      case (.assigned, 2), (.pending, 2):
        _ = try ticket.handle(.resolved(by: "ann"), now: now, under: policy)
        model.stop()
      case (.queued, _):
        _ = try ticket.handle(.offered(.to("ann")), now: now, under: policy)
        _ = try ticket.handle(.accepted(.number(1), by: "ann"), now: now, under: policy)
      case (.resolved, 5), (.assigned, 5), (.assigned, 4), (.pending, 4), (.pending, 5):
        let wanted: Priority = [.urgent, .high, .normal, .low].randomElement(using: &random) ?? .high
        guard ticket.state != .resolved, wanted != ticket.priority else { continue }
        _ = try ticket.handle(.priorityChanged(wanted, by: .agent("lea"), reason: "r"), now: now, under: policy)
        model.change(to: wanted)
      default:
        _ = try ticket.handle(.customerWrote(.number(messages), .sample()), now: now, under: policy)
        model.receive()
      }
      for name in ServiceLevelClocks.Name.allCases {
        let clock = ticket.clocks[name]
        let counted = model.clocks[name] ?? CountedTicket.Clock()
        #expect(clock.isRunning == counted.isRunning)
        guard clock.isStarted, counted.isStarted else { continue }
        #expect(clock.used(at: now, in: count.calendar) == .seconds(counted.minutes * 60), "\(name) at \(minute)")
        #expect(Int(clock.notifiedPercent) == counted.notified)
        guard clock.isRunning, let allowed = counted.allowed else { continue }
        #expect(clock.allowed == .seconds(allowed * 60))
        if counted.minutes < allowed {
          let due = count.minute(after: allowed - counted.minutes, from: minute)
          #expect(clock.dueAt == due.map(count.moment), "\(name) at \(minute)")
        } else {
          #expect(clock.dueAt.map { $0 <= now } == true)
        }
      }
    }
  }
}

// MARK: - Generated data

extension ServiceLevelCountingTests {
  /// A random week, most days open once or twice, with holidays and extra working days. No boundary lies in the hour that is repeated
  /// when clocks are set back, where the local time is ambiguous.
  static func calendar(from start: Instant, using random: inout SeededGenerator) -> BusinessCalendar {
    func hours(_ random: inout SeededGenerator) -> BusinessCalendar.Hours {
      if Int.random(in: 0..<4, using: &random) == 0 { return [] }
      let borders = (0...96).map { $0 * 15 }.filter { $0 <= 120 || $0 >= 180 }.shuffled(using: &random).prefix(4)
        .sorted()
      return Bool.random(using: &random)
        ? [borders[0]..<borders[1], borders[2]..<borders[3]] : [borders[0]..<borders[3]]
    }
    let zone =
      [BusinessCalendarTests.berlin, BusinessCalendarTests.shanghai, .utc].randomElement(using: &random) ?? .utc
    var week = (0..<7).map { _ in hours(&random) }
    week[Int.random(in: 0..<7, using: &random)] = [0..<1_440]
    let first = zone.localDay(of: start)
    var exceptions: [Int: BusinessCalendar.Hours] = [:]
    for _ in 0..<Int.random(in: 0...12, using: &random) {
      exceptions[first + Int.random(in: 0..<30, using: &random)] = Bool.random(using: &random) ? [] : hours(&random)
    }
    return BusinessCalendar(zone: zone, week: week, exceptions: exceptions)
  }

  /// Times are chosen such that all shares fall on whole minutes.
  static func policy(_ calendar: BusinessCalendar, using random: inout SeededGenerator) -> Policy {
    func times(_ random: inout SeededGenerator, most: Int) -> [Priority: Duration] {
      var times: [Priority: Duration] = [:]
      for priority in Priority.allCases where Int.random(in: 0..<6, using: &random) > 0 {
        times[priority] = .seconds(Int.random(in: 1...most, using: &random) * 100 * 60)
      }
      return times
    }
    var policy = Policy.sample
    policy.calendars = ["c": calendar]
    policy.serviceLevels = [
      ServiceLevelPolicy(
        name: "l", condition: .always, calendar: "c", firstResponse: times(&random, most: 12),
        nextResponse: times(&random, most: 8), resolution: times(&random, most: 60),
        pausesWhilePending: Bool.random(using: &random),
        warningPercents: [[75, 90], [50], [], [10, 33, 66, 99]].randomElement(using: &random) ?? [])
    ]
    return policy
  }
}

/// The open minutes of a calendar, each checked individually.
struct MinuteCount {
  let calendar: BusinessCalendar
  let start: Instant
  /// How many minutes before each minute were open.
  private let before: [Int]

  init(_ calendar: BusinessCalendar, from start: Instant, days: Int) {
    self.calendar = calendar
    self.start = start
    var before = [0]
    let first = start.microseconds / 60_000_000
    for minute in 0..<Int64(days * 1_440) {
      before.append(before[before.count - 1] + (BusinessCalendarTests.isOpen(first + minute, in: calendar) ? 1 : 0))
    }
    self.before = before
  }

  func moment(_ minute: Int) -> Instant { start + .seconds(minute * 60) }

  func open(from: Int, to: Int) -> Int { before[to] - before[from] }

  /// The minute at whose end the given number of open ones has passed.
  func minute(after open: Int, from: Int) -> Int? {
    if open <= 0 { return from }
    let wanted = before[from] + open
    var low = from
    var high = before.count
    while low < high {
      let middle = (low + high) / 2
      if before[middle] < wanted { low = middle + 1 } else { high = middle }
    }
    return low < before.count ? low : nil
  }
}

/// A ticket's clocks as plain counters.
struct CountedTicket {
  struct Clock {
    var allowed: Int?
    var minutes = 0
    var isStarted = false
    var isRunning = false
    var notified = 0
    var isBroken: Bool { notified >= 100 || allowed.map { minutes >= $0 } ?? false }
  }

  let level: ServiceLevelPolicy
  var priority: Priority
  let shares: [Int]
  var clocks: [ServiceLevelClocks.Name: Clock] = [:]
  private var isReplied = false
  /// Responses that were unanswered when the ticket was settled.
  private var unansweredNames: Set<ServiceLevelClocks.Name> = []

  init(level: ServiceLevelPolicy, priority: Priority, warnings: [Int]) {
    self.level = level
    self.priority = priority
    shares = warnings + [100]
    for name in [ServiceLevelClocks.Name.firstResponse, .resolution] {
      clocks[name] = Clock(allowed: allowed(name), isStarted: true, isRunning: true)
    }
  }

  private func allowed(_ name: ServiceLevelClocks.Name) -> Int? {
    let times = [
      .firstResponse: level.firstResponse, .nextResponse: level.nextResponse, .resolution: level.resolution,
    ][name]
    return times?[priority].map { Int($0.components.seconds / 60) }
  }

  mutating func pass(from: Int, to: Int, in count: MinuteCount) {
    for name in clocks.keys where clocks[name]?.isRunning == true {
      clocks[name]?.minutes += count.open(from: from, to: to)
    }
  }

  mutating func reply(awaitsCustomer: Bool) {
    isReplied = true
    clocks[.firstResponse]?.isRunning = false
    clocks[.nextResponse]?.isRunning = false
    if awaitsCustomer, level.pausesWhilePending { clocks[.resolution]?.isRunning = false }
  }

  mutating func stop() {
    unansweredNames = Set([.firstResponse, .nextResponse].filter { clocks[$0]?.isRunning == true })
    for name in clocks.keys { clocks[name]?.isRunning = false }
  }

  mutating func receive() {
    clocks[.resolution]?.isRunning = true
    for name in unansweredNames { clocks[name]?.isRunning = true }
    unansweredNames = []
    if isReplied, clocks[.nextResponse]?.isRunning != true, !level.nextResponse.isEmpty {
      clocks[.nextResponse] = Clock(allowed: allowed(.nextResponse), isStarted: true, isRunning: true)
    }
  }

  mutating func change(to newPriority: Priority) {
    priority = newPriority
    for (name, clock) in clocks where clock.isRunning || (name == .resolution && !clock.isBroken) {
      guard !clock.isBroken else { continue }
      let time = allowed(name)
      guard time != clock.allowed else { continue }
      clocks[name]?.allowed = time
      let reached = time.map { time in shares.last { clock.minutes * 100 >= time * $0 } ?? 0 } ?? 0
      clocks[name]?.notified = min(clock.notified, reached)
    }
  }

  /// The first minute at whose end a clock reaches a threshold that it has not notified.
  func nextMinute(from minute: Int, in count: MinuteCount) -> Int? {
    clocks.values.compactMap { clock -> Int? in
      guard clock.isRunning, let allowed = clock.allowed, let share = shares.first(where: { $0 > clock.notified })
      else {
        return nil
      }
      return count.minute(after: allowed * share / 100 - clock.minutes, from: minute)
    }.min()
  }

  mutating func notify() -> [String] {
    ServiceLevelClocks.Name.allCases.compactMap { name in
      guard let clock = clocks[name], clock.isRunning, let allowed = clock.allowed,
        let reached = shares.last(where: { clock.minutes * 100 >= allowed * $0 }), reached > clock.notified
      else { return nil }
      clocks[name]?.notified = reached
      return "\(name.rawValue) \(reached)"
    }
  }
}

extension [TicketEffect] {
  /// The thresholds notified by each clock, in order.
  fileprivate var notifiedShares: [String] {
    compactMap { effect in
      guard let reached = effect.targetReached, let clock = reached.clock, let share = reached.sharePercent else {
        return nil
      }
      return "\(clock.rawValue) \(share)"
    }
  }
}
