/// The present agents, indexed so that the best one for a demand is found without a scan of all.
///
/// Agents with equal profiles (teams, skills, languages, capacity) share a row, sorted by load and idle time. A demand is compared with
/// rows, not agents, and the matching rows are cached; then the first agents of the matching rows are compared. So a choice costs as many
/// steps as there are kinds of agents, and a change of one agent costs one removal and one insertion.
struct AgentIndex: Sendable {
  /// An agent's place in a row: the least loaded first, then the longest idle; the name breaks ties.
  struct Seat: Comparable, Sendable {
    let load: Int32
    let idleSince: Instant
    let agent: AgentID

    static func < (left: Self, right: Self) -> Bool {
      if left.load != right.load { return left.load < right.load }
      if left.idleSince != right.idleSince { return left.idleSince < right.idleSince }
      return left.agent < right.agent
    }
  }

  /// Agents with equal profiles.
  struct Row: Sendable {
    let profile: AgentProfile
    var available = SortedBuckets<Seat>()
    var reserve = SortedBuckets<Seat>()
    /// Agents who were offered a ticket in this round, and are not offered another in it.
    var asked: [AgentID: AgentStatus] = [:]
  }

  /// Summary figures of a row's seats, stored contiguously with those of all other rows: most rows are skipped by these figures alone, so
  /// that even ten thousand agents with different profiles take little time.
  fileprivate struct Span {
    var count: Int32 = 0
    var firstLoad: Int32 = 0
    var lastLoad: Int32 = 0
    var firstIdleSince = Instant(microseconds: 0)

    init(_ seats: SortedBuckets<Seat>) {
      guard let first = seats.first, let last = seats.last else { return }
      count = Int32(clamping: seats.count)
      firstLoad = first.load
      lastLoad = last.load
      firstIdleSince = first.idleSince
    }
  }

  private struct Head {
    let capacity: Int32
    var available: Span
    var reserve: Span
    var asked: Int32

    init(_ row: Row) {
      capacity = row.profile.capacity
      available = Span(row.available)
      reserve = Span(row.reserve)
      asked = Int32(clamping: row.asked.count)
    }
  }

  private struct Kind: Hashable {
    let teams: Set<TeamID>
    let skills: [SkillID: Int]
    let languages: Set<String>
    let capacity: Int32
  }

  /// The cache key for the rows that match a demand.
  private struct FitKey: Hashable {
    let queue: QueueID
    let steps: Int
    let skills: [SkillRequirement]
    let language: String
  }

  /// A matching row, and the relaxation step that admitted it; 0 when all requirements are met. Eight bytes, because a decision iterates
  /// over thousands of them several times.
  struct Fit: Sendable {
    private let rowNumber: Int32
    private let stepNumber: Int16
    private let reserveNumber: Int16

    var row: Int { Int(rowNumber) }
    var step: Int { Int(stepNumber) }
    /// The step that activates the reserve; nil while none has.
    var reserveStep: Int? { reserveNumber < 0 ? nil : Int(reserveNumber) }

    init(row: Int, step: Int, reserveStep: Int?) {
      rowNumber = Int32(row)
      stepNumber = Int16(step)
      reserveNumber = Int16(reserveStep ?? -1)
    }
  }

  private var rows: [Row] = []
  private var heads: [Head] = []
  private var abilities = AbilityColumns()
  private var rowOfKind: [Kind: Int] = [:]
  private var seats: [AgentID: (row: Int, status: AgentStatus)] = [:]
  private var fits: [FitKey: [Fit]] = [:]
  /// Counts every change that could make an agent eligible: a demand that found no agent finds none until it rises.
  private(set) var gains = 0
  private var askedCount = 0
  /// Rows and seats visited in total: the measure of the work.
  private(set) var looks = 0

  /// Whether no agent, with free capacity or without, can be offered a ticket in this round.
  var isEmpty: Bool { seats.count == askedCount }

  /// Demands cached at once; beyond this all are dropped and computed again.
  private static let fitsRemembered = 4_096

  // MARK: Presence

