package import ArgumentParser
import CommandLineTool
import DeskCore
import Foundation
import PolicyReading
import Store
import UseCases

/// `frontdesk plan`.
package struct PlanCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Plan agents, shifts and router workers for a service level, from history or a forecast.",
    discussion: """
      For each half hour and queue: how many agents answer a share of the tickets within a time, by Erlang A (customers give up as \
      measured), by Erlang C (nobody gives up), by the square-root rule and by a flat 20 % on the load, beside each other with what each \
      costs and risks; and the router workers for the messages of the same tickets. Costs count paid time (--shrinkage).

      `--history` forecasts the day from the desk's own timelines and measures handling time and patience in them. \
      `--forecast FILE` reads a CSV table or YAML instead: queue,start,expected,lower,upper for each half hour.

      `--shifts FILE` fills shifts with breaks so that they cover the plan, and says what they do not cover:

        shifts:
          early: {starts: [07:00, 08:00], length: 8h, breaks: [{from: 3h, to: 4h30m, length: 30m}]}
      """)

  @OptionGroup var desk: DeskOptions
  @OptionGroup var replica: ReplicaOptions

  @Flag(help: "Forecast from the desk's own history.")
  var history = false

  @Option(help: "A forecast: a .csv table, or .yaml.")
  var forecast: String?

  @Option(
    help: "The policy file whose service levels say how soon tickets are answered (with --history: that of the desk).")
  var policy: String?

  @Option(help: "The first day with --history, such as 2026-11-11 (default: tomorrow).")
  var date: String?

  @Option(help: "How many days with --history (default: 1).")
  var days: Int?

  @Option(help: "Only this queue.")
  var queue: String?

  @Option(help: "The share of tickets to answer in time; those whose customers give up are not.")
  var target = 0.95

  @Option(
    help:
      "The time in which they are answered, such as 5m (default: the policy's shortest first response of normal tickets).",
    transform: DurationArgument.read)
  var within: DurationArgument?

  @Option(
    help: "How long an agent needs for a ticket, such as 6m (with --history: measured).",
    transform: DurationArgument.read)
  var handling: DurationArgument?

  @Option(
    help:
      "How long customers wait on average before they give up (with --history: measured; default: nobody gives up).",
    transform: DurationArgument.read)
  var patience: DurationArgument?

  @Option(help: "The share of paid time in which agents are not available: leave, illness, training.")
  var shrinkage = 0.0

  @Option(help: "Tickets that an agent works on at once.")
  var ticketsPerAgent = 1

  @Option(help: "Messages per ticket, for the router workers.")
  var messagesPerTicket = 3.0

  @Option(help: "Messages per second that a router worker handles.")
  var workerCapacity = 100.0

  @Option(
    help:
      "The time zone of the table and of shifts, such as Asia/Shanghai (with --history: the policy's; default: UTC).")
  var zone: String?

  @Option(help: "Fill shifts of these kinds, from a YAML file.")
  var shifts: String?

  @Option(help: "How many shifts there are people for (default: as many as needed).")
  var staff: Int?

  @Option(
    help: "The rule that shifts cover: \(StaffingRule.allCases.map(\.rawValue).joined(separator: ", ")).",
    transform: { try rule($0) })
  var rule: StaffingRule = .erlangA

  @Flag(help: "Fill shifts for the upper ends of the prediction intervals.")
  var upper = false

  @Flag(help: "Print one JSON object.")
  var json = false

  @Flag(help: "Print CSV for spreadsheets (RFC 4180).")
  var csv = false

  @Option(help: "Also draw the plan to this SVG file.")
  var picture: String?

  @Option(help: "The language of tables and picture: en, zh.", transform: { try language($0) })
  var language: ReportLanguage = .english

  package init() {}

  private static func rule(_ word: String) throws -> StaffingRule {
    guard let rule = StaffingRule(rawValue: word) else {
      throw ValidationError("It must be one of \(StaffingRule.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    return rule
  }

  private static func language(_ word: String) throws -> ReportLanguage {
    guard let language = ReportLanguage(rawValue: word) else { throw ValidationError("It must be en or zh.") }
    return language
  }

  package func validate() throws {
    if let patience, patience.duration < .milliseconds(1) { throw ValidationError("--patience must be at least 1ms.") }
    guard !(json && csv) else { throw ValidationError("Choose one of --json and --csv.") }
    guard history != (forecast != nil) else { throw ValidationError("Choose one of --history and --forecast FILE.") }
    if forecast != nil {
      guard date == nil, days == nil else { throw ValidationError("--date and --days are for --history.") }
      guard handling != nil else {
        throw ValidationError("A forecast has no handling time: add --handling, such as 6m.")
      }
      guard within != nil || policy != nil else {
        throw ValidationError("Say how soon tickets are answered: add --within, such as 5m, or --policy FILE.")
      }
    }
    guard shifts != nil || (staff == nil && !upper) else {
      throw ValidationError("--staff and --upper are for --shifts.")
    }
    guard StaffingBounds.targetShare.contains(target) else {
      throw ValidationError("--target must be a share from 0.01 to 0.9999.")
    }
    guard StaffingBounds.shrinkage.contains(shrinkage) else { throw ValidationError("--shrinkage must be 0 to 0.9.") }
    guard StaffingBounds.ticketsPerAgent.contains(ticketsPerAgent) else {
      throw ValidationError("--tickets-per-agent must be 1 to 1000.")
    }
    guard StaffingBounds.messagesPerTicket.contains(messagesPerTicket) else {
      throw ValidationError("--messages-per-ticket must be 0.1 to 1000.")
    }
    guard StaffingBounds.workerCapacity.contains(workerCapacity) else {
      throw ValidationError("--worker-capacity must be 0.001 to 1000000.")
    }
    guard staff.map({ (0...StaffingBounds.shifts).contains($0) }) ?? true else {
      throw ValidationError("--staff must be 0 to \(StaffingBounds.shifts).")
    }
    guard days.map({ (1...7).contains($0) }) ?? true else { throw ValidationError("--days must be 1 to 7.") }
  }

  package func run() async throws {
    let input = try await input()
    let report = try report(input)
    if json {
      Terminal.say(json: report.detail.json)
    } else if csv {
      Terminal.say(document: report.csv)
    } else {
      Terminal.say(PlanText.text(of: report, notes: input.notes, in: language))
    }
    if let picture { try PictureFile.write(svg: report.picture(in: language), path: picture) }
  }

  private func input() async throws -> PlanInput {
    let base = try policy.map { try PolicyFile(path: $0, secretsElsewhere: true).policy }
    if let forecast {
      return try PlanInput(forecast: forecast, policy: base, zone: zone)
    }
    return try await desk.withReader(replica, requestTimeout: .seconds(600)) { source in
      if Terminal.isInteractive { Terminal.complain("reading the desk's history …") }
      return try await PlanInput.read(
        source.store, policy: base, date: date, days: days, queue: queue, zone: zone)
    }
  }

  private func report(_ input: PlanInput) throws -> StaffingReport {
    do {
      let within = try within?.duration.inSeconds ?? input.firstResponseSeconds()
      let work = try input.measures.work(
        handlingSeconds: handling?.duration.inSeconds, patienceSeconds: patience?.duration.inSeconds)
      guard let work else {
        throw CommandFailure(
          "the history has no handling time", remedy: "add --handling, such as 6m", status: .wrongCall)
      }
      let assumptions = try StaffingAssumptions(
        target: ServiceTarget(share: target, withinSeconds: within), work: work.all, workOfQueue: work.ofQueue,
        shrinkage: shrinkage, ticketsPerAgent: ticketsPerAgent,
        messagesPerTicket: messagesPerTicket,
        workerCapacity: workerCapacity)
      let plan = try StaffingPlan(
        input.forecast.filter { period in queue.map { QueueID($0) == period.queue } ?? true }, assumptions)
      let filled = try shifts.map { path in
        try ShiftPlanner.fill(
          plan, by: rule, isUpper: upper, templates: PlanInput.templates(path: path), in: input.zone, staff: staff)
      }
      return StaffingReport(plan, in: input.zone, rule: rule, shifts: filled)
    } catch let error as StaffingError {
      throw CommandFailure("\(error)", status: .wrongCall)
    }
  }
}
