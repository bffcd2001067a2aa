public import DeskCore
internal import HTTPTypes
public import Hummingbird
internal import NIOCore

/// The fields of a small JSON object, read strictly: what is missing, of another kind or not known is reported, all at once.
///
/// Of equal names the last counts, as for messages. Everything that is read is asked for by name and checked with `InputRules`;
/// `finish` then refuses what nobody asked for.
public struct JSONBody {
  /// The URNs that a service calls its problems by.
  public struct ProblemTypes: Sendable {
    public let malformed: String
    public let invalid: String
    public let unsupportedType: String
    public let tooLarge: String

    public init(malformed: String, invalid: String, unsupportedType: String, tooLarge: String) {
      (self.malformed, self.invalid) = (malformed, invalid)
      (self.unsupportedType, self.tooLarge) = (unsupportedType, tooLarge)
    }

    /// Those of the console.
    public static let usual = ProblemTypes(
      malformed: "urn:frontdesk:malformed", invalid: "urn:frontdesk:invalid", unsupportedType: "about:blank",
      tooLarge: "about:blank")
  }

  private let types: ProblemTypes
  private let values: [ExactString: JSONValue]
  private var known: Set<ExactString> = []
  private var errors: [HTTPProblem.FieldError] = []

  /// Whether a request brings a body at all.
  public static func isMissing(in request: Request) -> Bool {
    request.headers[.transferEncoding] == nil && (request.headers[.contentLength] ?? "0") == "0"
  }

  /// Collects and reads a request's body.
  /// - Parameter longest: the bytes that are taken.
  /// - Throws: `HTTPProblem` 413, 415 or 400.
  public init(_ request: Request, longest: Int, types: ProblemTypes = .usual) async throws {
    _ = try BodyType(request.headers, taking: [.json], problemType: types.unsupportedType)
    let bytes: ByteBuffer
    do {
      bytes = try await request.body.collect(upTo: longest)
    } catch is NIOTooManyBytesError {
      let detail = "The body is larger than \(longest) bytes."
      throw HTTPProblem(
        .contentTooLarge, type: types.tooLarge, detail: detail,
        errors: [.init(field: "", detail: detail, remedy: "Send at most \(longest) bytes.")])
    } catch let problem as HTTPProblem {
      throw problem
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      // Nothing but the connection and its framing can fail here: the sender's end, not ours.
      throw Self.malformed(
        "The body ended, or broke its framing, before it was whole.",
        "Send as many bytes as Content-Length says, or well-formed chunks.", types)
    }
    try self.init(bytes: Array(bytes.readableBytesView), types: types)
  }

