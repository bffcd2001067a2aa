/// Decides how many workers of one service are wanted. Pure: observations and the time are arguments.
///
/// It grows at once to what an observation asks for, and shrinks by one worker at a time, only after the load has been low for the whole
/// cool-down and only when no more workers run than are wanted. So it never flaps: after it grew, it does not shrink within the cool-down.
/// What is not known never shrinks it.
///
/// ```swift
/// var controller = CapacityController(.usual(.router), wanted: 2, now: now)
/// let decision = controller.handle(observation, now: now)
/// ```
public struct CapacityController: Sendable, Equatable {
  /// The settings; a change counts from the next observation.
  public var settings: CapacitySettings
  /// The known peaks; those that are over are ignored.
  public var peaks: [PlannedPeak]
  /// The wanted number of workers.
  public private(set) var wanted: Int
  /// What a worker does per second when it is busy all the time, in items; nil while it has not been measured.
  public private(set) var itemsPerWorker: Double?

  /// The demands of the cool-down that no later one reached, largest and oldest first: the first is the largest of all.
  private var demands: [Demand] = []
  /// Since when every observation was current.
  private var observedSince: Instant?
  private var lastObserved: Instant
  private var lastShrunk: Instant?

  private struct Demand: Sendable, Equatable {
    let workers: Int
    var at: Instant
  }

  /// Creates a controller that goes on from a number of workers, and has seen nothing.
  public init(_ settings: CapacitySettings, peaks: [PlannedPeak] = [], wanted: Int, now: Instant) {
    self.settings = settings
    self.peaks = peaks
    self.wanted = wanted
    lastObserved = now
  }

  /// Takes an observation, and decides.
  ///
  /// - Parameters:
  ///   - observation: nil when there is none. One older than `CapacityBounds.observationHolds` counts as missing.
  ///   - now: the database's time.
  public mutating func handle(_ observation: CapacityObservation?, now: Instant) -> CapacityDecision {
    guard let observation, isCurrent(observation, at: now) else { return decideUnseeing(now) }
    remember(observation, now)
    let demand = CapacityDemand(
      observation, under: settings, itemsPerWorker: itemsPerWorker, peaks: peaks, now: now)
    let needed = min(max(demand.workers, settings.base), settings.limit)
    note(needed, now)
    let reason = demand.workers > settings.limit ? limited(demand.workers) : demand.reason
    if wanted > settings.limit || needed >= wanted {
      wanted = wanted > settings.limit ? settings.limit : needed
      return CapacityDecision(wanted: wanted, needed: needed, reason: reason)
    }
    return shrink(to: needed, running: observation.running, now)
  }

  // MARK: Deciding

  private mutating func shrink(to needed: Int, running: Int, _ now: Instant) -> CapacityDecision {
    let seconds = JSONValue.count(Int(settings.coolDown.inSeconds.rounded(.up)))
    let highest = demands.first?.workers ?? wanted
    let isCovered = observedSince.map { now - $0 >= settings.coolDown } ?? false
    let isPaused = lastShrunk.map { now - $0 < settings.stepPause } ?? false
    let reason: CapacityReason
    if !isCovered || highest >= wanted || isPaused {
      reason = CapacityReason(.coolDown, ["needed": .count(needed), "seconds": seconds])
    } else if running > wanted {
      reason = CapacityReason(.draining, ["needed": .count(needed), "running": .count(running)])
    } else {
      wanted -= 1
      lastShrunk = now
      reason = CapacityReason(.low, ["needed": .count(needed), "seconds": seconds])
    }
    return CapacityDecision(wanted: wanted, needed: needed, reason: reason)
  }

  /// Without a current observation, only what is planned can change the number.
  private mutating func decideUnseeing(_ now: Instant) -> CapacityDecision {
    if now < lastObserved || now - lastObserved > CapacityBounds.observationHolds { forget() }
    let nothing = CapacityObservation(at: now, running: 0)
    let planned = CapacityDemand(nothing, under: settings, itemsPerWorker: nil, peaks: peaks, now: now)
    let needed = min(max(planned.workers, settings.base), settings.limit)
    let kept = min(wanted, settings.limit)
    wanted = max(kept, needed)
    let reason = wanted > kept ? planned.reason : CapacityReason(.unknown)
    return CapacityDecision(wanted: wanted, needed: needed, reason: reason)
  }

  private func limited(_ needed: Int) -> CapacityReason {
    CapacityReason(.limit, ["needed": .count(needed), "limit": .count(settings.limit)])
  }

  // MARK: Remembering

  private func isCurrent(_ observation: CapacityObservation, at now: Instant) -> Bool {
    let age = now - observation.at
    return age <= CapacityBounds.observationHolds && age >= .zero - CapacityBounds.observationHolds
  }

  /// What was not seen was not low: after a gap, or a clock that was set back, the cool-down begins again.
  private mutating func remember(_ observation: CapacityObservation, _ now: Instant) {
    if now < lastObserved || now - lastObserved > CapacityBounds.observationHolds { forget() }
    lastObserved = now
    observedSince = observedSince ?? now
    guard let share = observation.busyShare, let throughput = observation.throughput, observation.running > 0,
      share >= CapacityBounds.measurableShare, throughput > 0
    else { return }
    let measured = throughput / (share * Double(observation.running))
    guard measured.isFinite else { return }
    let weight = CapacityBounds.measurementWeight
    itemsPerWorker = itemsPerWorker.map { $0 + weight * (measured - $0) } ?? measured
  }

  private mutating func note(_ needed: Int, _ now: Instant) {
    while let last = demands.last, last.workers <= needed { demands.removeLast() }
    demands.append(Demand(workers: needed, at: now))
    while let first = demands.first, now - first.at > settings.coolDown { demands.removeFirst() }
  }

  private mutating func forget() {
    demands = []
    observedSince = nil
    lastShrunk = nil
  }
}

/// How many workers are wanted, and why.
public struct CapacityDecision: Sendable, Hashable {
  /// The wanted number, from the base to the limit.
  public let wanted: Int
  /// What the observation alone asks for, within the limits.
  public let needed: Int
  /// Why.
  public let reason: CapacityReason
}
