package import ArgumentParser
import CommandLineTool
import Foundation
import Store

/// `frontdesk bench`.
package struct BenchCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure throughput and latency, compared with PostgreSQL's own rate for the same rows.",
    discussion: """
      Without --folder, runs a private desk in a temporary folder and removes it afterwards. The headline is the processor time of \
      a message at saturation, of services, PostgreSQL and client together, compared with bare loops that write the same rows. \
      Latencies are measured from when a request was due and not from when it was sent, to the commit of the decision, and from \
      commit to commit. The busy share of the machine's processors is stated with each figure: figures of a machine that does other \
      work say little. First messages and stages alone are measured on a private desk only.
      """)

  @Option(help: "Measure the desk that runs in this folder; its database gets the messages.")
  var folder: String?

  @Option(help: "The policy of the private desk (default: deploy/desk.yaml).")
  var policy: String?

  @Option(
    help: "The offered rates for latencies, messages/s (default: 500,1000,5000,10000; with --quick 1000,5000).")
  var rates: String?

  @Option(
    name: .customLong("live-tickets"),
    help:
      "The numbers of live tickets to create and measure a message's cost at (default: 10000,100000,1000000; with --quick none)."
  )
  var liveTickets: String?

  @Option(
    name: .customLong("kept-days"),
    help: "Measure a desk that has kept this many days of history: empty partitions of the days before.")
  var keptDays: Int?

  @Option(help: "Measure only these, separated by commas: \(BenchPart.names).")
  var only: String?

  @Option(help: "Output file for a chart (SVG).")
  var picture: String?

  @Option(
    help: "Soak test instead: hold the first rate for this long, such as 1h, and record memory, tables and dead rows.",
    transform: DurationArgument.read)
  var soak: DurationArgument?

  @Option(
    help: "Overload test instead: offer three times what the desk carries for this long, such as 5m.",
    transform: DurationArgument.read)
  var overload: DurationArgument?

  @Flag(help: "One short run instead of the medians of several.")
  var quick = false

  @Flag(help: "Print one JSON object, and nothing else on standard output.")
  var json = false

  package init() {}

  package func validate() throws {
    guard !offered.isEmpty, offered.allSatisfy({ $0 > 0 && $0 <= 1e6 }) else {
      throw ValidationError("--rates must be comma-separated numbers above 0 and up to 1000000.")
    }
    guard let crowds, crowds.allSatisfy({ $0 > 0 && $0 <= 10_000_000 }) else {
      throw ValidationError("--live-tickets must be comma-separated whole numbers above 0 and up to 10000000.")
    }
    guard keptDays.map(BenchBounds.keptDays.contains) ?? true else {
      throw ValidationError(
        "--kept-days must be \(BenchBounds.keptDays.lowerBound) to \(BenchBounds.keptDays.upperBound).")
    }
    guard folder == nil || keptDays == nil else {
      throw ValidationError("--kept-days adds tables to the desk's database; it cannot be combined with --folder.")
    }
    guard soak == nil || overload == nil else { throw ValidationError("--soak and --overload exclude each other.") }
    guard parts != nil else { throw ValidationError("--only must be some of \(BenchPart.names), separated by commas.") }
    guard folder == nil || liveTickets == nil else {
      throw ValidationError("--live-tickets fills the desk's tables; it cannot be combined with --folder.")
    }
  }

  private var offered: [Double] {
    let parts = (rates ?? (quick ? "1000,5000" : "500,1000,5000,10000")).split(
      separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Double($0) }
    return numbers.count == parts.count ? numbers : []
  }

  /// Nil when the option is not a list of numbers.
  private var crowds: [Int]? {
    guard let liveTickets else { return quick || folder != nil ? [] : BenchBounds.liveTickets }
    let parts = liveTickets.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0) }
    return numbers.count == parts.count ? numbers.sorted() : nil
  }

  /// Nil when the option names something else.
  private var parts: Set<BenchPart>? {
    // Traffic of all kinds takes longer than everything else of a quick run.
    guard let only else { return Set(BenchPart.allCases).subtracting(quick ? [.traffic] : []) }
    return BenchPart.read(only)
  }

  package func run() async throws {
    let samples = try SampleFile.texts(path: nil)
    try await Interruption.cancelling("the measurement was interrupted") {
      if let folder {
        var options = DeskOptions()
        options.folder = folder
        options.postgres = nil
        return try await measure(try options.localDesk(), in: folder, samples)
      }
      announce("starting a private desk")
      var plan = PrivateDesk.Plan(purpose: "bench", policy: try PrivateDesk.policy(named: policy))
      plan.arguments = ["--postgres-setting", "track_commit_timestamp=on"]
      plan.readyInterval = BenchBounds.deskInterval
      let desk = try await PrivateDesk.start(plan)
      do {
        try await measure(desk.local, in: desk.folder, samples)
        await desk.end()
      } catch {
        await desk.end()
        throw error
      }
    }
  }

  // MARK: - The runs

  private func measure(_ local: LocalDesk, in folder: String, _ samples: [String]) async throws {
    try await DeskConnection.withStore(
      local.postgres, connections: BenchBounds.rawLoops + 2, requestTimeout: .seconds(60)
    ) { store in
      let measurement = BenchMeasurement(
        store: store, local: local, processes: BenchProcesses(folder: folder), samples: samples,
        isPrivate: self.folder == nil)
      if let keptDays {
        announce("adding \(keptDays) days of history")
        try await KeptDays(pool: store.pool).keep(keptDays)
      }
      if let soak {
        let looks = try await BenchSoak(measurement: measurement, rate: offered[0], announce: announce)
          .run(for: soak.duration)
        if json { try ReportWriter.print(looks) } else { Terminal.say("\n" + BenchSoak.table(looks).text) }
        return
      }
      if let overload {
        let figures = try await BenchOverload(
          measurement: measurement,
          saturationMessages: quick ? BenchBounds.quickSaturationMessages : BenchBounds.saturationMessages,
          normalRate: offered[0], announce: announce
        ).run(for: overload.duration)
        if json { try ReportWriter.print(figures) } else { Terminal.say("\n" + figures.text) }
        return
      }
      let report = try await BenchRun(
        measurement: measurement, quick: quick, parts: parts ?? [], offered: offered, crowds: crowds ?? [],
        announce: announce
      ).report()
      if let picture { try PrivateFile.write(Data(BenchPicture(report: report).svg.utf8), path: picture) }
      if json { try ReportWriter.print(report) } else { Terminal.say(report.text) }
    }
  }

  @Sendable private func announce(_ text: String) {
    // Standard output may be reserved for a program.
    if json { Terminal.complain(text) } else { Terminal.say(text) }
  }
}
