import DeskCore
import Hummingbird
import Store
import UseCases

// What the system has learned from its customers.

extension ConsoleRoutes {
  func feedback() async throws -> Response {
    Self.list(
      "groups", try await reading.learning.feedbackFigures(limit: ConsoleBounds.rowsPerList), ConsoleJSON.feedback)
  }

  func feedbackTable() async throws -> Response {
    let figures = try await reading.learning.feedbackFigures(limit: ConsoleBounds.rowsPerExport)
    return Self.csv(FeedbackTable.text(of: figures))
  }

  func hotIssues() async throws -> Response {
    Self.list(
      "hot_issues", try await reading.learning.hotIssues(limit: ConsoleBounds.rowsPerList), ConsoleJSON.hotIssue)
  }
}

/// The feedback pool as a table.
enum FeedbackTable {
  static func text(of figures: [FeedbackFigures]) -> String {
    var table = CSVTable(columns: [
      "group", "category", "messages", "last_week", "week_before", "opened_at", "last_at", "example",
    ])
    for figures in figures {
      table.add([
        figures.id.description, figures.category, "\(figures.messages)", "\(figures.lastWeek)",
        "\(figures.weekBefore)", RFC3339.text(figures.openedAt), RFC3339.text(figures.lastAt), figures.example ?? "",
      ])
    }
    return table.text
  }
}