  /// Updates an agent's status, whatever it was before. Absent agents are removed.
  mutating func upsert(_ status: AgentStatus) {
    let id = status.profile.id
    if let (row, former) = seats[id], former.presence == status.presence, former.profile == status.profile {
      return move(id, to: status, in: row, from: former)
    }
    leave(id)
    guard status.isPresent else { return }
    let row = row(for: status.profile)
    seats[status.profile.id] = (row, status)
    if status.presence == .available {
      rows[row].available.insert(Seat(status))
    } else {
      rows[row].reserve.insert(Seat(status))
    }
    heads[row] = Head(rows[row])
    gains += 1
  }

  /// Changes the load or the idle time of an agent who stays as present as before. Without free capacity no ticket can gain by it.
  private mutating func move(_ agent: AgentID, to status: AgentStatus, in row: Int, from former: AgentStatus) {
    if rows[row].asked.removeValue(forKey: agent) != nil {
      askedCount -= 1
    } else if status.presence == .available {
      rows[row].available.remove(Seat(former))
    } else {
      rows[row].reserve.remove(Seat(former))
    }
    seats[agent] = (row, status)
    if status.presence == .available {
      rows[row].available.insert(Seat(status))
    } else {
      rows[row].reserve.insert(Seat(status))
    }
    heads[row] = Head(rows[row])
    if status.load < status.profile.capacity { gains += 1 }
  }

  private mutating func row(for profile: AgentProfile) -> Int {
    let kind = Kind(
      teams: profile.teams, skills: profile.skills, languages: profile.languages, capacity: profile.capacity)
    if let known = rowOfKind[kind] { return known }
    let row = Row(profile: profile)
    rows.append(row)
    heads.append(Head(row))
    abilities.add(profile)
    rowOfKind[kind] = rows.count - 1
    fits.removeAll(keepingCapacity: true)
    return rows.count - 1
  }

  /// Removes an agent.
  mutating func leave(_ agent: AgentID) {
    guard let (row, status) = seats.removeValue(forKey: agent) else { return }
    // Tickets refused by other agents, or waiting for this one, may now go elsewhere.
    gains += 1
    if rows[row].asked.removeValue(forKey: agent) != nil {
      askedCount -= 1
      heads[row] = Head(rows[row])
    } else {
      stand(status, from: row)
    }
  }

  /// Marks the agent as offered a ticket and skips them for the rest of the round.
  mutating func ask(_ agent: AgentID) {
    guard let (row, status) = seats[agent], rows[row].asked[agent] == nil else { return }
    rows[row].asked[agent] = status
    askedCount += 1
    stand(status, from: row)
  }

  private mutating func stand(_ status: AgentStatus, from row: Int) {
    if status.presence == .available {
      rows[row].available.remove(Seat(status))
    } else {
      rows[row].reserve.remove(Seat(status))
    }
    heads[row] = Head(rows[row])
  }

  /// An agent's status; nil when absent.
  func status(of agent: AgentID) -> AgentStatus? { seats[agent]?.status }

  /// Whether the agent was offered a ticket in this round.
  func wasAsked(_ agent: AgentID) -> Bool {
    seats[agent].map { rows[$0.row].asked[agent] != nil } ?? false
  }

  // MARK: Choice

  /// The matching rows, those that need fewer relaxation steps first.
  mutating func fitting(_ demand: Demand, in queue: QueuePolicy) -> [Fit] {
    let key = FitKey(queue: demand.queue, steps: demand.steps, skills: demand.skills, language: demand.language)
    if let known = fits[key] { return known }
    if fits.count >= AgentIndex.fitsRemembered { fits.removeAll(keepingCapacity: true) }
    let asked = (0...demand.steps).map { AgentRequirements(demand.skills, in: queue, after: $0) }
    var found: [Fit] = []
    var isFound = [Bool](repeating: false, count: rows.count)
    for step in asked.indices {
      let reserveStep = asked.indices.first { $0 >= step && asked[$0].reserve }
      // A step that only activates the reserve admits no other agents.
      if step > 0, asked[step].asksTheSame(as: asked[step - 1]) { continue }
      let able = abilities.having(asked[step], speaking: demand.language)
      for row in able.indices where able[row] == 1 && !isFound[row] {
        isFound[row] = true
        found.append(Fit(row: row, step: step, reserveStep: reserveStep))
      }
    }
    looks += rows.count
    fits[key] = found
    return found
  }

