import DeskCore
import HTTPService
import HTTPTypes
import Store
import UseCases

// Forecasts and plans, for those who staff the desk.

extension ConsoleEndpoint {
  private static let planners: Set<Role> = [.lead, .operator]

  static let staffing: [ConsoleEndpoint] = [
    .init(
      name: .readForecast, method: .get, path: "/v1/forecast", roles: planners,
      summary:
        "The tickets expected by queue and half hour with prediction intervals, what came where the days are past, and the error on held-out days.",
      answer: "Forecast", parameters: OpenAPIParameter.forecast, problems: [.tooManyRows]),
    .init(
      name: .exportForecast, method: .get, path: "/v1/forecast/table.csv", roles: planners,
      summary: "The same as a table for spreadsheets (RFC 4180).", parameters: OpenAPIParameter.forecast,
      problems: [.tooManyRows]),
    .init(
      name: .drawForecast, method: .get, path: "/v1/forecast/picture.svg", roles: planners,
      summary: "The same as a chart.", answerType: "image/svg+xml",
      parameters: OpenAPIParameter.forecast + [.language], problems: [.tooManyRows]),
    .init(
      name: .readWaitErrors, method: .get, path: "/v1/forecast/waits", roles: planners,
      summary:
        "How far the expected wait was from the waits of past days, beside other estimators, over at most \(WaitErrorReport.daysMost) days.",
      answer: "WaitErrors", parameters: [.from, .to, .zone], problems: [.tooManyRows]),
    .init(
      name: .readPlan, method: .get, path: "/v1/plan", roles: planners,
      summary:
        "Agents by queue and half hour for a service level, by rule with what each costs and risks, and router workers, from the forecast and what was measured.",
      answer: "Plan", parameters: OpenAPIParameter.forecast + OpenAPIParameter.plan, problems: [.tooManyRows]),
    .init(
      name: .exportPlan, method: .get, path: "/v1/plan/table.csv", roles: planners,
      summary: "The same as a table for spreadsheets (RFC 4180).",
      parameters: OpenAPIParameter.forecast + OpenAPIParameter.plan, problems: [.tooManyRows]),
    .init(
      name: .drawPlan, method: .get, path: "/v1/plan/picture.svg", roles: planners, summary: "The same as a chart.",
      answerType: "image/svg+xml", parameters: OpenAPIParameter.forecast + OpenAPIParameter.plan + [.language],
      problems: [.tooManyRows]),
  ]
}

extension OpenAPIParameter {
  static let forecast = [
    OpenAPIParameter(
      "ForecastDate", in: .query, name: "date",
      description: "The first day, in the time zone of the policy's calendars; default: tomorrow.", schema: .date),
    OpenAPIParameter(
      "ForecastDays", in: .query, name: "days",
      description: "How many days, 1 to \(DeskHistoryBounds.forecastDays); default: 1.", schema: .integer),
    OpenAPIParameter(
      "ForecastQueue", in: .query, name: "queue", description: "One queue of the policy; default: all.",
      schema: .string),
    OpenAPIParameter(
      "HistoryDays", in: .query, name: "history_days",
      description:
        "How many days of history are read, \(ForecastBounds.daysNeeded) to \(ForecastBounds.historyDays); default: \(DeskHistoryBounds.usualDays).",
      schema: .integer),
  ]

  static let plan = [
    OpenAPIParameter(
      "PlanTarget", in: .query, name: "target",
      description: "The share of tickets that are answered in time; default: 0.95.", schema: .number),
    OpenAPIParameter(
      "PlanWithin", in: .query, name: "within",
      description:
        "The seconds within which they are answered; default: the policy's shortest first response of normal tickets.",
      schema: .number),
    OpenAPIParameter(
      "PlanHandling", in: .query, name: "handling",
      description: "How many seconds an agent needs for a ticket; default: as measured.", schema: .number),
    OpenAPIParameter(
      "PlanPatience", in: .query, name: "patience",
      description: "The customers' mean patience in seconds; default: as measured, or endless where nobody gave up.",
      schema: .number),
    OpenAPIParameter(
      "PlanShrinkage", in: .query, name: "shrinkage",
      description: "The share of paid time in which agents are not available; default: 0.", schema: .number),
    OpenAPIParameter(
      "PlanTicketsPerAgent", in: .query, name: "tickets_per_agent",
      description: "Tickets that an agent works on at once; default: 1.", schema: .integer),
  ]
}
