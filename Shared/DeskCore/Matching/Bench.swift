/// The agents at the desk, kept so that the best one for a demand is found without a look at each.
///
/// Agents who are alike (teams, skills, languages, capacity) share a row, sorted by load and idleness. A demand is held against
/// rows, not agents, and what fits is remembered; then the first of each fitting row is compared. So a choice costs as many steps as
/// there are kinds of agents, and a change of one agent costs one removal and one insertion.
struct Bench: Sendable {
  /// An agent's place in a row: the least loaded first, then who is idle longest; the name settles ties.
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

  /// Agents who are alike.
  struct Row: Sendable {
    let profile: AgentProfile
    var available = SortedBuckets<Seat>()
    var reserve = SortedBuckets<Seat>()
    /// Agents who were asked in this round, and are not asked again in it.
    var asked: [AgentID: AgentStatus] = [:]

    /// Everybody of the row who is at the desk.
    var present: Int { available.count + reserve.count + asked.count }
  }

  private struct Kind: Hashable {
    let teams: Set<TeamID>
    let skills: [SkillID: Int]
    let languages: Set<String>
    let capacity: Int32
  }

  /// Which rows fit a demand, remembered.
  private struct FitKey: Hashable {
    let queue: QueueID
    let steps: Int
    let skills: [SkillRequirement]
    let language: String
  }

  /// A row that fits, and the step of relaxation that let it in; 0 when all that is asked is there.
  struct Fit: Sendable {
    let row: Int
    let step: Int
    let reserveStep: Int?
  }

  private(set) var rows: [Row] = []
  private var rowOfKind: [Kind: Int] = [:]
  private var seats: [AgentID: (row: Int, status: AgentStatus)] = [:]
  private var fits: [FitKey: [Fit]] = [:]
  /// Counts whatever could make an agent able who was not: a demand that found nobody finds nobody until it rises.
  private(set) var gains = 0
  /// Rows and seats looked at since the beginning: the measure of the work.
  private(set) var looks = 0

  /// Everybody who can be asked in this round, with room or without.
  var isEmpty: Bool { rows.allSatisfy { $0.available.isEmpty && $0.reserve.isEmpty } }

  /// Demands that are remembered at once; beyond this all are forgotten and looked up again.
  private static let fitsRemembered = 4_096

  // MARK: Who is there

  /// Takes over an agent's situation, whatever it was before. Agents who are not at the desk leave.
  mutating func seat(_ status: AgentStatus) {
    leave(status.profile.id)
    guard status.isPresent else { return }
    let kind = Kind(
      teams: status.profile.teams, skills: status.profile.skills, languages: status.profile.languages,
      capacity: status.profile.capacity)
    let row =
      rowOfKind[kind]
      ?? {
        rows.append(Row(profile: status.profile))
        rowOfKind[kind] = rows.count - 1
        fits.removeAll(keepingCapacity: true)
        return rows.count - 1
      }()
    seats[status.profile.id] = (row, status)
    if status.presence == .available {
      rows[row].available.insert(Seat(status))
    } else {
      rows[row].reserve.insert(Seat(status))
    }
    gains += 1
  }

  /// Removes an agent.
  mutating func leave(_ agent: AgentID) {
    guard let (row, status) = seats.removeValue(forKey: agent) else { return }
    // Who refused, and who waits for this one, may now go elsewhere.
    gains += 1
    if rows[row].asked.removeValue(forKey: agent) != nil { return }
    if status.presence == .available {
      rows[row].available.remove(Seat(status))
    } else {
      rows[row].reserve.remove(Seat(status))
    }
  }

  /// The agent was asked and is left alone for the rest of the round.
  mutating func ask(_ agent: AgentID) {
    guard let (row, status) = seats[agent] else { return }
    if status.presence == .available {
      rows[row].available.remove(Seat(status))
    } else {
      rows[row].reserve.remove(Seat(status))
    }
    rows[row].asked[agent] = status
  }

