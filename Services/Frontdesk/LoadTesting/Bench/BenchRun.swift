import CommandLineTool
import DeskCore
import PolicyReading
import Store

/// A benchmark of one running desk: the chosen parts, several times.
struct BenchRun: Sendable {
  let measurement: BenchMeasurement
  let quick: Bool
  let parts: Set<BenchPart>
  /// The offered rates, messages per second.
  let offered: [Double]
  /// The numbers of live tickets at which a message's cost is measured.
  let crowds: [Int]
  /// Reports the current measurement.
  let announce: @Sendable (String) -> Void

  private var store: DeskStore { measurement.store }
  private var processes: BenchProcesses { measurement.processes }
  private var rateTime: Duration { quick ? BenchBounds.quickRateTime : BenchBounds.rateTime }
  private var saturationMessages: Int {
    quick ? BenchBounds.quickSaturationMessages : BenchBounds.saturationMessages
  }

  /// The results of the repeated parts.
  private struct Runs {
    var latencies: [[BenchMeasurement.Latencies]]
    var saturation: [BenchMeasurement.Outcome] = []
    var raw: [RawLimit.Figures] = []
  }

  func report() async throws -> BenchReport {
    let count = quick ? 1 : BenchBounds.runs
    var report = BenchReport(runs: count, loads: [])
    // Before anything else: the desk has just become ready.
    if parts.contains(.first), measurement.isPrivate { report.first = try await first() }
    report.hasCommitTimes = try await BenchCommitTimes(store: store).areRecorded()
    announce("warming up")
    _ = try await measurement.saturation(messages: BenchBounds.warmUpMessages)
    let idle = parts.contains(.idle) ? try await idleUsage() : nil
    let runs = try await repeated(count)
    let full = try processes.residentMegabytes()
    report.loads = zip(offered, runs.latencies).filter { !$1.isEmpty }.map { BenchReport.Load(rate: $0, runs: $1) }
    report.set(
      saturation: runs.saturation.map {
        .init(
          perSecond: $0.perSecond, microsecondsPerMessage: $0.cost.microseconds,
          microsecondsLater: $0.cost.microsecondsLater, busyShare: $0.cost.busyShare)
      },
      raw: runs.raw.map {
        .init(
          perSecond: $0.perSecond, microsecondsPerMessage: $0.microsecondsPerMessage, busyShare: $0.busyShare)
      })
    // Before live tickets are added, which would be offered first.
    if parts.contains(.offers) {
      report.offers = try await BenchOffers(measurement: measurement).run(for: rateTime, announce: announce)
    }
    if parts.contains(.traffic) {
      report.traffic = try await BenchTraffic(
        measurement: measurement, messages: quick ? BenchBounds.quickStageMessages : BenchBounds.stageMessages,
        agentsTime: rateTime, announce: announce
      ).run()
    }
    if parts.contains(.liveTickets) { report.crowds = try await crowdFigures() }
    if parts.contains(.stages), measurement.isPrivate {
      report.stages = try await BenchStages(
        measurement: measurement, messages: quick ? BenchBounds.quickStageMessages : BenchBounds.stageMessages,
        announce: announce
      ).run()
    }
    let starts = parts.contains(.ready) ? try await starts() : [:]
    let costs = runs.saturation.map(\.cost.microsecondsByService)
    report.services = full.keys.sorted().map { service in
      BenchReport.ServiceLoad(
        service: service, idleMegabytes: idle?.megabytes[service], fullMegabytes: full[service] ?? 0,
        idleProcessorPercent: idle?.percent[service],
        processorMicrosecondsPerMessage: costs.isEmpty ? nil : BenchReport.median(costs.compactMap { $0[service] }),
        readySeconds: starts[service])
    }
    return report
  }

  /// All kinds in each run, so that variations of the machine affect all of them.
  private func repeated(_ count: Int) async throws -> Runs {
    var runs = Runs(latencies: offered.map { _ in [] })
    let rawLimit =
      parts.contains(.raw)
      ? RawLimit(pool: store.pool, processes: processes, rows: try await RawRows.read(store.pool)) : nil
    for run in 1...count {
      if parts.contains(.rates) {
        for (position, rate) in offered.enumerated() {
          announce("run \(run) of \(count): \(Int(rate)) messages per second")
          runs.latencies[position].append(try await measurement.latencies(rate: rate, for: rateTime))
        }
      }
      if parts.contains(.saturation) {
        announce("run \(run) of \(count): as fast as acknowledged")
        runs.saturation.append(try await measurement.saturation(messages: saturationMessages))
      }
      if let rawLimit {
        announce("run \(run) of \(count): the raw limit")
        runs.raw.append(
          try await rawLimit.measure(
            slices: quick ? BenchBounds.quickRawSlices : BenchBounds.rawSlices, traffic: measurement.traffic("raw")))
        for rate in runs.latencies.indices {
          guard let last = runs.latencies[rate].indices.last else { continue }
          let size = max(1, Int(runs.latencies[rate][last].messagesPerCommit.rounded()))
          announce("run \(run) of \(count): the same rows, \(size) together")
          runs.latencies[rate][last].rows = try await rawLimit.measure(
            slices: BenchBounds.quickRawSlices, batch: size, traffic: measurement.traffic("raw"))
        }
      }
    }
    return runs
  }

  private func first() async throws -> BenchReport.First {
    announce("\(BenchBounds.firstMessages) messages at once, just after ready")
    let outcome = try await measurement.run(
      BenchMeasurement.Load(
        messages: BenchBounds.firstMessages, batch: BenchBounds.firstMessages, traffic: measurement.traffic("first")))
    let times = outcome.times.map { Double($0.decided.microseconds - outcome.beginning.microseconds) / 1000 }
    return BenchReport.First(
      messages: times.count, firstQueued: times.min() ?? 0, medianQueued: BenchReport.median(times),
      lastQueued: times.max() ?? 0)
  }

  // exact-keys: names of services from the desk's own list.
  private func idleUsage() async throws -> (megabytes: [String: Double], percent: [String: Double]) {
    announce("idle")
    let time = quick ? BenchBounds.quickIdleTime : BenchBounds.idleTime
    let meter = try BenchCostMeter(processes)
    try await Task.sleep(for: time)
    let percent = try meter.seconds().mapValues { 100 * $0 / (time / .seconds(1)) }
    return (try processes.residentMegabytes(), percent)
  }

  // exact-keys: as above.
  private func starts() async throws -> [String: Double] {
    announce("start to ready")
    return Dictionary(try await processes.secondsToReady().map { ($0, $1) }, uniquingKeysWith: { first, _ in first })
  }

  private func crowdFigures() async throws -> [BenchReport.Crowd] {
    var figures: [BenchReport.Crowd] = []
    guard !crowds.isEmpty else { return figures }
    guard let stored = try await store.access.newestPolicy() else { throw CommandFailure("the desk has no policy") }
    let queue = try stored.policy().defaultQueue
    for crowd in crowds {
      announce("filling up to \(crowd) live tickets")
      try await LiveTickets(pool: store.pool, queue: queue).fill(to: crowd)
      // PostgreSQL's follow-up work of filling runs during messages that are not counted.
      _ = try await measurement.saturation(messages: saturationMessages)
      announce("with \(crowd) live tickets")
      let outcome = try await measurement.saturation(messages: saturationMessages)
      figures.append(
        BenchReport.Crowd(
          liveTickets: crowd, saturationPerSecond: outcome.perSecond.rounded(),
          processorMicrosecondsPerMessage: outcome.cost.microseconds.rounded(),
          busyShare: BenchReport.share([outcome.cost.busyShare])))
    }
    return figures
  }
}
