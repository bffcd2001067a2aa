import DeskCore
import Yams

// MARK: - Service levels

extension PolicyReader {
  /// `service_levels:` in order.
  mutating func serviceLevels(_ place: PolicyNode?) -> [ServiceLevelPolicy] {
    let known = ["name", "when", "calendar", "first_response", "resolution", "pause_while_pending"]
    var levels: [ServiceLevelPolicy] = []
    var names: Set<String> = []
    for item in items(place) {
      guard let fields = fields(of: item, known: known) else { continue }
      let name = name(in: fields, taken: &names)
      let condition = condition(fields["when"])
      let calendar: CalendarID? = fields["calendar"].flatMap {
        reference($0, to: "calendar", among: calendarNames)
      }
      let firstResponse = targets(fields["first_response"])
      let resolution = targets(fields["resolution"])
      if fields["first_response"] == nil, fields["resolution"] == nil {
        report(item, "the service level promises nothing", remedy: "add `first_response:` or `resolution:`")
      }
      let pauses = fields["pause_while_pending"].flatMap { flag($0) } ?? true
      guard let name, let condition else { continue }
      if let blocker = levels.first(where: { $0.condition == .always || $0.condition == condition }) {
        report(
          item, "the service level is never reached: \(quoted(blocker.name)) matches before it",
          remedy: "move it up, or drop it")
      }
      levels.append(
        ServiceLevelPolicy(
          name: name, condition: condition, calendar: calendar, firstResponse: firstResponse, resolution: resolution,
          pausesWhilePending: pauses))
    }
    return levels
  }

  /// Times by priority, or one time for all priorities.
  private mutating func targets(_ place: PolicyNode?) -> [Priority: Duration] {
    guard let place else { return [:] }
    let range = Duration.seconds(1)...PolicyLimits.time.upperBound
    if case .scalar = place.node {
      guard let time = duration(place, in: range) else { return [:] }
      return Dictionary(uniqueKeysWithValues: Priority.allCases.map { ($0, time) })
    }
    var targets: [Priority: Duration] = [:]
    guard let fields = fields(of: place, known: Priority.allCases.map(\.name)) else { return [:] }
    for priority in Priority.allCases {
      if let value = fields[priority.name] { targets[priority] = duration(value, in: range) }
    }
    if fields.values.isEmpty {
      report(place, "no time is given", remedy: "write one time, or times by priority: {urgent: 15m, normal: 2h}")
    }
    return targets
  }
}
