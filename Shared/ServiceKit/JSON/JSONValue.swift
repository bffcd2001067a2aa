import DeskCore

/// A JSON document as a tree. Numbers keep their spelling, so that nothing is rounded before somebody asks for it.
public enum JSONValue: Equatable, Sendable {
  /// One named value of an object.
  public struct Member: Equatable, Sendable {
    /// Empty where it cannot be read.
    public let name: String
    /// Why the name cannot be read; nil when it can.
    public let nameError: JSONError?
    public let value: JSONValue

    public init(name: String, value: JSONValue) {
      self.name = name
      self.nameError = nil
      self.value = value
    }

    init(nameError: JSONError, value: JSONValue) {
      self.name = ""
      self.nameError = nameError
      self.value = value
    }

    public static func == (left: Self, right: Self) -> Bool {
      left.name.hasSameBytes(as: right.name) && left.nameError == right.nameError && left.value == right.value
    }
  }

  case null
  case flag(Bool)
  case number(String)
  case text(String)
  /// A string that cannot be read, or a number that is too long. Only `JSONScanner.read` gives it; `scan` refuses the document.
  case damaged(JSONError)
  case list([JSONValue])
  case object([Member])

  /// What it is, for error texts.
  public var kind: String {
    switch self {
    case .null: "null"
    case .flag: "a boolean"
    case .number: "a number"
    case .text: "a string"
    case .damaged: "a value that cannot be read"
    case .list: "an array"
    case .object: "an object"
    }
  }
}

/// Why bytes are not a JSON document that is taken. It tells places, never content.
public struct JSONError: Error, Equatable, Sendable {
  public enum Reason: Equatable, Sendable {
    case empty
    case invalidUTF8
    case truncated
    case unexpectedByte
    case trailingBytes
    case controlCharacter
    case badEscape
    case loneSurrogate
    case badNumber
    case tooDeep
    case tooManyValues
  }

  public let reason: Reason
  /// Bytes before the place.
  public let offset: Int

  public init(reason: Reason, offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  /// A sentence for the sender.
  public var detail: String {
    switch reason {
    case .empty: "There is no JSON value."
    case .invalidUTF8: "The byte at offset \(offset) is not valid UTF-8."
    case .truncated: "The JSON text ends in the middle of a value, at offset \(offset)."
    case .unexpectedByte: "The byte at offset \(offset) does not belong there in JSON."
    case .trailingBytes: "Something follows the JSON value at offset \(offset)."
    case .controlCharacter: "A control character stands bare in the string at offset \(offset)."
    case .badEscape: "The escape at offset \(offset) is none that JSON knows."
    case .loneSurrogate: "The escape at offset \(offset) is half of a surrogate pair."
    case .badNumber: "The number at offset \(offset) is not written as JSON asks."
    case .tooDeep: "The value at offset \(offset) is nested deeper than \(JSONLimits.depth) levels."
    case .tooManyValues: "The document has more than \(JSONLimits.values) values."
    }
  }

  /// What to do about it.
  public var remedy: String {
    switch reason {
    case .empty: "Send one object, an array of objects, or one object a line."
    case .invalidUTF8: "Encode the body as UTF-8."
    case .truncated: "Send the whole document; check the Content-Length."
    case .unexpectedByte, .trailingBytes, .badNumber: "Write the body with a JSON library (RFC 8259)."
    case .controlCharacter: "Escape it, for instance as \\n."
    case .badEscape: "Use the escapes of RFC 8259."
    case .loneSurrogate: "Write the character itself, or both halves of the pair."
    case .tooDeep, .tooManyValues: "Send flat messages, and fewer at once."
    }
  }
}