  /// Reads a body.
  /// - Throws: `HTTPProblem` 400.
  public init(bytes: [UInt8], types: ProblemTypes = .usual) throws(HTTPProblem) {
    let document: JSONValue
    do throws(JSONError) {
      document = try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in try JSONScanner.scan(buffer: buffer) }
    } catch {
      throw Self.malformed(error.detail, error.remedy, types)
    }
    guard case .object(let members) = document else {
      throw Self.malformed("The body is \(document.kind) instead of an object.", "Send one JSON object.", types)
    }
    values = Dictionary(members.map { (ExactString($0.name), $0.value) }, uniquingKeysWith: { $1 })
    self.types = types
  }

  private static func malformed(_ detail: String, _ remedy: String, _ types: ProblemTypes) -> HTTPProblem {
    HTTPProblem(
      .badRequest, type: types.malformed, detail: detail, errors: [.init(field: "", detail: detail, remedy: remedy)])
  }

  // MARK: Values

  /// The value of a field; nil where there is none, or null.
  private mutating func value(_ name: String) -> JSONValue? {
    known.insert(ExactString(name))
    let value = values[ExactString(name)]
    return value == .null ? nil : value
  }

  /// Whether a field is left out, or null.
  public mutating func isMissing(_ name: String) -> Bool { value(name) == nil }

  /// A text that a rule allows; nil where the field is left out. One that is refused is reported.
  public mutating func textIfAny(_ name: String, _ rule: (String) throws(InputFault) -> Void) -> String? {
    guard let value = value(name) else { return nil }
    guard case .text(let text) = value else {
      refuse(name, "The value is \(value.kind) instead of a string.", remedy: "Send a string.")
      return nil
    }
    do throws(InputFault) {
      try rule(text)
      return text
    } catch {
      refuse(name, value: error.showsValue ? text : nil, error.detail, remedy: error.remedy)
      return nil
    }
  }

  /// A text that must be there; the empty text where it is refused.
  public mutating func text(_ name: String, _ rule: (String) throws(InputFault) -> Void) -> String {
    if value(name) == nil { refuse(name, "The field is missing.", remedy: "Send a string.") }
    return textIfAny(name, rule) ?? ""
  }

  /// Words of a person.
  public mutating func words(_ name: String, longest: Int) -> String {
    text(name) { value throws(InputFault) in try InputRules.words(value, longest: longest) }
  }

  /// The same where they may be left out.
  public mutating func wordsIfAny(_ name: String, longest: Int) -> String? {
    textIfAny(name) { value throws(InputFault) in try InputRules.words(value, longest: longest) }
  }

  /// The name of something that a policy declares.
  public mutating func key<Subject>(_ name: String) -> Key<Subject>? {
    textIfAny(name) { value throws(InputFault) in try InputRules.key(Key<Subject>(value)) }.map { Key($0) }
  }

  /// An identifier.
  public mutating func identifier<Subject>(_ name: String) -> Identifier<Subject>? {
    textIfAny(name) { value throws(InputFault) in
      guard Identifier<Subject>(value) != nil else {
        throw InputFault("Not an identifier.", remedy: "Send a UUID of 36 characters.")
      }
    }.flatMap { Identifier($0) }
  }

  /// A timestamp of RFC 3339.
  public mutating func timestamp(_ name: String) -> Instant? {
    textIfAny(name) { value throws(InputFault) in
      guard RFC3339.instant(value) != nil else {
        throw InputFault("Not a valid RFC 3339 timestamp.", remedy: RFC3339.remedy, showsValue: true)
      }
    }.flatMap { RFC3339.instant($0) }
  }

  /// One of a few words; `other` where it is missing or refused.
  public mutating func choice<Value>(
    _ name: String, among words: [(name: String, value: Value)], other: Value
  ) -> Value {
    var chosen = other
    _ = text(name) { text throws(InputFault) in
      guard let match = words.first(where: { $0.name.hasSameBytes(as: text) }) else {
        throw InputFault(
          "Not one of the values allowed.", remedy: "Send one of \(words.map(\.name).joined(separator: ", ")).",
          showsValue: true)
      }
      chosen = match.value
    }
    return chosen
  }

  /// A flag; nil where it is left out or refused.
  public mutating func flagIfAny(_ name: String) -> Bool? {
    guard let value = value(name) else { return nil }
    if case .flag(let flag) = value { return flag }
    refuse(name, "The value is \(value.kind) instead of a boolean.", remedy: "Send true or false, without quotes.")
    return nil
  }

  /// A flag that must be there; false where it is refused.
  public mutating func flag(_ name: String) -> Bool {
    if value(name) == nil { refuse(name, "The field is missing.", remedy: "Send true or false, without quotes.") }
    return flagIfAny(name) ?? false
  }

  /// A whole number; nil where it is left out or refused.
  public mutating func integerIfAny(_ name: String, in range: ClosedRange<Int>) -> Int? {
    guard let value = value(name) else { return nil }
    if case .number(let digits) = value, let number = Int(digits) ?? Double(digits).flatMap({ Int(exactly: $0) }),
      range.contains(number)
    {
      return number
    }
    refuse(
      name, "Not a whole number from \(range.lowerBound) to \(range.upperBound).",
      remedy: "Send a number from \(range.lowerBound) to \(range.upperBound), without quotes.")
    return nil
  }

  /// References to files: objects with a `url` and, where known, `media_type` and `name`. The desk keeps addresses and never fetches them.
  /// - Returns: the references with their parts in this order; none where the field is left out. Those that are refused are reported.
  public mutating func attachments(_ name: String, most: Int) -> [Detail] {
    guard let value = value(name) else { return [] }
    guard case .list(let elements) = value else {
      refuse(name, "The value is \(value.kind) instead of an array.", remedy: "Send [{\"url\": \"https://…\"}].")
      return []
    }
    guard elements.count <= most else {
      refuse(name, "There are \(elements.count) attachments; at most \(most) are allowed.", remedy: "Send fewer.")
      return []
    }
    return elements.enumerated().compactMap { position, element in attachment(element, "\(name)/\(position)") }
  }

  private mutating func attachment(_ value: JSONValue, _ place: String) -> Detail? {
    guard case .object(let members) = value else {
      refuse(place, "The attachment is \(value.kind) instead of an object.", remedy: "Send an object with a `url`.")
      return nil
    }
    let rules: [(name: String, check: (String) throws(InputFault) -> Void)] = [
      ("url", { value throws(InputFault) in try InputRules.webAddress(value) }),
      ("media_type", { value throws(InputFault) in try InputRules.mediaType(value) }),
      ("name", { value throws(InputFault) in try InputRules.attachmentName(value) }),
    ]
    var fields: [Detail.Field] = []
    for (name, check) in rules {
      let last = members.last { $0.name.hasSameBytes(as: name) }?.value ?? .null
      switch last {
      case .null:
        if name == "url" { refuse("\(place)/url", "The field is missing.", remedy: "Send an absolute https URL.") }
      case .text(let text):
        do throws(InputFault) {
          try check(text)
          fields.append(.init(name, .text(text)))
        } catch {
          refuse("\(place)/\(name)", error.detail, remedy: error.remedy)
        }
      default: refuse("\(place)/\(name)", "The value is \(last.kind) instead of a string.", remedy: "Send a string.")
      }
    }
    for member in members where !rules.contains(where: { $0.name.hasSameBytes(as: member.name) }) {
      refuse(
        "\(place)/\(Self.token(member.name))", "There is no field of this name.",
        remedy: "Leave it out; known are url, media_type, name.")
    }
    return .object(fields)
  }

  // MARK: Ending

  /// Reports what is wrong with a field.
  /// - Parameter value: the value, where it may be repeated.
  public mutating func refuse(_ name: String, value: String? = nil, _ detail: String, remedy: String) {
    errors.append(.init(field: "/" + name, value: value, detail: detail, remedy: remedy))
  }

  /// Ends the reading.
  /// - Throws: `HTTPProblem` 422 with everything that was wrong.
  public func finish() throws(HTTPProblem) {
    let unknown = values.keys.filter { !known.contains($0) }.sorted().prefix(Self.unknownReported).map { name in
      HTTPProblem.FieldError(
        field: "/" + Self.token(name.string), detail: "There is no field of this name.",
        remedy: "Leave it out; known are \(known.sorted().map(\.string).joined(separator: ", ")).")
    }
    guard errors.isEmpty, unknown.isEmpty else {
      throw HTTPProblem(
        .unprocessableContent, type: types.invalid, detail: "The body cannot be accepted as it is.",
        errors: errors + unknown)
    }
  }

  /// Unknown fields that are reported: a body may have thousands.
  private static let unknownReported = 20

  /// A name as a token of a JSON pointer (RFC 6901), shortened.
  private static func token(_ name: String) -> String {
    let short = String(String.UnicodeScalarView(name.unicodeScalars.prefix(HTTPProblem.FieldError.maximumValueLength)))
    return short.replacing("~", with: "~0").replacing("/", with: "~1")
  }
}
