import CommandLineTool
import DeskCore
import PolicyReading
import Store

/// A complete benchmark of one running desk.
struct BenchRun: Sendable {
  let store: DeskStore
  let local: LocalDesk
  let folder: String
  let samples: [String]
  let quick: Bool
  /// The offered rates, messages per second.
  let offered: [Double]
  /// The numbers of live tickets at which a message's cost is measured.
  let crowds: [Int]
  /// Whether each stage is measured alone, for which other services of the desk are stopped.
  let stages: Bool
  /// Reports the current measurement.
  let announce: @Sendable (String) -> Void

  private var measurement: BenchMeasurement { BenchMeasurement(store: store, local: local, samples: samples) }
  private var processes: BenchProcesses { BenchProcesses(folder: folder) }
  private var saturationMessages: Int {
    quick ? BenchBounds.quickSaturationMessages : BenchBounds.saturationMessages
  }

  func report() async throws -> BenchReport {
    let count = quick ? 1 : BenchBounds.runs
    announce("warming up")
    _ = try await measurement.saturation(messages: BenchBounds.warmUpMessages)
    announce("idle")
    let idle = try await idleUsage()
    var raw: [Double] = []
    var saturation: [Double] = []
    var costs: [[String: Double]] = []
    var latencies: [[BenchMeasurement.Latencies]] = offered.map { _ in [] }
    for run in 1...count {
      // All kinds in each run, so that variations of the machine affect all of them.
      for (position, rate) in offered.enumerated() {
        announce("run \(run) of \(count): \(Int(rate)) messages per second")
        latencies[position].append(
          try await measurement.latencies(rate: rate, for: quick ? BenchBounds.quickRateTime : BenchBounds.rateTime))
      }
      announce("run \(run) of \(count): as fast as acknowledged")
      let (perSecond, cost) = try await saturationWithCosts()
      saturation.append(perSecond)
      costs.append(cost)
      announce("run \(run) of \(count): the raw limit")
      raw.append(
        try await RawLimit(pool: store.pool).measure(
          for: quick ? BenchBounds.quickRawTime : BenchBounds.rawTime, traffic: measurement.traffic("raw")))
    }
    let full = try processes.usage()
    var report = BenchReport(
      runs: count, saturationPerSecond: BenchReport.median(saturation), rawLimitPerSecond: BenchReport.median(raw),
      loads: zip(offered, latencies).map { BenchReport.Load(rate: $0, runs: $1) })
    // Before live tickets are added, which would be offered first.
    report.offers = try await BenchOffers(measurement: measurement).run(
      for: quick ? BenchBounds.quickRateTime : BenchBounds.rateTime, announce: announce)
    report.crowds = try await crowdFigures()
    if stages {
      report.stages = try await BenchStages(
        measurement: measurement, messages: quick ? BenchBounds.quickStageMessages : BenchBounds.stageMessages,
        announce: announce
      ).run()
    }
    announce("start to ready")
    let starts = Dictionary(try await processes.secondsToReady(), uniquingKeysWith: { first, _ in first })
    report.services = full.keys.sorted().map { service in
      BenchReport.ServiceLoad(
        service: service, idleMegabytes: idle[service]?.megabytes ?? 0,
        fullMegabytes: full[service]?.residentMegabytes ?? 0, idleProcessorPercent: idle[service]?.percent ?? 0,
        processorMicrosecondsPerMessage: BenchReport.median(costs.compactMap { $0[service] }),
        readySeconds: starts[service])
    }
    return report
  }

  private func idleUsage() async throws -> [String: (megabytes: Double, percent: Double)] {
    let time = quick ? BenchBounds.quickIdleTime : BenchBounds.idleTime
    let before = try processes.usage()
    try await Task.sleep(for: time)
    let after = try processes.usage()
    return after.mapValues { usage in
      let used = usage.processorSeconds - (before[usage.service]?.processorSeconds ?? 0)
      return (usage.residentMegabytes, 100 * used / (time / .seconds(1)))
    }
  }

  /// Measures messages per second, and each service's CPU time per message in microseconds.
  private func saturationWithCosts() async throws -> (perSecond: Double, costs: [String: Double]) {
    let before = try processes.usage()
    let perSecond = try await measurement.saturation(messages: saturationMessages)
    let costs = try processes.usage().mapValues { usage in
      (usage.processorSeconds - (before[usage.service]?.processorSeconds ?? 0)) * 1e6 / Double(saturationMessages)
    }
    return (perSecond, costs)
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
      let (perSecond, costs) = try await saturationWithCosts()
      figures.append(
        BenchReport.Crowd(
          liveTickets: crowd, saturationPerSecond: perSecond.rounded(),
          processorMicrosecondsPerMessage: costs.values.reduce(0, +).rounded()))
    }
    return figures
  }
}
