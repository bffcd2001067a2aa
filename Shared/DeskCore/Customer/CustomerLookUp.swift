/// Where the company's CRM is asked about customers, and what of its answers is shown.
public struct CustomerLookUp: Hashable, Sendable {
  /// The placeholders of the address.
  public static let channelPlace = "{channel}"
  public static let customerPlace = "{customer}"

  /// `https://…`, or `http://…` where the policy allows it, with placeholders behind the host.
  public let template: String
  /// The secrets that sign requests, newest first, each `whsec_` and base64.
  public let secrets: [String]
  /// The variables that should hold a secret and do not, in the process that read the policy.
  public let missingSecrets: [String]
  /// The names of the fields that are kept and shown; all others are dropped.
  public let shown: [String]
  /// How long an answer counts as fresh.
  public let keeps: Duration
  /// Whether its address may be private or loopback.
  public let allowsPrivateAddress: Bool

  /// Describes a look-up.
  public init(
    template: String, secrets: [String], missingSecrets: [String] = [], shown: [String], keeps: Duration,
    allowsPrivateAddress: Bool
  ) {
    self.template = template
    self.secrets = secrets
    self.missingSecrets = missingSecrets
    self.shown = shown
    self.keeps = keeps
    self.allowsPrivateAddress = allowsPrivateAddress
  }

  /// Returns the address that is asked about a customer; nil for an id that is a relative path (`.`, `..`), which would lead elsewhere.
  public func address(of customer: Correspondent) -> String? {
    guard ![".", ".."].contains(where: { customer.customer.hasSameBytes(as: $0) }) else { return nil }
    var address = ""
    var rest = Substring(template)
    while let brace = rest.utf8.firstIndex(of: UInt8(ascii: "{")) {
      address += rest[..<brace]
      rest = rest[brace...]
      if rest.hasPrefix(CustomerLookUp.channelPlace) {
        address += CustomerLookUp.encoded(customer.channel.rawValue)
        rest = rest.dropFirst(CustomerLookUp.channelPlace.count)
      } else if rest.hasPrefix(CustomerLookUp.customerPlace) {
        address += CustomerLookUp.encoded(customer.customer)
        rest = rest.dropFirst(CustomerLookUp.customerPlace.count)
      } else {
        address += rest.prefix(1)
        rest = rest.dropFirst()
      }
    }
    return address + rest
  }

  /// Returns what is signed of a request without a body: its path and query as sent, so that a signature is good for one customer only.
  public static func target(of address: String) -> String {
    let bytes = Array(address.utf8)
    guard let scheme = address.utf8.firstIndex(of: UInt8(ascii: ":")) else { return "/" }
    let host = address.utf8.distance(from: address.utf8.startIndex, to: scheme) + 3
    guard host <= bytes.count, let path = bytes[host...].firstIndex(where: { "/?".utf8.contains($0) }) else {
      return "/"
    }
    let target = String(decoding: bytes[path...], as: UTF8.self)
    return bytes[path] == UInt8(ascii: "/") ? target : "/" + target
  }

  /// Everything but unreserved characters (RFC 3986, section 2.3) is percent-encoded.
  private static func encoded(_ text: String) -> String {
    var encoded: [UInt8] = []
    let digits = Array("0123456789ABCDEF".utf8)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        encoded.append(byte)
      default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  /// Why no request can be signed by this process; nil when one can.
  public var holdReason: String? {
    guard secrets.isEmpty else { return nil }
    return "look-ups cannot be signed: \(missingSecrets.joined(separator: ", ")) does not contain a signing secret"
  }
}
