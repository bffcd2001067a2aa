import Crypto
import DeskCore
import Store
import Testing

@testable import Console

@Suite struct PendingSignInTests {
  private static let key = [UInt8](repeating: 1, count: 32)

  private static func begin(page: String? = "/desk?ticket=1") -> PendingSignIn {
    PendingSignIn(
      provider: Identifier(high: 1, low: 2), at: Instant(seconds: 1_000_000), isChinese: true, page: page)
  }

  @Test func whatABrowserKeepsIsReadAgain() {
    for page in ["/desk?ticket=1", nil] {
      let begun = Self.begin(page: page)
      #expect(PendingSignIn(begun.text) == begun && begun.isChinese && begun.page == page)
      let field = "a=b; __Host-frontdesk_sign_in=\(begun.text)"
      #expect(PendingSignIn(in: [field], isSecure: true) == begun && PendingSignIn(in: [field], isSecure: false) == nil)
      #expect(begun.setting(isSecure: true).hasPrefix("__Host-frontdesk_sign_in=\(begun.text); Path=/; Max-Age=600;"))
      #expect(begun.setting(isSecure: true).hasSuffix("; HttpOnly; SameSite=Lax; Secure"))
    }
    #expect(!Self.begin().hasEnded(at: Instant(seconds: 1_000_599)))
    #expect(Self.begin().hasEnded(at: Instant(seconds: 1_000_600)))
  }

  @Test func valuesForTheProviderDifferAndFitOneCookieAndKeyOnly() {
    let (begun, other) = (Self.begin(), Self.begin())
    let values = [begun.state(Self.key), begun.nonce(Self.key), begun.verifier(Self.key), other.state(Self.key)]
    #expect(Set(values).count == 4 && values.allSatisfy { $0.utf8.count == 43 && !begun.text.contains($0) })
    #expect(begun.fits(state: values[0], Self.key) && begun.digest != other.digest)
    for state in [values[1], values[3], values[0] + "=", values[0].uppercased(), ""] {
      #expect(!begun.fits(state: state, Self.key))
    }
    #expect(!begun.fits(state: values[0], [UInt8](repeating: 2, count: 32)))
    #expect(begun.challenge(Self.key) == Base64URL.encode(SHA256.hash(data: Array(values[2].utf8))))
  }

  @Test(arguments: ["", "....", "a.b.c.d.e", "x"]) func malformedOnesAreNotRead(_ text: String) {
    #expect(PendingSignIn(text) == nil)
    let parts = Self.begin().text.split(separator: ".").map(String.init)
    for (index, value) in [(0, "x"), (1, "-"), (2, "de"), (3, "AAAA"), (4, "!")] {
      var changed = parts
      changed[index] = value
      #expect(PendingSignIn(changed.joined(separator: ".")) == nil, "\(index)")
    }
    #expect(PendingSignIn(Self.begin(page: String(repeating: "a", count: 2_000)).text) == nil)
  }

  /// RFC 7636, appendix B, and RFC 4648, section 10.
  @Test func base64IsThatOfTheStandards() {
    #expect(
      Base64URL.encode(SHA256.hash(data: Array("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".utf8)))
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    for (bytes, text) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("\u{3FF}\u{3FF}", "z7_Pvw")] {
      #expect(Base64URL.encode(bytes.utf8) == text && Base64URL.decode(text) == Array(bytes.utf8))
    }
    for text in ["Zg==", "Zh", "Zm9", "Z", "Zm9v ", "Zm+v", "Zm/v", "é"] where text != "Zm9" {
      #expect(Base64URL.decode(text) == nil, "\(text)")
    }
  }
}
