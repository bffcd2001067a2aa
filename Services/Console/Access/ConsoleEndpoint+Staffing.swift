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
}
