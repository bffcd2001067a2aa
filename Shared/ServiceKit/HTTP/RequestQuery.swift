import DeskCore
public import Hummingbird
public import HummingbirdCore

// The parts of a request's target that a client fills in: values in the path, parameters in the query.

/// Values in a request's path.
public enum RequestPath {
  /// A value, decoded.
  /// - Throws: `HTTPProblem` 400 when it is not well encoded.
  public static func value(_ name: String, in parameters: Parameters) throws(HTTPProblem) -> String {
    // A route is only found with all values of its path.
    if let value = PercentEncoding.decode(parameters.get(name) ?? "") { return value }
    throw HTTPProblem(
      .badRequest, type: "urn:frontdesk:malformed", detail: "The path is not well encoded.",
      errors: [.init(field: name, detail: PercentEncoding.problem, remedy: PercentEncoding.remedy)])
  }
}

/// The parameters of a request's query: each known, given once, and well encoded.
public struct RequestQuery: Sendable {
  private var values: [ExactString: String] = [:]
  /// What is wrong with the parameters that are not among the values.
  public private(set) var errors: [HTTPProblem.FieldError] = []

  /// Reads a query.
  /// - Parameter known: the names that a parameter may have.
  public init(_ uri: URI, known: [String]) {
    var seen: Set<ExactString> = []
    for pair in (uri.query ?? "").split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = PercentEncoding.decode(parts[0]), known.contains(where: { $0.hasSameBytes(as: name) }) else {
        errors.append(
          .init(
            field: String(parts[0].prefix(HTTPProblem.FieldError.maximumValueLength)),
            detail: "There is no parameter of this name.", remedy: "Known are \(known.joined(separator: ", "))."))
        continue
      }
      guard seen.insert(ExactString(name)).inserted else {
        errors.append(.init(field: name, detail: "The parameter is given twice.", remedy: "Give it once."))
        continue
      }
      guard let value = PercentEncoding.decode(parts.count == 2 ? parts[1] : "") else {
        errors.append(.init(field: name, detail: PercentEncoding.problem, remedy: PercentEncoding.remedy))
        continue
      }
      values[ExactString(name)] = value
    }
  }

  /// The value of a parameter; nil where it is not given, or cannot be read.
  public subscript(name: String) -> String? { values[ExactString(name)] }

  /// Reports what is wrong with the value of a parameter.
  public mutating func refuse(_ name: String, _ detail: String, remedy: String) {
    errors.append(.init(field: name, value: self[name], detail: detail, remedy: remedy))
  }

  /// A 422 with everything that was wrong.
  public func problem(_ detail: String) -> HTTPProblem {
    HTTPProblem(.unprocessableContent, type: "urn:frontdesk:invalid", detail: detail, errors: errors)
  }
}
