public import HTTPTypes
internal import UntrustedInput

/// The header `Idempotency-Key`, with which a client may repeat a request safely: 1 to `InputBounds.requestKeyCharacters` visible ASCII
/// characters.
public struct IdempotencyKey: Sendable, Hashable {
  private static let name = HTTPField.Name("Idempotency-Key")

  public let text: String

  /// - Throws: `HTTPProblem` 400 when the text cannot be used as a key.
  public init(_ text: String) throws(HTTPProblem) {
    do throws(InputFault) {
      try InputRules.requestKey(text)
    } catch {
      throw HTTPProblem(
        .badRequest, type: .idempotencyKeyInvalid, detail: "The Idempotency-Key cannot be used.",
        errors: [.init(field: "Idempotency-Key", detail: error.detail, remedy: error.remedy)])
    }
    self.text = text
  }

  /// Returns the key of a request; nil when it has none.
  /// - Throws: `HTTPProblem` 400 when it cannot be used.
  public static func read(_ headers: HTTPFields) throws(HTTPProblem) -> IdempotencyKey? {
    guard let name, let text = headers[name] else { return nil }
    return try IdempotencyKey(text)
  }

  /// The key was used for a request that differs in `difference`.
  public static func reused(_ difference: String) -> HTTPProblem {
    HTTPProblem(
      .unprocessableContent, type: .idempotencyKeyReused,
      detail: "The Idempotency-Key was used for a request with a different \(difference).",
      errors: [
        .init(
          field: "Idempotency-Key", detail: "It was used for a different \(difference).",
          remedy: "Use a new key for each request.")
      ])
  }
}
