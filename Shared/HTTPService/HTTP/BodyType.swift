internal import DeskCore
public import HTTPTypes

/// The formats of a request body.
public enum BodyType: String, Sendable, CaseIterable {
  case json = "application/json"
  /// One JSON value per line.
  case lines = "application/x-ndjson"

  /// Returns the body format that a request's headers declare.
  /// - Parameter taken: the formats that the route accepts.
  /// - Throws: `HTTPProblem` 415 for anything else, for other character sets and for compressed bodies.
  public init(_ headers: HTTPFields, taking taken: [BodyType]) throws(HTTPProblem) {
    let names = taken.map(\.rawValue)
    func unsupported(_ field: String, _ value: String, _ detail: String, _ remedy: String) -> HTTPProblem {
      HTTPProblem(
        .unsupportedMediaType, type: .unsupportedMediaType, detail: detail,
        errors: [.init(field: field, value: value.isEmpty ? nil : value, detail: detail, remedy: remedy)],
        headers: [.accept: names.joined(separator: ", ")])
    }
    if let encoding = headers[.contentEncoding], encoding.lowercased() != "identity" {
      throw unsupported(
        "Content-Encoding", encoding, "Compressed bodies are not supported.", "Send the body uncompressed.")
    }
    let parts = (headers[.contentType] ?? "").lowercased().split(separator: ";").map {
      $0.trimmingPrefix(while: \.isWhitespace)
    }
    let name = parts.first.map { String($0.prefix { !$0.isWhitespace }) } ?? ""
    for parameter in parts.dropFirst() where parameter.hasPrefix("charset=") {
      let charset = parameter.dropFirst("charset=".count).filter { $0 != "\"" && !$0.isWhitespace }
      guard charset == "utf-8" || charset == "utf8" else {
        throw unsupported(
          "Content-Type", String(charset), "The character set is not UTF-8.", "Encode the body as UTF-8.")
      }
    }
    guard let type = taken.first(where: { $0.rawValue == name }) else {
      throw unsupported(
        "Content-Type", name, "This content type is not supported here.", "Send \(names.listed(with: "or")).")
    }
    self = type
  }
}
