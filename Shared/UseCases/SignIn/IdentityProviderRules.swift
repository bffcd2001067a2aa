internal import Foundation
public import Store
public import UntrustedInput

/// What an operator may configure of an identity provider, the same for the command line and for whatever reads it.
public enum IdentityProviderRules {
  /// Characters (Unicode scalars) of a provider's name and of one value of a claim.
  public static let nameCharacters = 100
  public static let valueCharacters = 200
  /// Bytes of a client, a claim's name and a scope.
  public static let clientBytes = 256
  public static let claimBytes = 256
  public static let scopeBytes = 128
  /// Bytes of a client's secret.
  public static let secretBytes = 4...1_024
  /// Scopes and rules of roles of one provider.
  public static let scopes = 16
  public static let roles = 64

  /// The scopes that are asked for unless others are configured.
  public static let usualScopes = ["openid", "profile", "email"]

  /// Validates the address of a provider: https, or http on this machine's loopback, for tests and for providers behind a local proxy.
  public static func address(_ text: String) throws(InputFault) {
    try InputRules.webAddress(text)
    guard let url = URLComponents(string: text), let scheme = url.scheme?.lowercased(), let host = url.host else {
      throw InputFault("The URL cannot be read.", remedy: "Write an absolute URL, such as https://login.example.com.")
    }
    guard scheme == "https" || isLoopback(host) else {
      throw InputFault(
        "The provider would be reached without encryption.",
        remedy: "Write an address that begins with https://; http:// is for 127.0.0.1, [::1] and localhost only.")
    }
  }

  /// Validates an issuer: an address without a query or a fragment (OpenID Connect Discovery 1.0, section 3).
  public static func issuer(_ text: String) throws(InputFault) {
    try address(text)
    guard !text.utf8.contains(where: { "?#".utf8.contains($0) }), text.hasPrefix("http") else {
      throw InputFault(
        "An issuer has neither a query nor a fragment, and begins with https:// in small letters.",
        remedy: "Copy `issuer` from the provider's /.well-known/openid-configuration, byte by byte.")
    }
  }

  /// Validates what the provider calls the desk (RFC 6749, appendix A.1).
  public static func client(_ text: String) throws(InputFault) {
    guard (1...clientBytes).contains(text.utf8.count), isPrintable(text) else {
      throw InputFault(
        "A client identifier has 1 to \(clientBytes) printable ASCII characters.",
        remedy: "Copy the client ID that the provider shows for this desk.")
    }
  }

  /// Validates a client's secret (RFC 6749, appendix A.2). The fault does not quote it.
  public static func secret(_ text: String) throws(InputFault) {
    guard secretBytes.contains(text.utf8.count), isPrintable(text) else {
      throw InputFault(
        "A client secret has \(secretBytes.lowerBound) to \(secretBytes.upperBound) printable ASCII characters on one line.",
        remedy: "Write the secret that the provider shows, and nothing else, into the file.")
    }
  }

  /// Validates the name of a claim, or the path to one in nested claims, such as `realm_access.roles`.
  public static func claim(_ text: String) throws(InputFault) {
    guard (1...claimBytes).contains(text.utf8.count), isPrintable(text), !text.utf8.contains(UInt8(ascii: " ")) else {
      throw InputFault(
        "A claim's name has 1 to \(claimBytes) printable ASCII characters without spaces.",
        remedy: "Write a claim of the provider's ID token, such as preferred_username, email or groups.")
    }
  }

  /// Validates a scope (RFC 6749, section 3.3).
  public static func scope(_ text: String) throws(InputFault) {
    guard (1...scopeBytes).contains(text.utf8.count), isPrintable(text),
      !text.utf8.contains(where: { #" "\"#.utf8.contains($0) })
    else {
      throw InputFault(
        "A scope has 1 to \(scopeBytes) printable ASCII characters without spaces, quotes and backslashes.",
        remedy: "Write one scope of the provider's documentation, such as groups.")
    }
  }

  /// Validates the domain of addresses: a host name in small letters.
  public static func domain(_ text: String) throws(InputFault) {
    guard (1...253).contains(text.utf8.count), !text.hasPrefix("."), !text.hasSuffix("."),
      text.utf8.allSatisfy({ byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
          UInt8(ascii: "-"):
          true
        default: false
        }
      })
    else {
      throw InputFault(
        "Not the domain of an address, in small letters.", remedy: "Write what is behind the @, such as example.com.")
    }
  }

  /// Validates `VALUE=ROLE`.
  public static func role(_ text: String) throws(InputFault) -> IdentityProvider.RoleRule {
    guard let sign = text.lastIndex(of: "="), let role = Role(rawValue: String(text[text.index(after: sign)...])),
      role != .channel
    else {
      throw InputFault(
        "A role is written VALUE=ROLE, with agent, lead, operator or auditor as the role.",
        remedy: "Write, for instance, desk-leads=lead.")
    }
    let value = String(text[..<sign])
    try InputRules.name(value, longest: valueCharacters)
    return IdentityProvider.RoleRule(value: value, role: role)
  }

  /// Whether a host is this machine's loopback.
  static func isLoopback(_ host: String) -> Bool {
    if ["localhost", "::1", "[::1]"].contains(host.lowercased()) { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127"
      && parts.allSatisfy { (1...3).contains($0.utf8.count) && UInt8($0) != nil }
  }

  private static func isPrintable(_ text: String) -> Bool {
    text.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
  }
}
