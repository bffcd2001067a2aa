import DeskCore
import Hummingbird
import NIOCore
import ServiceKit
import Store

// What the desk has learned from its customers.

extension ConsoleRoutes {
  func feedback() async throws -> Response {
    Self.list(
      "groups", try await store.feedbackFigures(limit: ConsoleBounds.rowsPerList), ConsoleJSON.feedback)
  }

  func feedbackTable() async throws -> Response {
    let figures = try await store.feedbackFigures(limit: ConsoleBounds.rowsPerExport)
    return Response(
      status: .ok, headers: [.contentType: "text/csv; charset=utf-8", .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: FeedbackTable.text(of: figures))))
  }

  func hotIssues() async throws -> Response {
    Self.list("hot_issues", try await store.hotIssues(limit: ConsoleBounds.rowsPerList), ConsoleJSON.hotIssue)
  }
}

/// The pool of feedback as a table after RFC 4180.
enum FeedbackTable {
  static func text(of figures: [FeedbackFigures]) -> String {
    let head = ["group", "category", "messages", "last_week", "week_before", "opened_at", "last_at", "example"]
    let rows = figures.map { figures in
      [
        figures.id.description, figures.category, "\(figures.messages)", "\(figures.lastWeek)",
        "\(figures.weekBefore)", moment(figures.openedAt), moment(figures.lastAt), figures.example ?? "",
      ]
    }
    return ([head] + rows).map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
  }

  private static func moment(_ instant: Instant) -> String {
    guard case .text(let text) = ConsoleJSON.time(instant) else { return "" }
    return text
  }

  /// Customers' words come from outside: one that begins like a formula is told apart from one, so that a spreadsheet does not run it.
  private static func field(_ text: String) -> String {
    let isFormula = text.first.map { "=+-@\t\r".contains($0) } ?? false
    let safe = isFormula ? "'" + text : text
    guard safe.contains(where: { $0 == "\"" || $0 == "," || $0.isNewline }) else { return safe }
    return "\"" + safe.replacing("\"", with: "\"\"") + "\""
  }
}
