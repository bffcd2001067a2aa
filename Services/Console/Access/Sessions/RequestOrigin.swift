import HTTPService
import HTTPTypes

/// Refuses requests with a cookie that another site's page caused (cross-site request forgery). Browsers say where a request comes from
/// (`Sec-Fetch-Site`, W3C Fetch Metadata); where they do not, `Origin` decides (RFC 6454).
enum RequestOrigin {
  /// - Parameters:
  ///   - headers: of a request that a session's cookie authenticates, or that opens a session.
  ///   - ownOrigin: the origin of the pages, such as `https://desk.example.com`.
  ///   - authority: of the request, host and port.
  /// - Throws: `HTTPProblem` 403.
  static func check(
    _ method: HTTPRequest.Method, _ headers: HTTPFields, ownOrigin: String?, authority: String?
  ) throws {
    if let name = HTTPField.Name("Sec-Fetch-Site"), let site = headers[name] {
      // A person who follows a bookmark to a download comes from nowhere.
      guard site == "same-origin" || (site == "none" && method == .get) else { throw refusal("Sec-Fetch-Site", site) }
      return
    }
    guard let origin = headers[.origin] else {
      guard method == .get else { throw refusal("Origin", nil) }
      return
    }
    var own = authority.map { ["http://\($0)", "https://\($0)"] } ?? []
    if let ownOrigin { own.append(ownOrigin) }
    guard own.contains(where: { $0.utf8.elementsEqual(origin.utf8) }) else {
      throw refusal("Origin", origin)
    }
  }

  private static func refusal(_ field: String, _ value: String?) -> HTTPProblem {
    let detail =
      value == nil
      ? "The request does not say which page caused it." : "The request was caused by a page of another site."
    return HTTPProblem(
      .forbidden, type: .forbidden, detail: detail,
      errors: [
        .init(
          field: field, value: value, detail: detail,
          remedy: "Use the console's own pages; programs send `Authorization: Bearer KEY` instead of a cookie.")
      ])
  }
}
