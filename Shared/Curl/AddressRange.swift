/// A block of addresses: all that share the first `prefixLength` bits of `base`.
public struct AddressRange: Sendable, Hashable, CustomStringConvertible {
  public let base: IPAddress
  /// 0...32 for IPv4, 0...128 for IPv6.
  public let prefixLength: Int

  /// Parses `address/length`, or a single address, which is a block of one. Bits after the prefix must be zero, because
  /// otherwise the block is probably a mistake.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let base = IPAddress(String(parts[0])) else { return nil }
    let width: Int =
      switch base {
      case .v4: 32
      case .v6: 128
      }
    var length = width
    if parts.count == 2 {
      guard parts[1].utf8.allSatisfy(\.isASCIIDigit), let written = Int(parts[1]), written <= width else { return nil }
      length = written
    }
    self.base = base
    prefixLength = length
    switch base {
    case .v4(let value): guard value & ~Self.mask32(length) == 0 else { return nil }
    case .v6(let value): guard value & ~Self.mask128(length) == 0 else { return nil }
    }
  }

  public func contains(_ address: IPAddress) -> Bool {
    switch (base, address) {
    case (.v4(let base), .v4(let value)): value & Self.mask32(prefixLength) == base
    case (.v6(let base), .v6(let value)): value & Self.mask128(prefixLength) == base
    default: false
    }
  }

  public var description: String { "\(base)/\(prefixLength)" }

  private static func mask32(_ length: Int) -> UInt32 { length == 0 ? 0 : UInt32.max << UInt32(32 - length) }
  private static func mask128(_ length: Int) -> UInt128 { length == 0 ? 0 : UInt128.max << UInt128(128 - length) }
}
