import DeskCore
internal import HTTPTypes
public import HummingbirdCore
internal import UntrustedInput

/// The parameters of a request's query: each known, given once, and correctly encoded.
public struct RequestQuery: Sendable {
  private var values: [ExactString: String] = [:]
  /// Errors of the parameters that are not among the values.
  public private(set) var errors: [HTTPProblem.FieldError] = []

  /// Reads a query.
  /// - Parameter known: the allowed parameter names.
  public init(_ uri: URI, known: [String]) {
    var seen: Set<ExactString> = []
    for pair in (uri.query ?? "").split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = PercentEncoding.decode(parts[0]), known.contains(where: { $0.hasSameBytes(as: name) }) else {
        errors.append(
          .init(
            field: String(parts[0].prefix(HTTPProblem.FieldError.maximumValueLength)),
            detail: "Unknown parameter.", remedy: "Known parameters are \(known.joined(separator: ", "))."))
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

  /// Returns the value of a parameter; nil if it is missing or cannot be read.
  public subscript(name: String) -> String? { values[ExactString(name)] }

  /// Reports an error of a parameter's value.
  public mutating func refuse(_ name: String, _ detail: String, remedy: String) {
    errors.append(.init(field: name, value: self[name], detail: detail, remedy: remedy))
  }

  /// A 422 with all errors.
  public func problem(_ detail: String) -> HTTPProblem {
    HTTPProblem(.unprocessableContent, type: .invalidRequest, detail: detail, errors: errors)
  }
}
