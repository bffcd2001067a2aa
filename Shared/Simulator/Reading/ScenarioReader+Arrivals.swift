import DeskCore
import PolicyReading
import Yams

// Arrivals and faults: what happens at which time.

extension ScenarioReader {
  mutating func arrivals(_ place: PolicyNode?) -> [ArrivalStream] {
    var streams: [ArrivalStream] = []
    for (number, item) in reader.items(place, limit: SimulatorBounds.entries).enumerated() {
      let known = ["name", "kinds", "per_hour", "weekdays", "burst", "together"]
      guard let fields = reader.fields(of: item, known: known) else { continue }
      let name = fields["name"].flatMap { reader.text($0) } ?? "\(number + 1)"
      let kinds = fields["kinds"].map { numbers(of: $0) } ?? []
      if let place = fields["kinds"], reader.itemsOrOne(place).isEmpty {
        reader.report(place, "the stream has no kind", remedy: "name one, or leave 'kinds' out for all")
      }
      var stream = ArrivalStream(name: name, periods: [], kinds: kinds)
      switch (fields["per_hour"], fields["burst"]) {
      case (let place?, nil): stream.periods = hourly(place, on: weekdays(fields["weekdays"]))
      case (nil, let place?): stream.periods = burst(place)
      default:
        reader.report(
          fields.place, "a stream needs either 'per_hour' or 'burst'", remedy: "add `per_hour: 120`, or `burst:`")
      }
      if let place = fields["together"] { stream.together = reader.integer(place, in: 1...1_000) ?? 1 }
      streams.append(stream)
    }
    return streams
  }

  private mutating func numbers(of place: PolicyNode) -> [Int] {
    reader.itemsOrOne(place).compactMap { item in
      let kind: Key<TicketKind>? = reader.reference(item, to: "kind", among: Set(kindNames))
      return kind.flatMap { kindNames.firstIndex(of: $0.rawValue) }
    }
  }

  mutating func weekdays(_ place: PolicyNode?) -> Set<Int> {
    guard let place else { return Set(0..<7) }
    var days: Set<Int> = []
    for item in reader.itemsOrOne(place) {
      guard let (text, _) = reader.scalar(item) else { continue }
      guard let range = reader.weekdays(text) else {
        reader.report(
          item, "\(quoted(text)) is not a weekday", remedy: "write monday to sunday, or monday..friday")
        continue
      }
      days.formUnion(range)
    }
    return days
  }

  /// Reads a rate for the whole time, or rates by time of day, each until the next: `{"08:00": 400, "20:00": 900}`.
  private mutating func hourly(_ place: PolicyNode, on weekdays: Set<Int>) -> [ArrivalStream.Period] {
    var rates: [(minute: Int, rate: Double)] = []
    if case .scalar = place.node {
      if let rate = rate(place) { rates = [(0, rate)] }
    } else {
      for entry in reader.entries(place) {
        guard let minute = PolicyTime.minuteOfDay(entry.name) else {
          reader.report(
            entry.key, "\(quoted(entry.name)) is not a time of day", remedy: "write hour and minute, such as \"08:30\"")
          continue
        }
        if let rate = rate(entry.value) { rates.append((minute, rate)) }
      }
      if reader.entries(place).isEmpty {
        reader.report(place, "there is no rate", remedy: "write a number, or rates by time of day")
      }
      rates.sort { $0.minute < $1.minute }
      // Before the first time of a day the last rate of the day before goes on.
      if let first = rates.first, first.minute > 0, let last = rates.last { rates.insert((0, last.rate), at: 0) }
    }
    let firstDay = zone.localDay(of: start)
    return (0..<days).flatMap { number -> [ArrivalStream.Period] in
      let weekday = ((firstDay + number + 3) % 7 + 7) % 7
      return rates.map { minute, rate in
        ArrivalStream.Period(
          from: zone.instant(day: firstDay + number, minute: minute) - start,
          ratePerHour: weekdays.contains(weekday) ? rate : 0)
      }
    }
  }

  private mutating func rate(_ place: PolicyNode) -> Double? {
    guard let rate = reader.number(place, in: SimulatorBounds.ratePerHour) else { return nil }
    guard rate == 0 || rate >= SimulatorBounds.leastRatePerHour else {
      reader.report(
        place, "a rate above 0 must be at least \(SimulatorBounds.leastRatePerHour)",
        remedy: "write 0 where nothing arrives")
      return nil
    }
    return rate
  }

