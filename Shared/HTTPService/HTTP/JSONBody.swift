public import DeskCore
internal import HTTPTypes
public import Hummingbird
internal import NIOCore
public import UntrustedInput

/// Reads the fields of a small JSON object strictly: missing fields, wrong types and unknown fields are reported together.
///
/// Of duplicate names the last counts, as for messages. Every field is read by name and validated with `InputRules`;
/// `finish` then rejects fields that were not read.
public struct JSONBody {
  private let values: [ExactString: JSONDocument]
  private var known: Set<ExactString> = []
  private var errors: [HTTPProblem.FieldError] = []

  /// Whether a request has a body.
  public static func isMissing(in request: Request) -> Bool {
    request.headers[.transferEncoding] == nil && (request.headers[.contentLength] ?? "0") == "0"
  }

  /// Collects and reads a request's body.
  /// - Parameter longest: the maximum size in bytes.
  /// - Throws: `HTTPProblem` 413, 415 or 400.
  public init(_ request: Request, longest: Int) async throws {
    _ = try BodyType(request.headers, taking: [.json])
    try request.checkLength(most: longest)
    let bytes: ByteBuffer
    do {
      bytes = try await request.body.collect(upTo: longest)
    } catch is NIOTooManyBytesError {
      let detail = "The body is larger than \(longest) bytes."
      throw HTTPProblem(
        .contentTooLarge, type: .tooLarge, detail: detail,
        errors: [.init(field: "", detail: detail, remedy: "Send at most \(longest) bytes.")])
    } catch let problem as HTTPProblem {
      throw problem
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      // Only the connection and its framing can fail here: the sender's side, not ours.
      throw Self.malformed(
        "The body was truncated or its framing is invalid.",
        "Send exactly Content-Length bytes, or well-formed chunks.")
    }
    try self.init(bytes: Array(bytes.readableBytesView))
  }

