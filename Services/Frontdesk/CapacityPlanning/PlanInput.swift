import CommandLineTool
import DeskCore
import Foundation
import PolicyReading
import Store
import UseCases

/// What `plan` works from: a file, or the desk's history.
struct PlanInput {
  let forecast: [ForecastPeriod]
  let zone: ZoneOffsets
  /// Whose service levels say how soon tickets are answered; nil where none was named.
  let policy: Policy?
  private(set) var measures = StaffingMeasures.none
  /// What the reader of the plan should know of its basis.
  private(set) var notes: [String] = []

  // MARK: - From a file

  /// Reads a forecast.
  /// - Throws: `CommandFailure` with every mistake of the file.
  init(forecast path: String, policy: Policy?, zone: String?) throws {
    let bytes = try Self.bytes(path)
    do {
      forecast =
        try path.lowercased().hasSuffix(".csv")
        ? StaffingFile(csv: bytes).forecast : StaffingFile(yaml: bytes).forecast
    } catch {
      throw CommandFailure("the forecast has mistakes\n" + error.text(file: path), status: .wrongCall)
    }
    guard !forecast.isEmpty else {
      throw CommandFailure("\(path) has no forecast", remedy: "add periods to it", status: .wrongCall)
    }
    self.policy = policy
    self.zone = try Self.zone(zone) ?? .utc
  }

  /// Reads kinds of shifts.
  static func templates(path: String) throws -> [ShiftTemplate] {
    let bytes = try bytes(path)
    let file: StaffingFile
    do {
      file = try StaffingFile(yaml: bytes)
    } catch {
      throw CommandFailure("the shifts have mistakes\n" + error.text(file: path), status: .wrongCall)
    }
    guard !file.shifts.isEmpty else {
      throw CommandFailure("\(path) has no shifts", remedy: "add them under `shifts:`", status: .wrongCall)
    }
    return file.shifts
  }

  private static func bytes(_ path: String) throws -> Data {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw CommandFailure("\(path) cannot be read", remedy: "name a readable file", status: .wrongCall)
    }
    return bytes
  }

  private static func zone(_ name: String?) throws -> ZoneOffsets? {
    guard let name else { return nil }
    guard let zone = SystemZone(name) else {
      throw CommandFailure("--zone \(name): unknown time zone", remedy: SystemZone.remedy, status: .wrongCall)
    }
    return zone.offsets(in: PolicyLimits.years)
  }

  // MARK: - From the desk

  /// Forecasts from the desk's history and measures handling and patience in it.
  static func read(
    _ store: DeskStore, policy named: Policy?, date: String?, days: Int?, queue: String?, zone: String?
  ) async throws -> PlanInput {
    var inForce = named
    if inForce == nil { inForce = try await store.access.newestPolicy()?.policy() }
    guard let policy = inForce else {
      throw CommandFailure("no policy has been applied yet", remedy: "run `frontdesk apply deploy/desk.yaml` first")
    }
    let order: ForecastOrder
    do {
      order = try await ForecastOrder(
        date: date, days: days.map(String.init), queue: queue, historyDays: nil, policy: policy, now: store.now())
    } catch let problem as ForecastOrder.Problem {
      throw CommandFailure(
        "--\(problem.field) \(problem.value): \(clause(problem.detail))", remedy: clause(problem.remedy),
        status: .wrongCall)
    }
    let basis = try await StaffingBasis.read(order, from: store, policy: policy, timeout: .seconds(600))
    return PlanInput(basis, policy: policy, zone: try self.zone(zone) ?? order.calendar.zone)
  }

  private init(_ basis: StaffingBasis, policy: Policy, zone: ZoneOffsets) {
    forecast = basis.forecast.outcomes.flatMap(\.periods)
    self.policy = policy
    self.zone = zone
    measures = basis.measures
    if let handling = measures.handlingSeconds { notes.append("measured handling time: \(Int(handling.rounded())) s") }
    if let patience = measures.patience {
      let range = patience.interval
      notes.append(
        "measured patience: \(Int(patience.meanSeconds)) s on average (95 %: \(Int(range.lowerBound)) to \(Int(range.upperBound)) s), from \(patience.abandoned) of \(patience.waits) waits that ended without an agent"
      )
      if let tenth = measures.tenthGaveUpSeconds { notes.append("a tenth had given up after \(Int(tenth)) s") }
    } else {
      notes.append("nobody gave up in the history: Erlang A is Erlang C")
    }
    for outcome in basis.forecast.outcomes {
      if case .tooLittleHistory(let queue, let days, _, _, _) = outcome {
        notes.append("\(queue): too little history for a forecast (\(days) of \(ForecastBounds.daysNeeded) days)")
      }
    }
  }

  private static func clause(_ sentence: String) -> String {
    sentence.prefix(1).lowercased() + sentence.dropFirst().dropLast()
  }

  // MARK: -

  /// The shortest first response that the policy promises for tickets of normal priority, in seconds.
  func firstResponseSeconds() throws -> Double {
    guard let seconds = policy?.serviceLevels.compactMap({ $0.firstResponse[.normal] }).min()?.inSeconds else {
      throw CommandFailure(
        "no service level of the policy has a first response for normal tickets", remedy: "add --within, such as 5m",
        status: .wrongCall)
    }
    return seconds
  }
}
