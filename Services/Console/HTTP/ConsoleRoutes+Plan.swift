import DeskCore
import HTTPService
import Hummingbird
import ServiceProcess
import Store
import UseCases

// Staffing plans from the desk's own history: as JSON, as a table, as a chart. The command `frontdesk plan` fills shifts from them too.

extension ConsoleRoutes {
  func plan(_ call: Call) async throws -> Response { Self.json(try await planReport(call).report.detail) }

  func planTable(_ call: Call) async throws -> Response { Self.csv(try await planReport(call).report.csv) }

  func planPicture(_ call: Call) async throws -> Response {
    let (report, language) = try await planReport(call)
    return Self.answer(report.picture(in: language), as: "image/svg+xml; charset=utf-8")
  }

  private func planReport(_ call: Call) async throws -> (report: StaffingReport, language: ReportLanguage) {
    let policy = try policyForForecast()
    var query = RequestQuery(call.request.uri, known: ForecastQuery.names + PlanQuery.names + ["language"])
    let plan = PlanQuery(&query, policy: policy)
    let (order, language) = try forecastOrder(&query, policy: policy)
    let basis = try await countedForecast(order) {
      try await StaffingBasis.read(order, from: reading, policy: policy, timeout: ConsoleBounds.reportTimeout)
    }
    let zone = order.calendar.zone
    do {
      guard let work = try basis.measures.work(handlingSeconds: plan.handling, patienceSeconds: plan.patience) else {
        query.refuse("handling", "The history has no handling time.", remedy: "Send the parameter, in seconds.")
        throw query.problem("The parameters are invalid.")
      }
      let assumptions = try StaffingAssumptions(
        target: ServiceTarget(share: plan.target, withinSeconds: plan.within), work: work.all,
        workOfQueue: work.ofQueue,
        shrinkage: plan.shrinkage, ticketsPerAgent: plan.ticketsPerAgent)
      let periods = basis.forecast.outcomes.flatMap(\.periods).filter { order.queue == nil || $0.queue == order.queue }
      return (StaffingReport(try StaffingPlan(periods, assumptions), in: zone), language)
    } catch let error as StaffingError {
      query.refuse("target", "This load cannot be planned: \(error).", remedy: "Send another target or handling time.")
      throw query.problem("The parameters are invalid.")
    }
  }
}

/// What a plan assumes, from the query; invalid values are refused there.
private struct PlanQuery {
  static let names = ["target", "within", "handling", "patience", "shrinkage", "tickets_per_agent"]

  private(set) var target = 0.95
  private(set) var within = 0.0
  private(set) var handling: Double?
  private(set) var patience: Double?
  private(set) var shrinkage = 0.0
  private(set) var ticketsPerAgent = 1

  init(_ query: inout RequestQuery, policy: Policy) {
    target = Self.number("target", in: StaffingBounds.targetShare, &query) ?? target
    handling = Self.number("handling", in: StaffingBounds.handlingSeconds, &query)
    patience = Self.number("patience", in: StaffingBounds.handlingSeconds, &query)
    shrinkage = Self.number("shrinkage", in: StaffingBounds.shrinkage, &query) ?? shrinkage
    let places = StaffingBounds.ticketsPerAgent
    ticketsPerAgent = Int(
      Self.number("tickets_per_agent", in: Double(places.lowerBound)...Double(places.upperBound), &query) ?? 1)
    if query["within"] != nil {
      within = Self.number("within", in: StaffingBounds.targetSeconds, &query) ?? within
    } else if let promised = policy.serviceLevels.compactMap({ $0.firstResponse[.normal] }).min() {
      within = promised.inSeconds
    } else {
      query.refuse(
        "within", "No service level of the policy has a first response for normal tickets.",
        remedy: "Send the parameter, in seconds.")
    }
  }

  private static func number(_ name: String, in range: ClosedRange<Double>, _ query: inout RequestQuery) -> Double? {
    guard let text = query[name] else { return nil }
    if let number = Double(text), range.contains(number) { return number }
    query.refuse(
      name, "Not a number from \(range.lowerBound) to \(range.upperBound).",
      remedy: "Send a number from \(range.lowerBound) to \(range.upperBound).")
    return nil
  }
}
