import Store
import Testing
import UntrustedInput

@testable import UseCases

@Suite struct IdentityProviderRulesTests {
  @Test(arguments: [
    ("https://login.example.com", true), ("https://login.example.com/realms/desk", true),
    ("https://10.0.0.5:8443", true),
    ("http://127.0.0.1:9400", true), ("http://localhost:9400/", true), ("http://[::1]:9400", true),
    ("http://login.example.com", false), ("http://127.0.0.1.evil.example", false),
    ("http://localhost.evil.example", false),
    ("http://127.1", false), ("http://1270.0.1", false), ("ftp://login.example.com", false),
    ("login.example.com", false),
    ("https://", false), ("https://user@login.example.com", false), ("javascript:alert(1)", false),
    ("https://login.example.com?x", false), ("https://login.example.com#x", false),
    ("HTTPS://login.example.com", false),
  ])
  func issuersAreEncryptedOrOnLoopback(_ text: String, _ isAllowed: Bool) {
    #expect(((try? IdentityProviderRules.issuer(text)) != nil) == isAllowed)
  }

  @Test func rolesAreReadFromTheLastEqualsSign() throws {
    #expect(try IdentityProviderRules.role("CN=desk,OU=x=lead") == .init(value: "CN=desk,OU=x", role: .lead))
    for text in ["lead", "=lead", "x=", "x=root", "x=channel", "x\n=lead"] {
      #expect(throws: InputFault.self, "\(text)") { try IdentityProviderRules.role(text) }
    }
  }
}
