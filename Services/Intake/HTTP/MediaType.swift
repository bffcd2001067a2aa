import HTTPTypes
import ServiceKit

/// The forms of a body over HTTP.
enum MediaType: Equatable, Sendable {
  case json
  case lines

  /// What a request's fields say its body is.
  /// - Throws: `HTTPProblem` 415 for anything else, for other character sets and for compressed bodies.
  init(_ headers: HTTPFields) throws(HTTPProblem) {
    if let encoding = headers[.contentEncoding], encoding.lowercased() != "identity" {
      throw Self.unsupported("Content-Encoding", encoding, "Compressed bodies are not taken.", "Send it as it is.")
    }
    let parts = (headers[.contentType] ?? "").lowercased().split(separator: ";").map {
      $0.trimmingPrefix(while: \.isWhitespace)
    }
    let name = parts.first.map { String($0.prefix { !$0.isWhitespace }) } ?? ""
    for parameter in parts.dropFirst() where parameter.hasPrefix("charset=") {
      let charset = parameter.dropFirst("charset=".count).filter { $0 != "\"" && !$0.isWhitespace }
      guard charset == "utf-8" || charset == "utf8" else {
        throw Self.unsupported(
          "Content-Type", String(charset), "The character set is not UTF-8.", "Encode the body as UTF-8.")
      }
    }
    switch name {
    case "application/json": self = .json
    case "application/x-ndjson": self = .lines
    default:
      throw Self.unsupported(
        "Content-Type", name, "The body's type is not taken.", "Send application/json or application/x-ndjson.")
    }
  }

  private static func unsupported(_ field: String, _ value: String, _ detail: String, _ remedy: String) -> HTTPProblem {
    HTTPProblem(
      .unsupportedMediaType, type: IntakeMetrics.Rejection.unsupportedType.problemType, detail: detail,
      errors: [.init(field: field, value: value.isEmpty ? nil : value, detail: detail, remedy: remedy)],
      headers: [.accept: "application/json, application/x-ndjson"])
  }
}
