/// The purpose of an address, according to IANA's special-purpose registries (RFC 6890 and its successors).
public enum AddressPurpose: String, Sendable, Hashable, CaseIterable {
  case publicInternet, unspecified, loopback, privateUse, linkLocal, uniqueLocal, carrierGradeNAT, multicast, broadcast
  case documentation, benchmarking, translated, tunnelled, reserved
  /// Cloud metadata services, which serve a machine's credentials to every process on it.
  case metadata
}

extension IPAddress {
  /// An address that embeds an IPv4 address (mapped, compatible, NAT64, 6to4) has that address's purpose, unless that is
  /// public: then it is `translated` or `tunnelled`, because a gateway, and not its owner, decides where it leads.
  /// Mapped addresses are the exception, because they are only another notation.
  public var purpose: AddressPurpose {
    switch self {
    case .v4(let value): Self.purpose(ofVersion4: value)
    case .v6(let value): Self.purpose(ofVersion6: value)
    }
  }

  private static func purpose(ofVersion4 value: UInt32) -> AddressPurpose {
    if value == 0xFFFF_FFFF { return .broadcast }
    let address = IPAddress.v4(value)
    return version4Blocks.first { $0.range.contains(address) }?.purpose ?? .publicInternet
  }

  private static func purpose(ofVersion6 value: UInt128) -> AddressPurpose {
    if value == 0 { return .unspecified }
    if value == 1 { return .loopback }
    let low = UInt32(truncatingIfNeeded: value)
    if value >> 32 == 0xFFFF { return purpose(ofVersion4: low) }
    if value >> 32 == 0 { return embedded(low, otherwise: .translated) }
    if value >> 32 == UInt128(0x0064_FF9B) << 64 { return embedded(low, otherwise: .translated) }
    if value >> 112 == 0x2002 { return embedded(UInt32(truncatingIfNeeded: value >> 80), otherwise: .tunnelled) }
    let address = IPAddress.v6(value)
    if let block = version6Blocks.first(where: { $0.range.contains(address) }) { return block.purpose }
    // Only 2000::/3 has been allocated as global unicast.
    return value >> 125 == 1 ? .publicInternet : .reserved
  }

  private static func embedded(_ value: UInt32, otherwise gateway: AddressPurpose) -> AddressPurpose {
    let inner = purpose(ofVersion4: value)
    return inner == .publicInternet ? gateway : inner
  }

  private static func blocks(_ table: [(String, AddressPurpose)]) -> [(range: AddressRange, purpose: AddressPurpose)] {
    table.compactMap { text, purpose in AddressRange(text).map { ($0, purpose) } }
  }

  /// The first match counts, so single addresses come before their enclosing blocks.
  static let version4Blocks = blocks([
    ("100.100.100.200/32", .metadata),
    ("168.63.129.16/32", .metadata),
    ("192.0.0.192/32", .metadata),
    ("0.0.0.0/8", .unspecified),
    ("10.0.0.0/8", .privateUse),
    ("100.64.0.0/10", .carrierGradeNAT),
    ("127.0.0.0/8", .loopback),
    ("169.254.0.0/16", .linkLocal),
    ("172.16.0.0/12", .privateUse),
    ("192.0.0.0/24", .reserved),
    ("192.0.2.0/24", .documentation),
    ("192.88.99.0/24", .tunnelled),
    ("192.168.0.0/16", .privateUse),
    ("198.18.0.0/15", .benchmarking),
    ("198.51.100.0/24", .documentation),
    ("203.0.113.0/24", .documentation),
    ("224.0.0.0/4", .multicast),
    ("240.0.0.0/4", .reserved),
  ])

  static let version6Blocks = blocks([
    ("fd00:ec2::254/128", .metadata),
    ("fd20:ce::254/128", .metadata),
    ("64:ff9b:1::/48", .translated),
    ("100::/64", .reserved),
    ("2001::/32", .tunnelled),
    ("2001:2::/48", .benchmarking),
    ("2001:db8::/32", .documentation),
    ("2001::/23", .reserved),
    ("3fff::/20", .documentation),
    ("5f00::/16", .reserved),
    ("fc00::/7", .uniqueLocal),
    ("fe80::/10", .linkLocal),
    ("fec0::/10", .uniqueLocal),
    ("ff00::/8", .multicast),
  ])
}

/// Decides whether a request may be sent to an address from an untrusted source, such as a web hook's target.
/// By default only the public Internet is allowed: everything else is internal or unassigned.
public struct AddressGuard: Sendable {
  /// Blocks allowed regardless of their purpose, except cloud metadata addresses.
  public var allowed: [AddressRange]
  /// Whether private addresses (RFC 1918, RFC 4193) and loopback are allowed as well. Link-local addresses, metadata services,
  /// carrier-grade NAT (RFC 6598) and addresses reachable only through a gateway remain forbidden.
  public var allowsPrivate: Bool

  public init(allowed: [AddressRange] = [], allowsPrivate: Bool = false) {
    self.allowed = allowed
    self.allowsPrivate = allowsPrivate
  }

  public func allows(_ address: IPAddress) -> Bool {
    let plain = address.unmapped
    let purpose = plain.purpose
    if purpose == .publicInternet { return true }
    guard purpose != .metadata else { return false }
    if allowed.contains(where: { range in [address, plain].contains(where: range.contains) }) { return true }
    guard allowsPrivate, !plain.isEmbedding else { return false }
    return switch purpose {
    case .privateUse, .uniqueLocal, .loopback: true
    default: false
    }
  }

  /// Returns the permitted addresses, in the given order.
  public func permitted(_ addresses: [IPAddress]) -> [IPAddress] {
    addresses.filter(allows)
  }
}

extension IPAddress {
  /// The IPv4 address of a mapped one (`::ffff:a.b.c.d`); otherwise the address itself.
  public var unmapped: IPAddress {
    if case .v6(let value) = self, value >> 32 == 0xFFFF { return .v4(UInt32(truncatingIfNeeded: value)) }
    return self
  }

  /// Whether it is an IPv6 address with the purpose of an embedded IPv4 address (compatible, NAT64, 6to4): a gateway decides where
  /// it leads.
  fileprivate var isEmbedding: Bool {
    guard case .v6(let value) = self, value > 1 else { return false }
    return value >> 32 == 0 || value >> 32 == UInt128(0x0064_FF9B) << 64 || value >> 112 == 0x2002
  }
}
