/// What is kept of a CRM's answer: plain values under the names that the policy shows. The answer comes from outside, so everything about
/// it is bounded, and nothing else of it is kept.
public struct CustomerFields: Hashable, Sendable {
  /// Limits of what is kept.
  public enum Bounds {
    /// Bytes of an answer.
    public static let answerBytes = 16 << 10
    /// Fields that a policy may name.
    public static let fields = 32
    /// Characters (Unicode scalars) of a field's name, and of its value; longer values are cut.
    public static let nameCharacters = 64
    public static let valueCharacters = 500
  }

  /// By name, each once, in the order of the policy.
  public let fields: [JSONValue.Field]

  /// Reads an answer.
  ///
  /// - Parameter shown: the names of the policy.
  /// - Returns: nil when the bytes are too many, not UTF-8, or not a JSON object. Values that are missing, null, lists or objects are left
  ///   out; of equal names the first counts.
  public init?(answer: [UInt8], shown: [String]) {
    guard answer.count <= Bounds.answerBytes, let text = String(validating: answer, as: UTF8.self),
      let value = JSONValue(json: text), case .object = value
    else { return nil }
    self.init(of: value, shown: shown)
  }

  /// Reads what was kept of an answer.
  public init?(kept json: String, shown: [String]) {
    guard let value = JSONValue(json: json), case .object = value else { return nil }
    self.init(of: value, shown: shown)
  }

  private init(of object: JSONValue, shown: [String]) {
    fields = shown.prefix(Bounds.fields).compactMap { name in
      object[name].flatMap(CustomerFields.plain).map { JSONValue.Field(name, $0) }
    }
  }

  /// The fields as a JSON object.
  public var json: JSONValue { .object(fields) }

  private static func plain(_ value: JSONValue) -> JSONValue? {
    switch value {
    case .text(let text): .text(visible(text))
    case .integer, .flag: value
    case .number(let number): number.isFinite ? value : nil
    case .list, .object, .null: nil
    }
  }

  /// Control characters, which include the one that PostgreSQL refuses, become spaces.
  private static func visible(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for (position, scalar) in text.unicodeScalars.enumerated() {
      if position == Bounds.valueCharacters {
        scalars.append("…")
        break
      }
      scalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
    }
    return String(scalars)
  }
}
