/// Holds what must not be printed: customers' words, keys, passwords. Every way of describing it, interpolation and
/// reflection too, gives the same placeholder; only `value` gives it away.
public struct Redacted<Value> {
  /// What is hidden.
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
