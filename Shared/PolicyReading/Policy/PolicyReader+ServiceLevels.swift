import DeskCore
import Yams

// MARK: - Service levels

extension PolicyReader {
  /// Reads `service_levels:` in order.
  mutating func serviceLevels(
    _ place: PolicyNode?, calendars: [CalendarID: BusinessCalendar]
  ) -> [ServiceLevelPolicy] {
    let known = [
      "name", "when", "calendar", "first_response", "next_response", "resolution", "pause_while_pending", "warn_at",
      "escalation",
    ]
    var levels: [ServiceLevelPolicy] = []
    var names: Set<String> = []
    for item in items(place) {
      guard let fields = fields(of: item, known: known) else { continue }
      let name = name(in: fields, taken: &names)
      let condition = condition(fields["when"])
      let calendar: CalendarID? = fields["calendar"].flatMap {
        reference($0, to: "calendar", among: calendarNames)
      }
      let hours = calendar.flatMap { id in
        calendars[id]?.longestPromise.map { ServiceHours(calendar: id, longest: $0) }
      }
      let firstResponse = targets(fields["first_response"], in: hours)
      let nextResponse = targets(fields["next_response"], in: hours)
      let resolution = targets(fields["resolution"], in: hours)
      if ["first_response", "next_response", "resolution"].allSatisfy({ fields[$0] == nil }) {
        report(
          item, "the service level has no target",
          remedy: "add `first_response:`, `next_response:` or `resolution:`")
      }
      let warnings = warnings(fields["warn_at"])
      let promised = [firstResponse, nextResponse, resolution].flatMap(\.values).max()
      let escalation = escalation(fields["escalation"], behind: promised ?? .zero, in: hours)
      let pauses = fields["pause_while_pending"].flatMap { flag($0) } ?? true
      guard let name, let condition else { continue }
      if let blocker = levels.first(where: { $0.condition == .always || $0.condition == condition }) {
        report(
          item, "the service level is never reached: \(quoted(blocker.name)) matches before it",
          remedy: "move it up, or remove it")
      }
      levels.append(
        ServiceLevelPolicy(
          name: name, condition: condition, calendar: calendar, firstResponse: firstResponse,
          nextResponse: nextResponse, resolution: resolution, pausesWhilePending: pauses, warningPercents: warnings,
          escalation: escalation))
    }
    return levels
  }

  /// The calendar of a service level, and the longest time that it contains.
  private struct ServiceHours {
    let calendar: CalendarID
    let longest: Duration
  }

  /// Reads times by priority, or one time for all priorities.
  private mutating func targets(_ place: PolicyNode?, in hours: ServiceHours?) -> [Priority: Duration] {
    guard let place else { return [:] }
    let range = Duration.seconds(1)...PolicyLimits.time.upperBound
    if case .scalar = place.node {
      guard let time = duration(place, in: range) else { return [:] }
      checkReached(time, in: hours, at: place)
      return Dictionary(uniqueKeysWithValues: Priority.allCases.map { ($0, time) })
    }
    var targets: [Priority: Duration] = [:]
    guard let fields = fields(of: place, known: Priority.allCases.map(\.name)) else { return [:] }
    for priority in Priority.allCases {
      guard let value = fields[priority.name], let time = duration(value, in: range) else { continue }
      checkReached(time, in: hours, at: value)
      targets[priority] = time
    }
    if fields.values.isEmpty {
      report(place, "no time is given", remedy: "write one time, or times by priority: {urgent: 15m, normal: 2h}")
    }
    return targets
  }

  /// Reports a target that the calendar never reaches: it would silently never apply.
  private mutating func checkReached(_ time: Duration, in hours: ServiceHours?, at place: PolicyNode) {
    guard let hours, time > hours.longest else { return }
    object(
      place,
      "\(PolicyTime.text(time)) is more than the calendar \(quoted(hours.calendar.rawValue)) opens in ten years",
      remedy: "write \(PolicyTime.text(hours.longest)) at most, or use a calendar with longer hours")
  }

  /// Reads `warn_at:`, ascending percentages; an empty list disables warnings.
  private mutating func warnings(_ place: PolicyNode?) -> [Int] {
    guard let place else { return ServiceLevelPolicy.usualWarningPercents }
    var percents: [Int] = []
    for item in items(place, limit: PolicyLimits.warnings) {
      guard let percent = integer(item, in: 1...99) else { continue }
      if let last = percents.last, percent <= last {
        report(item, "\(percent) is not greater than \(last)", remedy: "order warnings from the lowest to the highest")
        continue
      }
      percents.append(percent)
    }
    return percents
  }
}

// MARK: - The escalation ladder

extension PolicyReader {
  private static var rungActions: [String] {
    ["raise_priority", "tell_lead", "proficiency_less", "any_skill", "queue"]
  }

  /// Reads `escalation:`, steps by ascending time after the breach.
  private mutating func escalation(
    _ place: PolicyNode?, behind promised: Duration, in hours: ServiceHours?
  ) -> [EscalationStep] {
    var steps: [EscalationStep] = []
    for item in items(place, limit: PolicyLimits.escalationSteps) {
      guard let fields = fields(of: item, known: ["after"] + PolicyReader.rungActions) else { continue }
      let after = needed("after", in: fields).flatMap { duration($0) }
      let actions = actions(fields, at: item)
      guard let after else { continue }
      if let hours, promised <= hours.longest, promised + after > hours.longest, let time = fields["after"] {
        object(
          time,
          "\(PolicyTime.text(after)) after a target of \(PolicyTime.text(promised)) is more than the calendar \(quoted(hours.calendar.rawValue)) opens in ten years",
          remedy: "write \(PolicyTime.text(hours.longest - promised)) at most, or use a calendar with longer hours")
      }
      if let last = steps.last, after <= last.after {
        report(
          item, "the escalation step is not later than the one above it", remedy: "order steps by ascending `after`")
        continue
      }
      steps.append(EscalationStep(after: after, actions: actions))
    }
    return steps
  }

  /// Reads the actions of a step, in the order of `rungActions`: a ticket's search is widened before it is transferred.
  private mutating func actions(_ fields: PolicyFields, at item: PolicyNode) -> [EscalationStep.Action] {
    if PolicyReader.rungActions.allSatisfy({ fields[$0] == nil }) {
      report(
        item, "the escalation step does nothing",
        remedy: "add one of \(PolicyReader.rungActions.joined(separator: ", "))")
    }
    var actions: [EscalationStep.Action] = []
    if let place = fields["raise_priority"],
      let priority = word(place, among: Priority.allCases.dropLast().map { ($0.name, $0) })
    {
      actions.append(.raisePriority(to: priority))
    }
    if isChosen(fields["tell_lead"]) { actions.append(.tellLead) }
    if let place = fields["proficiency_less"], let less = integer(place, in: 1...9) {
      actions.append(.lowerProficiency(by: less))
    }
    if isChosen(fields["any_skill"]) { actions.append(.anySkill) }
    if let place = fields["queue"], let queue: QueueID = reference(place, to: "queue", among: queueNames) {
      actions.append(.hand(to: queue))
    }
    return actions
  }

  private mutating func isChosen(_ place: PolicyNode?) -> Bool {
    guard let place, let flag = flag(place) else { return false }
    if !flag { report(place, "false is not allowed in an escalation step", remedy: "write true, or remove the key") }
    return flag
  }
}
