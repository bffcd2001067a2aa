public import DeskCore
public import HTTPService

extension StaffingReport {
  /// One JSON object; `schema` describes it. A wait without bound is null.
  public var detail: JSONValue {
    let assumptions = plan.assumptions
    return .object([
      .init(
        "target",
        .object([
          .init("share", .number(assumptions.target.share)),
          .init("within_seconds", .number(assumptions.target.withinSeconds)),
        ])),
      .init("zone", .text(zone.name)), .init("shrinkage", .number(assumptions.shrinkage)),
      .init("tickets_per_agent", .integer(Int64(assumptions.ticketsPerAgent))),
      .init("messages_per_ticket", .number(assumptions.messagesPerTicket)),
      .init("worker_capacity", .number(assumptions.workerCapacity)),
      .init("rules", .list(plan.totals.map { Self.detail(of: $0) })),
      .init("periods", .list(plan.rows.map { Self.detail(of: $0) })),
      .init("workers", .list(plan.workers.map { Self.detail(of: $0) })),
      .init("shifts", shifts.map { detail(of: $0) } ?? .null),
    ])
  }

  private static func number(_ value: Double) -> JSONValue { .number(rounded(value)) }

  private static func detail(of total: StaffingPlan.Total) -> JSONValue {
    .object([
      .init("rule", .text(total.rule.rawValue)), .init("paid_hours", number(total.paidHours)),
      .init("paid_hours_at_upper", number(total.paidHoursAtUpper)),
      .init("peak_agents", .integer(Int64(total.peakAgents))), .init("answered_share", number(total.answeredShare)),
      .init("answered_share_at_upper", number(total.answeredShareAtUpper)),
      .init("abandoned_share", number(total.abandonedShare)), .init("occupancy", number(total.occupancy)),
      .init("periods", .integer(Int64(total.periods))), .init("periods_missed", .integer(Int64(total.missed))),
      .init("worst_answered_share", number(total.worstShare)),
    ])
  }

  private static func detail(of row: StaffingPlan.Row) -> JSONValue {
    .object([
      .init("queue", .text(row.period.queue.rawValue)), .init("start", .text(RFC3339.text(row.period.start))),
      .init("seconds", .integer(row.period.length.components.seconds)),
      .init("expected", number(row.period.expected)), .init("upper", number(row.upperTickets)),
      .init("erlangs", number(row.load.erlangs)), .init("erlangs_at_upper", number(row.upperLoad.erlangs)),
      .init("handling_seconds", number(row.load.handlingSeconds)),
      .init("patience_seconds", number(row.load.patienceSeconds)),
      .init(
        "staff",
        .list(
          StaffingRule.allCases.map { rule in
            let staff = row[rule]
            return .object([
              .init("rule", .text(rule.rawValue)), .init("agents", .integer(Int64(staff.agents))),
              .init("agents_at_upper", .integer(Int64(staff.agentsAtUpper))),
              .init("answered_share", number(staff.figures.answeredShare)),
              .init("answered_share_at_upper", number(staff.answeredShareAtUpper)),
              .init("abandoned_share", number(staff.figures.abandonedShare)),
              .init("mean_wait_seconds", number(staff.figures.meanWaitSeconds)),
              .init("wait_p90_seconds", number(staff.figures.wait90Seconds)),
              .init("occupancy", number(staff.figures.occupancy)),
            ])
          })),
    ])
  }

  private static func detail(of row: StaffingPlan.WorkerRow) -> JSONValue {
    .object([
      .init("start", .text(RFC3339.text(row.start))), .init("messages_per_second", number(row.messagesPerSecond)),
      .init("base", .integer(Int64(row.workers.base))), .init("reserve", .integer(Int64(row.workers.reserve))),
      .init("total", .integer(Int64(row.workers.total))),
      .init("total_at_upper", .integer(Int64(row.workersAtUpper.total))),
    ])
  }

