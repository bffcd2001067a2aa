import ArgumentParser
import Foundation
import Store

/// `frontdesk bench`.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure throughput and latency, beside what PostgreSQL takes of the same rows.",
    discussion: """
      Without --folder it runs a desk of its own in a temporary folder and leaves nothing behind. Latencies count from when a \
      request was due and not from when it was sent. Accept-to-queued and accept-to-offered times are the database's own. \
      Stages are measured alone only on a desk of its own, because the others are stopped for it.
      """)

  @Option(help: "Measure the desk that runs in this folder; its database gets the messages.")
  var folder: String?

  @Option(help: "The policy of the desk of its own (default: deploy/desk.yaml).")
  var policy: String?

  @Option(
    help: "The offered rates of latencies, messages a second (default: 500,1000,5000,10000; with --quick 1000,5000).")
  var rates: String?

  @Option(
    name: .customLong("live-tickets"),
    help:
      "So many tickets are put into the desk, and a message's cost is measured beside them (default: 10000,100000,1000000; with --quick none)."
  )
  var liveTickets: String?

  @Option(help: "A file for the picture, as SVG.")
  var picture: String?

  @Option(
    help: "Instead: hold the first rate for this long, such as 1h, and watch memory, tables and dead rows grow.",
    transform: DurationArgument.read)
  var soak: DurationArgument?

  @Flag(help: "One short run in place of the medians of several.")
  var quick = false

  @Flag(help: "Print one JSON object, and nothing else on standard output.")
  var json = false

  func validate() throws {
    guard !offered.isEmpty, offered.allSatisfy({ $0 > 0 && $0 <= 1e6 }) else {
      throw ValidationError("--rates are numbers above 0 and up to 1000000, with commas between them.")
    }
    guard let crowds, crowds.allSatisfy({ $0 > 0 && $0 <= 10_000_000 }) else {
      throw ValidationError("--live-tickets are whole numbers above 0 and up to 10000000, with commas between them.")
    }
    guard folder == nil || liveTickets == nil else {
      throw ValidationError("--live-tickets fills the desk's tables; it cannot be used with a desk of --folder.")
    }
  }

  private var offered: [Double] {
    let parts = (rates ?? (quick ? "1000,5000" : "500,1000,5000,10000")).split(
      separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Double($0) }
    return numbers.count == parts.count ? numbers : []
  }

  /// Nil when what was written is no list of numbers.
  private var crowds: [Int]? {
    guard let liveTickets else { return quick || folder != nil ? [] : BenchBounds.liveTickets }
    let parts = liveTickets.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0) }
    return numbers.count == parts.count ? numbers.sorted() : nil
  }

  func run() async throws {
    let samples = try SampleFile.texts(path: nil)
    try await Interruption.cancelling("the measurement was interrupted") {
      if let folder {
        var options = DeskOptions()
        options.folder = folder
        options.postgres = nil
        return try await measure(try options.localDesk(), in: folder, samples)
      }
      tell("starting a desk of its own")
      let desk = try await PrivateDesk.start(
        PrivateDesk.Plan(purpose: "bench", policy: try PrivateDesk.policy(named: policy)))
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
      if let soak {
        let looks = try await BenchSoak(
          measurement: BenchMeasurement(store: store, local: local, samples: samples),
          processes: BenchProcesses(folder: folder), rate: offered[0], tell: tell
        ).run(for: soak.duration)
        if json { try ReportWriter.print(looks) } else { Terminal.say("\n" + BenchSoak.table(looks).text) }
        return
      }
      let report = try await BenchRun(
        store: store, local: local, folder: folder, samples: samples, quick: quick, offered: offered,
        crowds: crowds ?? [], stages: self.folder == nil, tell: tell
      ).report()
      if let picture { try PrivateFile.write(Data(BenchPicture(report: report).svg.utf8), path: picture) }
      if json { try ReportWriter.print(report) } else { Terminal.say(report.text) }
    }
  }

  @Sendable private func tell(_ text: String) {
    // Standard output may be for a program alone.
    if json { Terminal.complain(text) } else { Terminal.say(text) }
  }
}