  /// An agent's situation; nil when not at the desk.
  func status(of agent: AgentID) -> AgentStatus? { seats[agent]?.status }

  /// Whether the agent was asked in this round.
  func wasAsked(_ agent: AgentID) -> Bool {
    seats[agent].map { rows[$0.row].asked[agent] != nil } ?? false
  }

  // MARK: Who is chosen

  /// The rows that fit, those that need fewer steps first.
  mutating func fitting(_ demand: Demand, in queue: QueuePolicy) -> [Fit] {
    let key = FitKey(queue: demand.queue, steps: demand.steps, skills: demand.skills, language: demand.language)
    if let known = fits[key] { return known }
    if fits.count >= Bench.fitsRemembered { fits.removeAll(keepingCapacity: true) }
    let asked = (0...demand.steps).map { Asked(demand.skills, in: queue, after: $0) }
    var found: [Fit] = []
    for (number, row) in rows.enumerated() {
      guard let step = asked.firstIndex(where: { $0.lack(of: row.profile, speaking: demand.language) == nil }) else {
        continue
      }
      let reserveStep = asked.indices.first { $0 >= step && asked[$0].reserve }
      found.append(Fit(row: number, step: step, reserveStep: reserveStep))
    }
    looks += rows.count
    found.sort { ($0.step, $0.row) < ($1.step, $1.row) }
    fits[key] = found
    return found
  }

