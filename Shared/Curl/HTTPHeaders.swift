/// Header fields in the order sent or received, with case-insensitive names.
public struct HTTPHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  public struct Field: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  public private(set) var fields: [Field]

  public init(_ fields: [Field] = []) {
    self.fields = fields
  }

  public init(dictionaryLiteral elements: (String, String)...) {
    fields = elements.map { Field(name: $0.0, value: $0.1) }
  }

  public mutating func add(name: String, value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// The first value of that name. Setting removes every other value of the name; setting nil removes all.
  public subscript(name: String) -> String? {
    get { fields.first { Self.sameName($0.name, name) }?.value }
    set {
      fields.removeAll { Self.sameName($0.name, name) }
      if let newValue { add(name: name, value: newValue) }
    }
  }

  /// Every value of that name, in order.
  public func values(_ name: String) -> [String] {
    fields.filter { Self.sameName($0.name, name) }.map(\.value)
  }

  private static func sameName(_ one: String, _ other: String) -> Bool {
    one.utf8.elementsEqual(other.utf8) { $0.asciiLowercased == $1.asciiLowercased }
  }
}

extension HTTPHeaders.Field {
  /// Whether the name is an RFC 9110 token and the value has no control character except tab, so that neither can inject
  /// another field or request.
  var isWellFormed: Bool {
    name.isHTTPToken && value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7F) }
  }
}

extension String {
  /// RFC 9110, section 5.6.2.
  var isHTTPToken: Bool {
    !utf8.isEmpty
      && utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "a")...UInt8(ascii: "z"):
          true
        default:
          Self.tokenPunctuation.contains(byte)
        }
      }
  }

  private static let tokenPunctuation = Set("!#$%&'*+-.^_`|~".utf8)
}

extension UInt8 {
  var asciiLowercased: UInt8 {
    self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") ? self | 0x20 : self
  }
}