  /// The agent to offer the ticket to, unless it should wait for another; nil when no agent can take it now. An agent who released the
  /// ticket is not offered it during the pause, even if there is no other.
  mutating func choice(for ticket: WaitingTicket, _ demand: Demand, in queue: QueuePolicy) -> AgentID? {
    if let dedicated = demand.dedicatedAgent {
      looks += 1
      if canTake(dedicated, demand), seats[dedicated]?.status.presence == .available { return dedicated }
      if demand.holdsForDedicated, seats[dedicated]?.status.presence == .available { return nil }
    }
    let fitting = fitting(demand, in: queue)
    if let last = ticket.lastAgent, !demand.refusedBy.contains(last), canTake(last, demand),
      let row = seats[last]?.row, let fit = fitting.first(where: { $0.row == row }), admits(last, fit)
    {
      return last
    }
    if let willing = best(of: fitting, demand, refusers: false)?.agent { return willing }
    // Agents who refused are asked again only when no other present agent could take it, now or once they have free capacity; otherwise a
    // refusal would be repeated at once whenever the others are busy.
    guard !demand.refusedBy.isEmpty, !somebodyElse(than: demand.refusedBy, among: fitting, demand) else { return nil }
    return best(of: fitting, demand, refusers: true)?.agent
  }

  private func canTake(_ agent: AgentID, _ demand: Demand) -> Bool {
    guard let (row, status) = seats[agent], rows[row].asked[agent] == nil, !demand.paused.contains(agent) else {
      return false
    }
    return status.load <= TicketWeight.room(for: demand.weight, of: status.profile.capacity)
  }

  private func admits(_ agent: AgentID, _ fit: Fit) -> Bool {
    seats[agent]?.status.presence == .available || fit.reserveStep != nil
  }

  private func somebodyElse(than refusers: [AgentID], among fitting: [Fit], _ demand: Demand) -> Bool {
    var refusedInRow: [Int: (available: Int32, reserve: Int32)] = [:]
    for refuser in refusers {
      guard let (row, status) = seats[refuser] else { continue }
      if status.presence == .available {
        refusedInRow[row, default: (0, 0)].available += 1
      } else {
        refusedInRow[row, default: (0, 0)].reserve += 1
      }
    }
    return fitting.contains { fit in
      let head = heads[fit.row]
      guard TicketWeight.room(for: demand.weight, of: head.capacity) >= 0 else { return false }
      let refused = refusedInRow[fit.row] ?? (0, 0)
      let isReserveCalled = fit.reserveStep != nil
      let present = head.available.count + head.asked + (isReserveCalled ? head.reserve.count : 0)
      return present > refused.available + (isReserveCalled ? refused.reserve : 0)
    }
  }

  /// The best seat of all matching rows: fewest steps, then available agents before the reserve, lowest occupancy, longest idle, name.
  private mutating func best(of fitting: [Fit], _ demand: Demand, refusers: Bool) -> Candidate? {
    var best: Candidate?
    var rank: Candidate.Rank?
    for fit in fitting {
      looks += 1
      if let rank, rank.step < fit.step { break }
      let head = heads[fit.row]
      let room = TicketWeight.room(for: demand.weight, of: head.capacity)
      if Candidate.mayComeBefore(rank, head.available, of: head.capacity, room, fit.step, isReserve: false),
        let seat = first(in: rows[fit.row].available, of: fit.row, demand, refusers)
      {
        best = better(best, Candidate(seat, capacity: head.capacity, step: fit.step, isReserve: false))
        rank = best?.rank
      }
      if let step = fit.reserveStep,
        Candidate.mayComeBefore(rank, head.reserve, of: head.capacity, room, step, isReserve: true),
        let seat = first(in: rows[fit.row].reserve, of: fit.row, demand, refusers)
      {
        best = better(best, Candidate(seat, capacity: head.capacity, step: step, isReserve: true))
        rank = best?.rank
      }
    }
    return best
  }

  private func better(_ best: Candidate?, _ other: Candidate) -> Candidate {
    best.map { min($0, other) } ?? other
  }