  /// Reads `{day: 1, at: "20:00", for: 10m, tickets: 500}`: so many tickets on average, at a constant rate.
  private mutating func burst(_ place: PolicyNode) -> [ArrivalStream.Period] {
    guard let fields = reader.fields(of: place, known: ["day", "at", "for", "tickets"]) else { return [] }
    let tickets = reader.needed("tickets", in: fields).flatMap { reader.number($0, in: 0...10_000_000) }
    guard let (after, length) = span(fields), let tickets else { return [] }
    return [
      ArrivalStream.Period(from: after, ratePerHour: tickets / (length.inSeconds / 3_600)),
      ArrivalStream.Period(from: after + length, ratePerHour: 0),
    ]
  }

  /// Reads `day`, `at` and `for`: when something begins, from the start, and how long it lasts.
  private mutating func span(_ fields: PolicyFields) -> (after: Duration, length: Duration)? {
    let day = fields["day"].flatMap { reader.integer($0, in: 1...days) } ?? 1
    let length = reader.needed("for", in: fields).flatMap {
      reader.duration($0, in: .seconds(1)...(.seconds(30 * 86_400)))
    }
    var minute: Int?
    if let place = reader.needed("at", in: fields), let (text, _) = reader.scalar(place) {
      minute = PolicyTime.minuteOfDay(text)
      if minute == nil {
        reader.report(
          place, "\(quoted(text)) is not a time of day", remedy: "write hour and minute, such as \"08:30\"")
      }
    }
    guard let minute, let length else { return nil }
    let after = zone.instant(day: zone.localDay(of: start) + day - 1, minute: minute) - start
    guard after < self.length else {
      reader.report(fields.place, "it begins after the end of the scenario", remedy: "let it begin earlier")
      return nil
    }
    return (after, length)
  }

  // MARK: Routers and faults

  mutating func routers(_ place: PolicyNode) -> RouterFleet? {
    let known = ["workers", "batch", "per_batch_ms", "per_ticket_ms"]
    guard let fields = reader.fields(of: place, known: known) else { return nil }
    let capacity = policy?.life.capacity[.router] ?? .usual(.router)
    var fleet = RouterFleet(workers: capacity.base)
    if let place = reader.needed("workers", in: fields) {
      if let (text, _) = reader.scalar(place), text == "auto" {
        fleet.capacity = capacity
      } else {
        fleet.workers = reader.integer(place, in: SimulatorBounds.routers) ?? 1
      }
    }
    if let place = fields["batch"] { fleet.batch = reader.integer(place, in: SimulatorBounds.batch) ?? fleet.batch }
    if let place = fields["per_batch_ms"], let time = reader.number(place, in: 0...600_000) {
      fleet.perBatch = .constant(time / 1_000)
    }
    if let place = fields["per_ticket_ms"], let time = reader.number(place, in: 0...600_000) {
      fleet.perTicket = time / 1_000
    }
    return fleet
  }

  mutating func faults(_ place: PolicyNode?, hasRouters: Bool) -> [SimulatedFault] {
    var faults: [SimulatedFault] = []
    for item in reader.items(place, limit: SimulatorBounds.entries) {
      let known = ["routers", "agents", "group", "day", "at", "for"]
      guard let fields = reader.fields(of: item, known: known), let (after, length) = span(fields) else { continue }
      switch (fields["routers"], fields["agents"]) {
      case (let place?, nil):
        guard let count = reader.integer(place, in: SimulatorBounds.routers) else { continue }
        if !hasRouters { reader.report(place, "the scenario has no routers", remedy: "add `routers:`") }
        faults.append(SimulatedFault(.routers(count), after: after, length: length))
      case (nil, let place?):
        guard let share = reader.share(place) else { continue }
        var group: String?
        if let place = fields["group"] {
          let named: Key<StaffGroup>? = reader.reference(place, to: "group of agents", among: Set(groupNames))
          group = named?.rawValue
        }
        faults.append(SimulatedFault(.agents(share: share, of: group), after: after, length: length))
      default:
        reader.report(
          fields.place, "a fault needs either 'routers' or 'agents'",
          remedy: "add `routers: 1`, or `agents: 0.2` for a fifth of them")
      }
    }
    return faults
  }
}