  /// The agent who is asked, and whether the ticket waits for nobody else; nil when nobody can take it now.
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
    // Who refused is asked again only when nobody else at the desk could take it, now or when there is room again;
    // otherwise a refusal would come back at once whenever the others are busy.
    guard !demand.refusedBy.isEmpty, !somebodyElse(than: demand.refusedBy, among: fitting, demand) else { return nil }
    return best(of: fitting, demand, refusers: true)?.agent
  }

  private func canTake(_ agent: AgentID, _ demand: Demand) -> Bool {
    guard let (row, status) = seats[agent], rows[row].asked[agent] == nil else { return false }
    return status.load + demand.weight <= status.profile.capacity
  }

  private func admits(_ agent: AgentID, _ fit: Fit) -> Bool {
    seats[agent]?.status.presence == .available || fit.reserveStep != nil
  }

  private func somebodyElse(than refusers: [AgentID], among fitting: [Fit], _ demand: Demand) -> Bool {
    fitting.contains { fit in
      let row = rows[fit.row]
      guard row.profile.capacity >= demand.weight else { return false }
      let present = row.available.count + row.asked.count + (fit.reserveStep == nil ? 0 : row.reserve.count)
      let refused = refusers.filter { agent in
        guard let seat = seats[agent], seat.row == fit.row else { return false }
        return seat.status.presence == .available || fit.reserveStep != nil
      }
      return present > refused.count
    }
  }

  /// The best seat of all fitting rows: fewest steps, then availables before the reserve, lowest occupancy, longest idle, name.
  private mutating func best(of fitting: [Fit], _ demand: Demand, refusers: Bool) -> Candidate? {
    var best: Candidate?
    for fit in fitting {
      looks += 1
      if let best, best.step < fit.step { break }
      if let seat = first(in: rows[fit.row].available, of: fit.row, demand, refusers) {
        let candidate = Candidate(seat, capacity: rows[fit.row].profile.capacity, step: fit.step, isReserve: false)
        if best.map({ candidate < $0 }) ?? true { best = candidate }
      }
      if let step = fit.reserveStep, let seat = first(in: rows[fit.row].reserve, of: fit.row, demand, refusers) {
        let candidate = Candidate(seat, capacity: rows[fit.row].profile.capacity, step: step, isReserve: true)
        if best.map({ candidate < $0 }) ?? true { best = candidate }
      }
    }
    return best
  }

  private mutating func first(
    in seats: SortedBuckets<Seat>, of row: Int, _ demand: Demand, _ refusers: Bool
  ) -> Seat? {
    let room = rows[row].profile.capacity - demand.weight
    if let head = seats.first, head.load <= room, refusers || !demand.refusedBy.contains(head.agent) {
      looks += 1
      return head
    }
    for seat in seats {
      looks += 1
      if seat.load > room { return nil }
      if refusers || !demand.refusedBy.contains(seat.agent) { return seat }
    }
    return nil
  }

  /// Those who could be asked, best first.
  mutating func ranking(_ demand: Demand, in queue: QueuePolicy, limit: Int) -> [Candidate] {
    var found: [Candidate] = []
    for fit in fitting(demand, in: queue) {
      if found.count >= limit, let last = found.last, last.step < fit.step { break }
      let row = rows[fit.row]
      let room = row.profile.capacity - demand.weight
      for seat in row.available.prefix(limit) where seat.load <= room {
        found.append(Candidate(seat, capacity: row.profile.capacity, step: fit.step, isReserve: false))
      }
      guard let step = fit.reserveStep else { continue }
      for seat in row.reserve.prefix(limit) where seat.load <= room {
        found.append(Candidate(seat, capacity: row.profile.capacity, step: step, isReserve: true))
      }
    }
    return Array(found.sorted().prefix(limit))
  }

  /// How the agents at the desk stand to a demand.
  struct Census: Hashable, Sendable {
    var able = 0
    var full = 0
    var asked = 0
    var unfit = 0
  }

  mutating func census(_ demand: Demand, in queue: QueuePolicy) -> Census {
    var census = Census(unfit: seats.count)
    for fit in fitting(demand, in: queue) {
      let row = rows[fit.row]
      let beyond = Seat(
        load: row.profile.capacity - demand.weight + 1, idleSince: Instant(microseconds: .min), agent: "")
      var present = row.available.count
      census.able += row.available.count(before: beyond)
      if fit.reserveStep != nil {
        present += row.reserve.count
        census.able += row.reserve.count(before: beyond)
      }
      census.full += present
      census.asked += row.asked.count
      census.unfit -= present + row.asked.count
    }
    census.full -= census.able
    return census
  }

  /// Agents who would do but have no room, were asked in this round or wait in a reserve that was not called: some of each row, by
  /// name.
  mutating func hindered(_ demand: Demand, in queue: QueuePolicy, limit: Int) -> [AgentStatus] {
    var found: [AgentStatus] = []
    let fitting = fitting(demand, in: queue)
    let share = max(4, limit / max(1, fitting.count))
    for fit in fitting {
      let row = rows[fit.row]
      let room = row.profile.capacity - demand.weight
      found += row.available.largest(share).filter { $0.load > room }.compactMap { seats[$0.agent]?.status }
      let resting =
        fit.reserveStep == nil ? row.reserve.largest(share) : row.reserve.largest(share).filter { $0.load > room }
      found += resting.compactMap { seats[$0.agent]?.status }
      found += row.asked.values.sorted { $0.profile.id < $1.profile.id }.prefix(share)
    }
    return Array(found.sorted { $0.profile.id < $1.profile.id }.prefix(limit))
  }

  /// An agent who could be asked, and what is compared.
  struct Candidate: Comparable, Sendable {
    let step: Int
    let isReserve: Bool
    let occupancy: Double
    let idleSince: Instant
    let agent: AgentID

    init(_ seat: Seat, capacity: Int32, step: Int, isReserve: Bool) {
      self.step = step
      self.isReserve = isReserve
      occupancy = Double(seat.load) / Double(max(1, capacity))
      idleSince = seat.idleSince
      agent = seat.agent
    }

    static func < (left: Self, right: Self) -> Bool {
      if left.step != right.step { return left.step < right.step }
      if left.isReserve != right.isReserve { return right.isReserve }
      if left.occupancy != right.occupancy { return left.occupancy < right.occupancy }
      if left.idleSince != right.idleSince { return left.idleSince < right.idleSince }
      return left.agent < right.agent
    }
  }
}

extension Bench.Seat {
  init(_ status: AgentStatus) {
    self.init(load: status.load, idleSince: status.idleSince, agent: status.profile.id)
  }
}