  private mutating func first(
    in seats: SortedBuckets<Seat>, of row: Int, _ demand: Demand, _ refusers: Bool
  ) -> Seat? {
    let room = TicketWeight.room(for: demand.weight, of: rows[row].profile.capacity)
    func mayBeAsked(_ seat: Seat) -> Bool {
      (refusers || !demand.refusedBy.contains(seat.agent)) && !demand.paused.contains(seat.agent)
    }
    if let head = seats.first, head.load <= room, mayBeAsked(head) {
      looks += 1
      return head
    }
    for seat in seats {
      looks += 1
      if seat.load > room { return nil }
      if mayBeAsked(seat) { return seat }
    }
    return nil
  }

  /// The eligible agents, best first.
  mutating func ranking(_ demand: Demand, in queue: QueuePolicy, limit: Int) -> [Candidate] {
    var found: [Candidate] = []
    var worst: Candidate.Rank?
    func add(_ seats: SortedBuckets<Seat>, _ capacity: Int32, _ step: Int, isReserve: Bool) {
      for seat in seats {
        if seat.load > TicketWeight.room(for: demand.weight, of: capacity) { return }
        if demand.paused.contains(seat.agent) { continue }
        let candidate = Candidate(seat, capacity: capacity, step: step, isReserve: isReserve)
        if found.count == limit, let worst = found.last {
          if worst < candidate { return }
          found.removeLast()
        }
        found.insert(candidate, at: found.firstIndex { candidate < $0 } ?? found.count)
        if found.count == limit { worst = found.last?.rank }
      }
    }
    for fit in fitting(demand, in: queue) {
      if let worst, worst.step < fit.step { break }
      let head = heads[fit.row]
      let room = TicketWeight.room(for: demand.weight, of: head.capacity)
      if Candidate.mayComeBefore(worst, head.available, of: head.capacity, room, fit.step, isReserve: false) {
        add(rows[fit.row].available, head.capacity, fit.step, isReserve: false)
      }
      if let step = fit.reserveStep,
        Candidate.mayComeBefore(worst, head.reserve, of: head.capacity, room, step, isReserve: true)
      {
        add(rows[fit.row].reserve, head.capacity, step, isReserve: true)
      }
    }
    return found
  }

  /// Counts of the present agents by their relation to a demand.
  struct AgentCounts: Hashable, Sendable {
    var able = 0
    var full = 0
    var asked = 0
    var unfit = 0
  }

  mutating func census(_ demand: Demand, in queue: QueuePolicy) -> AgentCounts {
    var census = AgentCounts(unfit: seats.count)
    for fit in fitting(demand, in: queue) {
      let head = heads[fit.row]
      let room = TicketWeight.room(for: demand.weight, of: head.capacity)
      func able(_ span: Span, _ seats: (Row) -> SortedBuckets<Seat>) -> Int {
        if span.count == 0 || span.firstLoad > room { return 0 }
        return span.lastLoad <= room ? Int(span.count) : seats(rows[fit.row]).count(before: .beyond(room))
      }
      var present = Int(head.available.count)
      var count = able(head.available) { $0.available }
      if fit.reserveStep != nil {
        present += Int(head.reserve.count)
        count += able(head.reserve) { $0.reserve }
      }
      census.able += count
      census.full += present - count
      census.asked += Int(head.asked)
      census.unfit -= present + Int(head.asked)
    }
    return census
  }

  /// Agents who match but were already asked in this round, wait in a reserve that was not activated, or have no free capacity: those
  /// nearest to having it first, then the longest idle, then by name.
  mutating func busy(_ demand: Demand, in queue: QueuePolicy, limit: Int) -> [AgentStatus] {
    var found: [BusyCandidate] = []
    var worst: (excess: Int32, idleSince: Instant)?
    func add(_ busy: BusyCandidate) {
      if found.count == limit {
        guard let worst = found.last, busy < worst else { return }
        found.removeLast()
      }
      found.insert(busy, at: found.firstIndex { busy < $0 } ?? found.count)
      if found.count == limit { worst = found.last.map { ($0.excess, $0.seat.idleSince) } }
    }
    for fit in fitting(demand, in: queue) {
      let head = heads[fit.row]
      let room = TicketWeight.room(for: demand.weight, of: head.capacity)
      if head.asked > 0 {
        for status in rows[fit.row].asked.values { add(BusyCandidate(Seat(status), room: status.load)) }
      }
      if BusyCandidate.mayComeBefore(worst, head.available, room) {
        for seat in rows[fit.row].available.elements(from: .beyond(room), limit: limit) {
          add(BusyCandidate(seat, room: room))
        }
      }
      let admitted = fit.reserveStep != nil ? room : -1
      if BusyCandidate.mayComeBefore(worst, head.reserve, admitted) {
        for seat in rows[fit.row].reserve.elements(from: .beyond(admitted), limit: limit) {
          add(BusyCandidate(seat, room: room))
        }
      }
    }
    return found.compactMap { seats[$0.seat.agent]?.status }
  }

