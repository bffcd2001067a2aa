import Crypto
import DeskCore
import Foundation
import Store
import SystemPrimitives

/// A sign-in that has begun and waits for the provider's answer.
///
/// It is kept by the browser alone, in a cookie: a random number, the provider, the end of its time, and where to go afterwards. What goes
/// to the provider (state, nonce, PKCE verifier) is derived from all of it with the provider's sealing key. So nothing is stored for
/// strangers who only begin, any console can take the answer, and a cookie that was changed, or belongs to another browser, does not fit
/// the state.
struct PendingSignIn: Sendable, Equatable {
  let provider: Identifier<IdentityProvider>
  /// Seconds since the Unix epoch.
  let endsAt: Int64
  /// Whether the person reads Chinese.
  let isChinese: Bool
  /// The page to go to; nil for the role's own.
  let page: String?
  /// What the cookie contains.
  let text: String

  private static let randomBytes = 32

  /// - Parameter isSecure: as for `SessionCookie`.
  static func cookieName(isSecure: Bool) -> String {
    isSecure ? "__Host-frontdesk_sign_in" : "frontdesk_sign_in"
  }

  /// Begins a sign-in.
  init(provider: Identifier<IdentityProvider>, at now: Instant, isChinese: Bool, page: String?) {
    var random = SystemRandom()
    let bytes = (0..<Self.randomBytes).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    self.provider = provider
    endsAt = now.milliseconds / 1_000 + Int64(CompanyBounds.pendingSeconds)
    self.isChinese = isChinese
    self.page = page
    text = [
      provider.description, "\(endsAt)", isChinese ? "zh" : "en", Base64URL.encode(bytes),
      Base64URL.encode((page ?? "").utf8),
    ].joined(separator: ".")
  }

  /// Reads the cookie; nil for a malformed one. Whether it is genuine is known when the state fits.
  init?(_ text: String) {
    guard text.utf8.count <= CompanyBounds.cookieBytes else { return nil }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 5, let provider = Identifier<IdentityProvider>(String(parts[0])), let endsAt = Int64(parts[1]),
      ["zh", "en"].contains(parts[2]), Base64URL.decode(parts[3])?.count == Self.randomBytes,
      let bytes = Base64URL.decode(parts[4]), let page = String(validating: bytes, as: UTF8.self)
    else { return nil }
    self.provider = provider
    self.endsAt = endsAt
    isChinese = parts[2] == "zh"
    self.page = page.isEmpty ? nil : page
    self.text = text
  }

  /// Finds the sign-in that has begun in the browser of a request.
  init?(in fields: [String], isSecure: Bool) {
    let found = RequestCookies.values(named: Self.cookieName(isSecure: isSecure), in: fields)
    guard let one = found.lazy.compactMap({ PendingSignIn($0) }).first else { return nil }
    self = one
  }

  func hasEnded(at now: Instant) -> Bool { now.milliseconds / 1_000 >= endsAt }

  // MARK: Derived values

  /// What the answer must repeat (RFC 6749, section 10.12).
  func state(_ key: [UInt8]) -> String { derived("state", key) }

  /// What the token must contain (OpenID Connect Core 1.0, section 15.5.2).
  func nonce(_ key: [UInt8]) -> String { derived("nonce", key) }

  /// The secret that only the console can show the provider (RFC 7636): 43 characters.
  func verifier(_ key: [UInt8]) -> String { derived("verifier", key) }

  /// The challenge of the method S256.
  func challenge(_ key: [UInt8]) -> String { Base64URL.encode(SHA256.hash(data: Array(verifier(key).utf8))) }

  /// Identifies the sign-in in the database, where each opens one session.
  var digest: [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

  /// Whether a state is the one of this sign-in; takes the same time for each wrong one.
  func fits(state: String, _ key: [UInt8]) -> Bool {
    guard let bytes = Base64URL.decode(state) else { return false }
    return HMAC<SHA256>.isValidAuthenticationCode(
      bytes, authenticating: message("state"), using: SymmetricKey(data: key))
  }

  private func derived(_ purpose: String, _ key: [UInt8]) -> String {
    Base64URL.encode(HMAC<SHA256>.authenticationCode(for: message(purpose), using: SymmetricKey(data: key)))
  }

  private func message(_ purpose: String) -> [UInt8] { Array("\(purpose):\(text)".utf8) }

  // MARK: Cookie

  /// The value of `Set-Cookie`. `Lax`, because the answer is a navigation from the provider's site.
  func setting(isSecure: Bool) -> String {
    "\(Self.cookieName(isSecure: isSecure))=\(text); Path=/; Max-Age=\(CompanyBounds.pendingSeconds); HttpOnly; SameSite=Lax\(isSecure ? "; Secure" : "")"
  }

  /// The value of `Set-Cookie` that makes a browser forget it.
  static func clearing(isSecure: Bool) -> String {
    "\(cookieName(isSecure: isSecure))=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax\(isSecure ? "; Secure" : "")"
  }
}
