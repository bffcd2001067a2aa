import HTTPService
import UseCases

// What forecasts and plans return, for `/openapi.json`.

extension ConsoleSchemas {
  static let staffing: [(name: String, schema: JSONSchema)] = [
    ("Forecast", ForecastReport.schema), ("WaitErrors", WaitErrorReport.schema), ("Plan", StaffingReport.schema),
  ]
}
