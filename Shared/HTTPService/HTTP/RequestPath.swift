internal import HTTPTypes
public import Hummingbird
internal import UntrustedInput

/// The values in a request's path.
public enum RequestPath {
  /// Returns a value, decoded.
  /// - Throws: `HTTPProblem` 400 when it is not correctly encoded.
  public static func value(_ name: String, in parameters: Parameters) throws(HTTPProblem) -> String {
    // A route only matches with all values of its path.
    if let value = PercentEncoding.decode(parameters.get(name) ?? "") { return value }
    throw HTTPProblem(
      .badRequest, type: .malformedPath, detail: "The path is not correctly encoded.",
      errors: [.init(field: name, detail: PercentEncoding.problem, remedy: PercentEncoding.remedy)])
  }
}