  /// A matching agent, and how much load is in excess.
  private struct BusyCandidate: Comparable {
    let excess: Int32
    let seat: Seat

    init(_ seat: Seat, room: Int32) {
      excess = max(0, seat.load - room)
      self.seat = seat
    }

    static func < (left: Self, right: Self) -> Bool {
      if left.excess != right.excess { return left.excess < right.excess }
      if left.seat.idleSince != right.seat.idleSince { return left.seat.idleSince < right.seat.idleSince }
      return left.seat.agent < right.seat.agent
    }

    /// Whether any of the seats is above a load and could come before another, judged by the summary figures alone.
    static func mayComeBefore(_ other: (excess: Int32, idleSince: Instant)?, _ span: Span, _ load: Int32) -> Bool {
      guard span.count > 0, span.lastLoad > load else { return false }
      guard let other, load >= 0 else { return true }
      let least = max(span.firstLoad - load, 1)
      if least != other.excess { return least < other.excess }
      // The first seat is the longest idle of its load; the others are unknown here.
      return span.firstLoad <= load || span.firstIdleSince <= other.idleSince
    }
  }

  /// An eligible agent, and the values compared.
  struct Candidate: Comparable, Sendable {
    /// Everything but the name, which breaks ties: plain numbers that are cheap to copy.
    struct Rank: Sendable {
      let step: Int
      let isReserve: Bool
      let occupancy: Double
      let idleSince: Instant
    }

    let rank: Rank
    let agent: AgentID

    init(_ seat: Seat, capacity: Int32, step: Int, isReserve: Bool) {
      rank = Rank(
        step: step, isReserve: isReserve, occupancy: Double(seat.load) / Double(max(1, capacity)),
        idleSince: seat.idleSince)
      agent = seat.agent
    }

    /// Whether any of the seats could come before a candidate, judged by the summary figures alone.
    fileprivate static func mayComeBefore(
      _ other: Rank?, _ span: Span, of capacity: Int32, _ room: Int32, _ step: Int, isReserve: Bool
    ) -> Bool {
      guard span.count > 0, span.firstLoad <= room else { return false }
      guard let other else { return true }
      if other.step != step { return step < other.step }
      if other.isReserve != isReserve { return other.isReserve }
      let occupancy = Double(span.firstLoad) / Double(max(1, capacity))
      if other.occupancy != occupancy { return occupancy < other.occupancy }
      return span.firstIdleSince <= other.idleSince
    }

    static func < (left: Self, right: Self) -> Bool {
      let (one, other) = (left.rank, right.rank)
      if one.step != other.step { return one.step < other.step }
      if one.isReserve != other.isReserve { return other.isReserve }
      if one.occupancy != other.occupancy { return one.occupancy < other.occupancy }
      if one.idleSince != other.idleSince { return one.idleSince < other.idleSince }
      return left.agent < right.agent
    }

    static func == (left: Self, right: Self) -> Bool { !(left < right) && !(right < left) }
  }
}

extension AgentIndex.Seat {
  init(_ status: AgentStatus) {
    self.init(load: status.load, idleSince: status.idleSince, agent: status.profile.id)
  }

  /// The place behind all seats with at most this load.
  fileprivate static func beyond(_ load: Int32) -> AgentIndex.Seat {
    AgentIndex.Seat(load: load + 1, idleSince: Instant(microseconds: .min), agent: "")
  }
}