  private func detail(of shifts: ShiftPlan) -> JSONValue {
    .object([
      .init("rule", .text(rule.rawValue)), .init("required_hours", Self.number(shifts.requiredHours)),
      .init("least_paid_hours", Self.number(shifts.leastPaidHours)),
      .init("paid_hours", Self.number(shifts.paidHours)),
      .init(
        "shifts",
        .list(
          shifts.shifts.map { shift in
            .object([
              .init("queue", .text(shift.queue.rawValue)), .init("template", .text(shift.template)),
              .init("start", .text(RFC3339.text(shift.start))), .init("end", .text(RFC3339.text(shift.end))),
              .init(
                "breaks",
                .list(
                  shift.breaks.map {
                    .object([
                      .init("start", .text(RFC3339.text($0.lowerBound))),
                      .init("end", .text(RFC3339.text($0.upperBound))),
                    ])
                  })),
            ])
          })),
      .init(
        "shortfalls",
        .list(
          shifts.shortfalls.map { gap in
            .object([
              .init("queue", .text(gap.queue.rawValue)), .init("start", .text(RFC3339.text(gap.start))),
              .init("end", .text(RFC3339.text(gap.end))), .init("agents", .integer(Int64(gap.agents))),
              .init("hours", Self.number(gap.hours)), .init("abandoned_share", Self.number(gap.abandonedShare)),
              .init("wait_seconds", Self.number(gap.waitSeconds)),
            ])
          })),
    ])
  }

  /// The JSON Schema of `detail`.
  public static var schema: JSONSchema {
    let rule = JSONSchema.choice(StaffingRule.allCases.map(\.rawValue))
    return .object([
      .required("target", .object([.required("share", .number), .required("within_seconds", .number)])),
      .required("zone", .string), .required("shrinkage", .number), .required("tickets_per_agent", .integer),
      .required("messages_per_ticket", .number), .required("worker_capacity", .number),
      .required(
        "rules",
        .array(
          of: .object([
            .required("rule", rule), .required("paid_hours", .number), .required("paid_hours_at_upper", .number),
            .required("peak_agents", .integer), .required("answered_share", .number),
            .required("answered_share_at_upper", .number), .required("abandoned_share", .number),
            .required("occupancy", .number), .required("periods", .integer), .required("periods_missed", .integer),
            .required("worst_answered_share", .number),
          ]))),
      .required(
        "periods",
        .array(
          of: .object([
            .required("queue", .string), .required("start", .time), .required("seconds", .integer),
            .required("expected", .number), .required("upper", .number), .required("erlangs", .number),
            .required("erlangs_at_upper", .number), .required("handling_seconds", .number),
            .required("patience_seconds", .number.orNull),
            .required(
              "staff",
              .array(
                of: .object([
                  .required("rule", rule), .required("agents", .integer), .required("agents_at_upper", .integer),
                  .required("answered_share", .number), .required("answered_share_at_upper", .number),
                  .required("abandoned_share", .number), .required("mean_wait_seconds", .number.orNull),
                  .required("wait_p90_seconds", .number.orNull), .required("occupancy", .number),
                ]))),
          ]))),
      .required(
        "workers",
        .array(
          of: .object([
            .required("start", .time), .required("messages_per_second", .number), .required("base", .integer),
            .required("reserve", .integer), .required("total", .integer), .required("total_at_upper", .integer),
          ]))),
      .required("shifts", shiftSchema(rule).orNull),
    ])
  }

  private static func shiftSchema(_ rule: JSONSchema) -> JSONSchema {
    .object([
      .required("rule", rule), .required("required_hours", .number), .required("least_paid_hours", .number),
      .required("paid_hours", .number),
      .required(
        "shifts",
        .array(
          of: .object([
            .required("queue", .string), .required("template", .string), .required("start", .time),
            .required("end", .time),
            .required("breaks", .array(of: .object([.required("start", .time), .required("end", .time)]))),
          ]))),
      .required(
        "shortfalls",
        .array(
          of: .object([
            .required("queue", .string), .required("start", .time), .required("end", .time),
            .required("agents", .integer), .required("hours", .number), .required("abandoned_share", .number),
            .required("wait_seconds", .number.orNull),
          ]))),
    ])
  }
}
