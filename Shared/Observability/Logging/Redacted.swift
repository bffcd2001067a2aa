/// Wraps values that must not be printed: customer text, keys, passwords. Every way of describing it, including interpolation and
/// reflection, gives the same placeholder; only `value` reveals it.
public struct Redacted<Value> {
  /// The hidden value.
  public var value: Value

  /// Hides a value.
  public init(_ value: Value) {
    self.value = value
  }
}

extension Redacted: Sendable where Value: Sendable {}
extension Redacted: Equatable where Value: Equatable {}

extension Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "‹redacted›" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