  /// Reads a body.
  /// - Throws: `HTTPProblem` 400.
  public init(bytes: [UInt8]) throws(HTTPProblem) {
    let document: JSONDocument
    do throws(JSONError) {
      document = try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in try JSONScanner.scan(buffer: buffer) }
    } catch {
      throw Self.malformed(error.detail, error.remedy)
    }
    guard case .object(let members) = document else {
      throw Self.malformed("The body is \(document.kind) instead of an object.", "Send one JSON object.")
    }
    self.init(members)
  }

  private init(_ members: [JSONDocument.Member]) {
    values = Dictionary(members.map { (ExactString($0.name), $0.value) }, uniquingKeysWith: { $1 })
  }

  private static func malformed(_ detail: String, _ remedy: String) -> HTTPProblem {
    HTTPProblem(
      .badRequest, type: .malformedBody, detail: detail, errors: [.init(field: "", detail: detail, remedy: remedy)])
  }

  // MARK: Values

  /// Returns the value of a field; nil if it is missing or null.
  private mutating func value(_ name: String) -> JSONDocument? {
    known.insert(ExactString(name))
    let value = values[ExactString(name)]
    return value == .null ? nil : value
  }

  /// Whether a field is missing or null.
  public mutating func isMissing(_ name: String) -> Bool { value(name) == nil }

  /// Returns a text that satisfies a rule; nil if the field is missing. Reports a rejected one.
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

  /// Returns a required text; the empty text if it is rejected.
  public mutating func text(_ name: String, _ rule: (String) throws(InputFault) -> Void) -> String {
    if value(name) == nil { refuse(name, "The field is missing.", remedy: "Send a string.") }
    return textIfAny(name, rule) ?? ""
  }

  /// Returns text written by a person.
  public mutating func words(_ name: String, longest: Int) -> String {
    text(name) { value throws(InputFault) in try InputRules.words(value, longest: longest) }
  }

  /// Returns optional text written by a person.
  public mutating func wordsIfAny(_ name: String, longest: Int) -> String? {
    textIfAny(name) { value throws(InputFault) in try InputRules.words(value, longest: longest) }
  }

  /// Returns the name of something that a policy declares.
  public mutating func key<Subject>(_ name: String) -> Key<Subject>? {
    textIfAny(name) { value throws(InputFault) in try InputRules.key(Key<Subject>(value)) }.map { Key($0) }
  }

  /// Returns an identifier.
  public mutating func identifier<Subject>(_ name: String) -> Identifier<Subject>? {
    textIfAny(name) { value throws(InputFault) in
      guard Identifier<Subject>(value) != nil else {
        throw InputFault("Not an identifier.", remedy: "Send a UUID of 36 characters.")
      }
    }.flatMap { Identifier($0) }
  }

  /// Returns an RFC 3339 timestamp.
  public mutating func timestamp(_ name: String) -> Instant? {
    textIfAny(name) { value throws(InputFault) in
      guard RFC3339.instant(value) != nil else {
        throw InputFault("Not a valid RFC 3339 timestamp.", remedy: RFC3339.remedy, showsValue: true)
      }
    }.flatMap { RFC3339.instant($0) }
  }

  /// Returns one of several allowed values; `other` if it is missing or rejected.
  public mutating func choice<Value>(
    _ name: String, among words: [(name: String, value: Value)], other: Value
  ) -> Value {
    var chosen = other
    _ = text(name) { text throws(InputFault) in
      guard let match = words.first(where: { $0.name.hasSameBytes(as: text) }) else {
        throw InputFault(
          "Not one of the allowed values.", remedy: "Send one of \(words.map(\.name).joined(separator: ", ")).",
          showsValue: true)
      }
      chosen = match.value
    }
    return chosen
  }

  /// Returns a flag; nil if it is missing or rejected.
  public mutating func flagIfAny(_ name: String) -> Bool? {
    guard let value = value(name) else { return nil }
    if case .flag(let flag) = value { return flag }
    refuse(name, "The value is \(value.kind) instead of a boolean.", remedy: "Send true or false, without quotes.")
    return nil
  }

  /// Returns a required flag; false if it is rejected.
  public mutating func flag(_ name: String) -> Bool {
    if value(name) == nil { refuse(name, "The field is missing.", remedy: "Send true or false, without quotes.") }
    return flagIfAny(name) ?? false
  }

  /// Returns a whole number; nil if it is missing or rejected.
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

  /// Returns the elements of a list, which the caller reads; nil if the field is missing or rejected.
  /// - Parameter most: the maximum number.
  public mutating func elements(_ name: String, most: Int) -> [JSONDocument]? {
    guard let value = value(name) else { return nil }
    guard case .list(let elements) = value else {
      refuse(name, "The value is \(value.kind) instead of an array.", remedy: "Send an array.")
      return nil
    }
    guard elements.count <= most else {
      refuse(name, "There are \(elements.count) elements; at most \(most) are allowed.", remedy: "Send fewer.")
      return nil
    }
    return elements
  }

  /// Returns a list of names of something that a policy declares; empty if the field is missing. Reports rejected ones.
  /// - Parameter most: the maximum number.
  public mutating func keys<Subject>(_ name: String, most: Int) -> Set<Key<Subject>> {
    guard let value = value(name) else { return [] }
    guard case .list(let elements) = value else {
      refuse(name, "The value is \(value.kind) instead of an array.", remedy: "Send an array of strings.")
      return []
    }
    guard elements.count <= most else {
      refuse(name, "There are \(elements.count) names; at most \(most) are allowed.", remedy: "Send fewer.")
      return []
    }
    var keys: Set<Key<Subject>> = []
    for (position, element) in elements.enumerated() {
      guard case .text(let text) = element, Key<Subject>(text).isWellFormed else {
        refuse("\(name)/\(position)", "Not a name.", remedy: "Send a name that the policy declares.")
        continue
      }
      keys.insert(Key(text))
    }
    return keys
  }

  /// Returns file references: objects with a `url` and, if known, `media_type` and `name`. The desk stores URLs and never fetches them.
  /// - Returns: the references with their parts in this order; none if the field is missing. Rejected ones are reported.
  public mutating func attachments(_ name: String, most: Int) -> [JSONValue] {
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

  private mutating func attachment(_ value: JSONDocument, _ place: String) -> JSONValue? {
    guard case .object(let members) = value else {
      refuse(place, "The attachment is \(value.kind) instead of an object.", remedy: "Send an object with a `url`.")
      return nil
    }
    let rules: [(name: String, check: (String) throws(InputFault) -> Void)] = [
      ("url", { value throws(InputFault) in try InputRules.webAddress(value) }),
      ("media_type", { value throws(InputFault) in try InputRules.mediaType(value) }),
      ("name", { value throws(InputFault) in try InputRules.attachmentName(value) }),
    ]
    var fields: [JSONValue.Field] = []
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
        "\(place)/\(Self.token(member.name))", "Unknown field.",
        remedy: "Remove it; known fields are url, media_type, name.")
    }
    return .object(fields)
  }

  /// Returns the elements of a required list of objects. Errors of an element are reported under its place, such as `/items/2/name`.
  /// - Parameters:
  ///   - most: the maximum number of elements, at least one of which is required.
  ///   - read: reads the fields of one element; nil for one whose errors it has reported.
  public mutating func list<Element>(
    _ name: String, most: Int, _ read: (inout JSONBody) -> Element?
  ) -> [Element] {
    guard let value = value(name) else {
      refuse(name, "The field is missing.", remedy: "Send an array of objects.")
      return []
    }
    guard case .list(let elements) = value else {
      refuse(name, "The value is \(value.kind) instead of an array.", remedy: "Send an array of objects.")
      return []
    }
    guard (1...most).contains(elements.count) else {
      refuse(
        name, "There are \(elements.count) elements; 1 to \(most) are allowed.",
        remedy: elements.isEmpty ? "Send at least one." : "Send them in several requests.")
      return []
    }
    return elements.enumerated().compactMap { position, element in
      guard case .object(let members) = element else {
        refuse("\(name)/\(position)", "The element is \(element.kind) instead of an object.", remedy: "Send an object.")
        return nil
      }
      var body = JSONBody(members)
      let read = read(&body)
      errors += (body.errors + body.unknownFields).map { error in
        var error = error
        error.field = "/\(name)/\(position)\(error.field)"
        return error
      }
      return read
    }
  }

  // MARK: Ending

  /// Reports an error of a field.
  /// - Parameter value: the value, if it may be echoed.
  public mutating func refuse(_ name: String, value: String? = nil, _ detail: String, remedy: String) {
    errors.append(.init(field: "/" + name, value: value, detail: detail, remedy: remedy))
  }

  /// Finishes reading.
  /// - Throws: `HTTPProblem` 422 with all errors.
  public func finish() throws(HTTPProblem) {
    let all = errors + unknownFields
    guard all.isEmpty else {
      throw HTTPProblem(
        .unprocessableContent, type: .invalidRequest, detail: "The body is invalid.",
        errors: Array(all.prefix(Self.errorsReported)))
    }
  }

  private var unknownFields: [HTTPProblem.FieldError] {
    values.keys.filter { !known.contains($0) }.sorted().prefix(Self.unknownReported).map { name in
      HTTPProblem.FieldError(
        field: "/" + Self.token(name.string), detail: "Unknown field.",
        remedy: "Remove it; known fields are \(known.sorted().map(\.string).joined(separator: ", ")).")
    }
  }

  /// Maximum number of errors in one problem: a list may have thousands.
  private static let errorsReported = 100

  /// Maximum number of unknown fields that are reported: a body may have thousands.
  private static let unknownReported = 20

  /// Returns a name as a token of a JSON pointer (RFC 6901), truncated.
  private static func token(_ name: String) -> String {
    let short = String(String.UnicodeScalarView(name.unicodeScalars.prefix(HTTPProblem.FieldError.maximumValueLength)))
    return short.replacing("~", with: "~0").replacing("/", with: "~1")
  }
}
