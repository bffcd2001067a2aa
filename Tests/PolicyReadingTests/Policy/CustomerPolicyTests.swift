import DeskCore
import Testing

@testable import PolicyReading

@Suite("Policy syntax of proofs and look-ups of customers")
struct CustomerPolicyTests {
  private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

  private func document(_ proofs: String, _ lookUp: String = "") -> String {
    """
    version: 1
    queues: { general: {} }
    rules: [{ name: rest, queue: general }]
    default_queue: general
    triage: { queue: general, below: 0.35 }
    agents: [{ id: ann, capacity: 4 }]
    channels: { app: { proofs: \(proofs), replies: fetch }, web: { replies: fetch } }
    \(lookUp.isEmpty ? "" : "customer_lookup: { \(lookUp) }")

    """
  }

  private func mistakes(_ proofs: String, _ lookUp: String = "") -> [PolicyMistake] {
    PolicySamples.mistakes(in: document(proofs, lookUp))
  }

  @Test func channelsAreTrustedWithWhatIsListed() throws {
    let policy = try PolicyDocument.load(yaml: document("[email, account]"), version: 1)
    #expect(policy.channels["app"]?.proofs == [.email, .account] && policy.channels["web"]?.proofs == [])
    #expect(policy.trustedProofs.map(\.channel) == ["app", "app"])
    #expect(policy.trustedProofs.map(\.kind) == [.account, .email])
    #expect(policy.customerLookUp == nil)
    #expect(mistakes("[passport]").map(\.path) == ["channels.app.proofs[0]"])
  }

  @Test func aLookUpHasDefaults() throws {
    let text = "url: 'https://crm.example/c/{customer}', secrets: [\(Self.secret)], fields: [name, tier]"
    let lookUp = try #require(try PolicyDocument.load(yaml: document("email", text), version: 1).customerLookUp)
    #expect(lookUp.shown == ["name", "tier"] && lookUp.keeps == .seconds(600) && !lookUp.allowsPrivateAddress)
    #expect(lookUp.secrets == [Self.secret] && lookUp.holdReason == nil)
  }

  @Test(arguments: [
    ("'https://{customer}.example/c'", "customer_lookup.url"), ("'https://crm.example/c'", "customer_lookup.url"),
    ("'https://crm.example:{customer}/c'", "customer_lookup.url"),
    ("'http://crm.example/{customer}'", "customer_lookup.url"),
    ("'https://crm.example/{customer}/{name}'", "customer_lookup.url"),
    ("'https://me:pw@crm.example/{customer}'", "customer_lookup.url"),
    ("'file:///etc/{customer}'", "customer_lookup.url"),
  ])
  func theCustomerChoosesNoHost(_ url: String, _ path: String) {
    let found = mistakes("email", "url: \(url), secrets: [\(Self.secret)], fields: [name]")
    #expect(found.map(\.path) == [path], "\(found)")
    #expect(!"\(found)".contains("crm.example"))
  }

  @Test func whatIsMissingIsNamed() {
    #expect(
      Set(mistakes("email", "keep: 1s").map(\.path)) == ["customer_lookup", "customer_lookup.keep"])
    let twice = mistakes(
      "email", "url: 'https://crm.example/{customer}', secrets: [\(Self.secret)], fields: [name, name]")
    #expect(twice.map(\.path) == ["customer_lookup.fields[1]"])
  }

  @Test func addressAndSecretsAreMasked() {
    let block =
      document("email") + """
        customer_lookup:
          url: https://crm.example/topsecret/{customer}?k=topsecret
          secrets: [\(Self.secret)]
          fields: [name]
        hooks: {}

        """
    for text in [
      block, document("email", "url: 'https://crm.example/topsecret/{customer}', secrets: [\(Self.secret)]"),
    ] {
      let shown = PolicyMask.document(text)
      #expect(!shown.contains("topsecret") && !shown.contains("MfKQ9r8GKYqr"), "\(shown)")
      #expect(shown.contains("https://crm.example/") && shown.contains("default_queue: general"), "\(shown)")
      #expect(PolicyMask.document(shown) == shown)
    }
    #expect(PolicyMask.document(block).contains("name") && PolicyMask.document(block).contains("hooks"))
  }
}
