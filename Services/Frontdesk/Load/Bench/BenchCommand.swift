import ArgumentParser
import Store

/// `frontdesk bench`.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure throughput and latency, beside what PostgreSQL takes of the same rows.",
    discussion: """
      Without --folder it runs a desk of its own in a temporary folder and leaves nothing behind. Latencies count from when a \
      request was due and not from when it was sent. Accept-to-queued times are the database's own.
      """)

  @Option(help: "Measure the desk that runs in this folder; its database gets the messages.")
  var folder: String?

  @Option(help: "The policy of the desk of its own (default: deploy/desk.yaml).")
  var policy: String?

  @Option(help: "The offered rates of latencies, messages a second.")
  var rates = "1000,5000"

  @Flag(help: "One short run in place of the medians of several.")
  var quick = false

  @Flag(help: "Print one JSON object, and nothing else on standard output.")
  var json = false

  func validate() throws {
    guard !offered.isEmpty, offered.allSatisfy({ $0 > 0 && $0 <= 1e6 }) else {
      throw ValidationError("--rates are numbers above 0 and up to 1000000, with commas between them.")
    }
  }

  private var offered: [Double] {
    let parts = rates.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Double($0) }
    return numbers.count == parts.count ? numbers : []
  }

  func run() async throws {
    let samples = try SampleFile.texts(path: nil)
    let report = try await Interruption.cancelling("the measurement was interrupted") {
      if let folder {
        var options = DeskOptions()
        options.folder = folder
        options.postgres = nil
        return try await measure(try options.localDesk(), samples)
      }
      tell("starting a desk of its own")
      let desk = try await PrivateDesk.start(
        PrivateDesk.Plan(purpose: "bench", policy: try PrivateDesk.policy(named: policy)))
      do {
        let report = try await measure(desk.local, samples)
        await desk.end()
        return report
      } catch {
        await desk.end()
        throw error
      }
    }
    if json { try ReportWriter.print(report) } else { Terminal.say(report.text) }
  }

  // MARK: - The runs

  private func measure(_ local: LocalDesk, _ samples: [String]) async throws -> BenchReport {
    try await DeskConnection.withStore(
      local.postgres, connections: BenchBounds.rawLoops + 2, requestTimeout: .seconds(60)
    ) {
      store in
      let measurement = BenchMeasurement(store: store, local: local, samples: samples)
      let count = quick ? 1 : BenchBounds.runs
      _ = try await measurement.saturation(messages: BenchBounds.warmUpMessages)
      var raw: [Double] = []
      var saturation: [Double] = []
      var latencies: [[BenchMeasurement.Latencies]] = offered.map { _ in [] }
      for run in 1...count {
        // All kinds in each run, so that a change of the machine's mood meets all of them.
        for (position, rate) in offered.enumerated() {
          tell("run \(run) of \(count): \(Int(rate)) messages a second")
          latencies[position].append(
            try await measurement.latencies(rate: rate, for: quick ? BenchBounds.quickRateTime : BenchBounds.rateTime))
        }
        tell("run \(run) of \(count): as fast as acknowledged")
        saturation.append(
          try await measurement.saturation(
            messages: quick ? BenchBounds.quickSaturationMessages : BenchBounds.saturationMessages))
        tell("run \(run) of \(count): the raw limit")
        raw.append(
          try await RawLimit(pool: store.pool).measure(
            for: quick ? BenchBounds.quickRawTime : BenchBounds.rawTime, traffic: measurement.traffic("raw")))
      }
      return BenchReport(
        runs: count, saturationPerSecond: BenchReport.median(saturation), rawLimitPerSecond: BenchReport.median(raw),
        loads: zip(offered, latencies).map { BenchReport.Load(rate: $0, runs: $1) })
    }
  }

  private func tell(_ text: String) {
    // Standard output may be for a program alone.
    if json { Terminal.complain(text) } else { Terminal.say(text) }
  }
}
