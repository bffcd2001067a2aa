import ArgumentParser
import CommandLineTool
import DeskCore
import Store

/// Peaks that are known in advance.
struct PeakCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peak", abstract: "Plan peaks that are known in advance: their processes start before they begin.",
    subcommands: [AddPeak.self, ListPeaks.self, RemovePeak.self], defaultSubcommand: ListPeaks.self)
}

/// `frontdesk scale peak add`
struct AddPeak: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Plan a peak, or change the one of this name.",
    discussion: """
      At least so many processes run in that time and the policy's `lead` before it, unless a number is fixed or the policy's \
      limit is lower.
      """)

  @Option(help: "What it is called, 1 to 100 characters.")
  var name: String

  @Option(help: "When it begins, such as 2026-11-10T20:00:00+08:00.")
  var from: String

  @Option(help: "When it ends, at most 62 days later.")
  var to: String

  @Option(help: "The routers that it needs.")
  var router: Int?

  @Option(help: "The classifiers that it needs.")
  var classifier: Int?

  @Option(help: "The intakes that it needs.")
  var intake: Int?

  @OptionGroup var desk: DeskOptions

  private var numbers: [(service: ElasticService, workers: Int)] {
    [(ElasticService.router, router), (.classifier, classifier), (.intake, intake)].compactMap { service, workers in
      workers.map { (service, $0) }
    }
  }

  func validate() throws {
    guard (1...100).contains(name.unicodeScalars.count), !name.unicodeScalars.contains("\0") else {
      throw ValidationError("--name needs 1 to 100 characters")
    }
    for (option, text) in [("--from", from), ("--to", to)] where RFC3339.instant(text) == nil {
      throw ValidationError("\(option) needs a time such as 2026-11-10T20:00:00+08:00")
    }
    guard let start = RFC3339.instant(from), let end = RFC3339.instant(to), start < end,
      end - start <= .seconds(62 * 86_400)
    else { throw ValidationError("--to must be after --from, at most 62 days") }
    guard !numbers.isEmpty else { throw ValidationError("say how many: --router N, --classifier N or --intake N") }
    for (service, workers) in numbers
    where workers < 1 || !CapacityBounds.workers.contains(workers) {
      throw ValidationError("--\(service.rawValue) must be from 1 to \(CapacityBounds.workers.upperBound)")
    }
  }

  func run() async throws {
    guard let start = RFC3339.instant(from), let end = RFC3339.instant(to) else { return }
    try await desk.withStore { store in
      try Self.refuse(ended: end, at: try await store.now())
      for (service, workers) in numbers {
        let peak = PlannedPeak(name: name, from: start, to: end, workers: workers)
        guard try await store.capacity.plan(StoredPeak(service, peak)) else {
          throw CommandFailure(
            "\(StoreBounds.peaksPlanned) peaks are planned already",
            remedy: "remove those that are not needed with `frontdesk scale peak remove`")
        }
      }
      Terminal.say(PeakTable.text(try await store.capacity.peaks()))
    }
  }

  /// A peak that is over would be planned, and removed at once. One that has begun may be planned: its processes start now.
  static func refuse(ended end: Instant, at now: Instant) throws {
    guard end <= now else { return }
    throw CommandFailure(
      "--to \(RFC3339.text(end)) is past; it is \(RFC3339.text(now)) now",
      remedy: "give the times of a peak that is still to come",
      status: .wrongCall)
  }
}

/// `frontdesk scale peak list`
struct ListPeaks: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the planned peaks and those of the last week.")

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    Terminal.say(PeakTable.text(try await desk.withStore { try await $0.capacity.peaks() }))
  }
}

/// `frontdesk scale peak remove`
struct RemovePeak: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove a planned peak.")

  @Argument(help: "Its name, as shown by `list`.")
  var name: String

  @OptionGroup var desk: DeskOptions

  func run() async throws {
    guard try await desk.withStore({ try await $0.capacity.removePeak(named: name) }) else {
      throw CommandFailure("no peak has this name", remedy: "see `frontdesk scale peak list`", status: .wrongCall)
    }
    Terminal.say("removed")
  }
}

/// Peaks for people.
enum PeakTable {
  static func text(_ peaks: [StoredPeak]) -> String {
    guard !peaks.isEmpty else { return "no peak is planned" }
    var table = TextTable([
      ("peak", .left), ("from", .left), ("to", .left), ("service", .left), ("processes", .right),
    ])
    for planned in peaks {
      let peak = planned.peak
      table.add([
        peak.name, Moment.text(peak.start), Moment.text(peak.end), planned.service.rawValue, String(peak.workers),
      ])
    }
    return table.text
  }
}
