import Testing

@testable import Notifier

@Suite struct WebhookSignatureTests {
  private let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
  private let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

  private func header(_ secrets: [String]) -> String? {
    WebhookSignature.header(
      secrets: secrets, id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330,
      body: Array(#"{"test": 2432232314}"#.utf8))
  }

  @Test func signatureMatchesTheStandardsVector() {
    #expect(header([secret]) == signature)
  }

  @Test func signsWithEverySecretNewestFirst() throws {
    let newer = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    let parts = try #require(header([newer, secret])).split(separator: " ").map(String.init)
    #expect(parts.count == 2)
    #expect(parts.first == header([newer]))
    #expect(parts.last == signature)
  }

  @Test func ignoresInvalidSecrets() {
    #expect(header(["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", secret, "whsec_%"]) == signature)
  }
}
