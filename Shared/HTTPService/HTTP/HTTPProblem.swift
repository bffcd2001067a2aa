public import DeskCore
internal import Foundation
public import HTTPTypes
public import Hummingbird
internal import Observability

/// Problem details (RFC 9457) that the client can act on, with what to change for each field.
public struct HTTPProblem: Error, HTTPResponseError, Sendable, Equatable {
  /// A field that cannot be accepted.
  public struct FieldError: Sendable, Equatable {
    /// Longer values are truncated; in characters.
    public static let maximumValueLength = 64

    /// A JSON pointer or the name of a header or parameter.
    public var field: String
    /// The offending value, truncated; omitted if it may be secret.
    public var value: String?
    public var detail: String
    /// What to send instead.
    public var remedy: String?

    /// Truncates the value if it is long.
    public init(field: String, value: String? = nil, detail: String, remedy: String? = nil) {
      self.field = field
      self.value = value.map {
        $0.count > Self.maximumValueLength ? String($0.prefix(Self.maximumValueLength)) + "…" : $0
      }
      self.detail = detail
      self.remedy = remedy
    }
  }

  public var status: HTTPResponse.Status
  /// Nil means that the status says it all.
  public var type: ProblemType?
  public var title: String
  public var detail: String?
  /// Identifies this occurrence; the middleware fills in the trace id.
  public var instance: String?
  public var errors: [FieldError]
  /// The member `current`: what the request conflicts with, as it is now. Nil leaves it out.
  public var current: JSONValue?
  /// Headers sent with the problem, for instance `Retry-After`.
  public var headers: HTTPFields

  /// The URI of the problem's type.
  public var typeURI: String { type?.uri ?? "about:blank" }

  /// The title defaults to the status' reason phrase.
  public init(
    _ status: HTTPResponse.Status, type: ProblemType? = nil, title: String? = nil, detail: String? = nil,
    instance: String? = nil, errors: [FieldError] = [], current: JSONValue? = nil, headers: HTTPFields = [:]
  ) {
    assert(type == nil || type?.status == status, "a problem has the status of its type")
    self.status = status
    self.type = type
    self.title = title ?? status.reasonPhrase
    self.detail = detail
    self.instance = instance
    self.errors = errors
    self.current = current
    self.headers = headers
  }

  /// Returns a temporary overload: 429 or 503 with `Retry-After`, rounded up to whole seconds and at least one.
  public static func retryLater(
    _ status: HTTPResponse.Status, after delay: Duration, detail: String
  ) -> HTTPProblem {
    HTTPProblem(
      status, detail: detail, headers: [.retryAfter: String(max(1, Int(delay.seconds.rounded(.up))))])
  }

  /// The JSON object of the media type `application/problem+json`.
  public func body() throws -> [UInt8] {
    let body = Body(
      type: typeURI, title: title, status: status.code, detail: detail, instance: instance,
      errors: errors.isEmpty ? nil : errors.map(Body.Field.init), says: CodedSentence(detail))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let bytes = Array(try encoder.encode(body))
    guard let current else { return bytes }
    // The first name in the order of the others, so that the same problem is always the same text.
    return Array("{\"current\":\(current.json),".utf8) + bytes.dropFirst()
  }

  public func response(from request: Request, context: some RequestContext) throws -> Response {
    var headers = headers
    headers[.contentType] = "application/problem+json"
    headers[.cacheControl] = "no-store"
    return Response(
      status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: try body())))
  }

  private struct Body: Encodable {
    var type: String
    var title: String
    var status: Int
    var detail: String?
    var instance: String?
    var errors: [Field]?
    /// The code and the values of `detail`.
    var says: CodedSentence?

    struct Field: Encodable {
      var field: String
      var value: String?
      var detail: String
      var remedy: String?
      var says: CodedSentence?
      var remedySays: CodedSentence?

      init(_ error: FieldError) {
        field = error.field
        value = error.value
        detail = error.detail
        remedy = error.remedy
        says = CodedSentence(error.detail)
        remedySays = CodedSentence(error.remedy)
      }

      enum CodingKeys: String, CodingKey {
        case field, value, detail, remedy, says
        case remedySays = "remedy_says"
      }
    }
  }

  /// A sentence as its code and its values, for readers of any language.
  private struct CodedSentence: Encodable {
    var code: String
    // exact-keys: names of gaps in our own sentences
    var values: [String: String]

    /// Nil for a sentence that is not among `ProblemSentence`.
    init?(_ text: String?) {
      guard let text, let found = ProblemSentence.catalogue.recognise(text) else { return nil }
      code = found.code.code
      values = Dictionary(found.values.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
  }
}
