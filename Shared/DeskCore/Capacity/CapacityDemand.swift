/// How many workers one observation asks for, without any memory of earlier ones.
///
/// It grows with the backlog, the age of the oldest item, what arrives and how busy the workers are, each taken alone (a property test).
struct CapacityDemand: Hashable, Sendable {
  /// The workers needed, beyond any limit.
  let workers: Int
  /// The sign that asks for most of them.
  let reason: CapacityReason

  /// - Parameter itemsPerWorker: what a worker does per second when it is busy all the time; nil while it has not been measured.
  init(
    _ observation: CapacityObservation, under settings: CapacitySettings, itemsPerWorker: Double?,
    peaks: [PlannedPeak], now: Instant
  ) {
    let signs = [
      CapacityDemand.busy(observation, settings), CapacityDemand.late(observation, settings, itemsPerWorker),
      CapacityDemand.old(observation, settings),
    ].compactMap(\.self)
    var demand = CapacityDemand(settings.base, CapacityReason(.base, ["base": .count(settings.base)]))
    for sign in signs where sign.workers > demand.workers { demand = sign }
    if let peak = CapacityDemand.peak(peaks, settings, now: now), peak.workers > demand.workers { demand = peak }
    self = demand
  }

  private init(_ workers: Int, _ reason: CapacityReason) {
    self.workers = workers
    self.reason = reason
  }

  /// The workers for what the busy ones do, so that each is busy for `busyTarget` of its time. At the first sign the whole reserve.
  private static func busy(_ observation: CapacityObservation, _ settings: CapacitySettings) -> CapacityDemand? {
    guard let share = observation.busyShare, observation.running > 0, settings.busyTarget > 0 else { return nil }
    let used = share * Double(observation.running)
    let needed = whole(used / settings.busyTarget)
    guard needed > settings.base else { return nil }
    let workers = max(needed, settings.base + settings.reserve)
    return CapacityDemand(
      workers,
      CapacityReason(
        .busy,
        [
          "percent": .count(Int(share * 100)), "target": .count(Int(settings.busyTarget * 100)),
          "needed": .count(workers),
        ]))
  }

  /// The workers that clear the backlog within the allowed time, beside what arrives meanwhile.
  private static func late(
    _ observation: CapacityObservation, _ settings: CapacitySettings, _ itemsPerWorker: Double?
  ) -> CapacityDemand? {
    guard observation.backlog > 0, observation.running > 0, isBinding(observation), let each = itemsPerWorker, each > 0
    else { return nil }
    let backlog = Double(observation.backlog)
    let seconds = backlog / (each * Double(observation.running))
    let allowed = max(settings.allowed.inSeconds, 0.001)
    guard seconds > allowed else { return nil }
    let arrivals = observation.arrivals ?? observation.throughput ?? 0
    let workers = max(whole((arrivals * allowed + backlog) / (each * allowed)), settings.base + settings.reserve)
    return CapacityDemand(
      workers,
      CapacityReason(
        .late,
        [
          "backlog": .count(observation.backlog), "seconds": .number(min(seconds, 1e9).rounded()),
          "allowed": .count(Int(allowed.rounded(.up))), "needed": .count(workers),
        ]))
  }

  /// An item that waits too long calls in the reserve, and no more: it may wait for something that no worker can change.
  private static func old(_ observation: CapacityObservation, _ settings: CapacitySettings) -> CapacityDemand? {
    guard observation.backlog > 0, observation.oldestAge > settings.allowed, isBinding(observation) else { return nil }
    let workers = settings.base + settings.reserve
    return CapacityDemand(
      workers,
      CapacityReason(
        .old,
        [
          "seconds": .count(Int(observation.oldestAge.inSeconds)),
          "allowed": .count(Int(settings.allowed.inSeconds.rounded(.up))), "needed": .count(workers),
        ]))
  }

  private static func peak(_ peaks: [PlannedPeak], _ settings: CapacitySettings, now: Instant) -> CapacityDemand? {
    peaks.lazy.filter { $0.start - settings.lead <= now && now < $0.end }
      .max { ($0.workers, $1.name) < ($1.workers, $0.name) }
      .map { peak in
        CapacityDemand(
          peak.workers, CapacityReason(.peak, ["name": .text(peak.name), "workers": .count(peak.workers)]))
      }
  }

  /// Whether the service's own workers hold the work up. Workers that have nothing to do wait for another stage themselves.
  private static func isBinding(_ observation: CapacityObservation) -> Bool {
    observation.busyShare.map { $0 >= CapacityBounds.bindingShare } ?? true
  }

  /// Rounded up, but not for an error of the last digits, and within what can be wanted.
  private static func whole(_ workers: Double) -> Int {
    let most = Double(CapacityBounds.workers.upperBound)
    return workers.isNaN ? 0 : Int(min(max((workers - 1e-6).rounded(.up), 0), most))
  }
}
