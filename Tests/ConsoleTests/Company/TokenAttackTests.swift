import DeskCore
import ServiceProcess
import Store
import Testing

@testable import Console

/// Tokens that a desk must not believe, through the whole sign-in.
@Suite struct TokenAttackTests {
  /// Signs in with a fault; returns the failure's name, or `opened`.
  private static func outcome(
    _ company: CompanyDesk, _ change: (inout TestProvider.Faults) -> Void
  ) async throws -> String {
    let browser = company.browser()
    let answer = try await browser.answer()
    company.provider.set(change)
    let page = try await browser.get(answer)
    company.provider.behave()
    if page.status == 303 { return browser.has("frontdesk_session") ? "opened" : "nothing" }
    #expect(!browser.has("frontdesk_session"))
    let mark = "data-failure=\""
    guard let start = page.body.firstRange(of: mark)?.upperBound else { return page.body }
    return "\(page.status) \(page.body[start...].prefix { $0 != "\"" })"
  }

  @Test func genuineTokensAreAccepted() async throws {
    try await CompanyDesk.with { company in
      let now = company.desk.clock.now().milliseconds / 1_000
      let client = JSONValue.text(TestProvider.client)
      for (what, change) in [
        ("RS256", { $0.signing = .rs256 }), ("PS256", { $0.signing = .ps256 }), ("ES256", { $0.signing = .es256 }),
        ("no type", { $0.header = [.init("typ", .null)] }),
        ("a list of one audience", { $0.claims = [.init("aud", .list([client]))] }),
        (
          "several audiences", { $0.claims = [.init("aud", .list([.text("other"), client])), .init("azp", client)] }
        ),
        ("a clock behind", { $0.claims = [.init("exp", .integer(now - 50)), .init("iat", .integer(now - 100))] }),
        (
          "a clock ahead",
          { $0.claims = [.init("iat", .integer(now + 50)), .init("nbf", .number(Double(now) + 50.5))] }
        ),
        (
          "an only key of its kind, without a name",
          {
            $0.signing = .es256
            $0.header = [.init("kid", .null)]
          }
        ),
      ] as [(String, (inout TestProvider.Faults) -> Void)] {
        let outcome = try await Self.outcome(company, change)
        #expect(outcome == "opened", "\(what)")
      }
    }
  }

  @Test func forgedTokensAreRefused() async throws {
    try await CompanyDesk.with { company in
      for (what, change) in [
        ("no signature", { $0.signing = .nothing }), ("none in capitals", { $0.signing = .named("NONE") }),
        ("HMAC with the public key", { $0.signing = .sharedSecret }), ("a strange key", { $0.signing = .strange }),
        ("other claims", { $0.signing = .otherClaims }),
        ("an RSA signature as ES256", { $0.signing = .named("ES256") }),
        ("RS256 as PS256", { $0.signing = .named("PS256") }), ("RS512", { $0.signing = .named("RS512") }),
        ("an unknown key", { $0.header = [.init("kid", .text("other"))] }),
        ("the name of a key of another kind", { $0.header = [.init("kid", .text("ec"))] }),
        (
          "a key in the token",
          {
            $0.signing = .strange
            $0.header = [.init("jwk", .object([])), .init("jku", .text("https://evil.example/keys"))]
          }
        ),
        ("an extension that must be understood", { $0.header = [.init("crit", .list([.text("x")]))] }),
        ("an access token", { $0.header = [.init("typ", .text("at+jwt"))] }),
      ] as [(String, (inout TestProvider.Faults) -> Void)] {
        let outcome = try await Self.outcome(company, change)
        #expect(outcome == "403 token", "\(what)")
      }
      for token in [
        "", "a", "a.b", "a.b.c", "a.b.c.d", "e30.e30.", "e30=.e30.AA", String(repeating: "a", count: 70_000),
      ] {
        let body = JSONValue.object([.init("id_token", .text(token))]).json
        let outcome = try await Self.outcome(company) { $0.tokenBody = body }
        #expect(outcome == "403 token", "\(token.prefix(20))")
      }
      #expect(try await company.desk.store.access.openSessions().isEmpty)
    }
  }

  @Test func tokensForOthersOrOtherTimesAreRefused() async throws {
    try await CompanyDesk.with { company in
      let now = company.desk.clock.now().milliseconds / 1_000
      let client = JSONValue.text(TestProvider.client)
      for claims in [
        [.init("nonce", .text("other"))], [.init("nonce", .null)], [.init("aud", .text("other"))],
        [.init("aud", .null)],
        [.init("aud", .list([]))], [.init("aud", .list([client, .integer(1)]))],
        [.init("aud", .list([client, .text("other")]))], [.init("azp", .text("other"))],
        [.init("iss", .text("https://evil.example"))], [.init("iss", .text(company.provider.issuer + "/"))],
        [.init("iss", .null)], [.init("sub", .null)], [.init("sub", .text(String(repeating: "s", count: 256)))],
        [.init("exp", .integer(now - 61))], [.init("exp", .null)], [.init("exp", .text("9999999999"))],
        [.init("iat", .integer(now - 400))], [.init("iat", .integer(now + 100))], [.init("iat", .null)],
        [.init("nbf", .integer(now + 100))], [.init("nbf", .text("x"))],
      ] as [[JSONValue.Field]] {
        let outcome = try await Self.outcome(company) { $0.claims = claims }
        #expect(outcome == "403 token", "\(JSONValue.object(claims).json.prefix(80))")
      }
      #expect(try await company.desk.store.access.openSessions().isEmpty)
    }
  }

  @Test func aNewKeyIsFetchedOnceAndUnknownOnesCauseNoFlood() async throws {
    try await CompanyDesk.with { company in
      let clock = TestClock()
      let console = CompanyDesk.company(
        company.desk, company.client, company.metrics, now: { clock.now })
      let known = try #require(try await console.book.provider(company.allowed.id))
      _ = try await known.keys.value()
      let reads = company.provider.keySetReads
      func token(_ key: String) throws -> CompactToken {
        try CompactToken("\(Base64URL.encode(#"{"alg":"ES256","kid":"\#(key)"}"#.utf8)).e30.\(Base64URL.encode([1]))")
      }
      let (new, old) = (try token("new"), try token("ec"))
      // Within the pause nothing is fetched, however many unknown keys are named.
      for index in 0..<20 {
        await #expect(throws: TokenRefusal.signature) { try await known.verify(try token("unknown-\(index)")) }
      }
      #expect(company.provider.keySetReads == reads)
      clock.advance(by: .seconds(11))
      company.provider.publishNewKey()
      for index in 0..<20 {
        await #expect(throws: TokenRefusal.signature) { try await known.verify(try token("unknown-\(index)")) }
      }
      #expect(company.provider.keySetReads == reads + 1)
      #expect(try await known.keys.value().contains(keyOf: new))
      // While the provider is away, what was fetched serves for a day.
      company.provider.set { $0.isDown = true }
      clock.advance(by: .seconds(23 * 3_600))
      #expect(try await known.keys.value().contains(keyOf: old))
      #expect(try await known.keys.value().contains(keyOf: new))
      clock.advance(by: .seconds(2 * 3_600))
      await #expect(throws: ProviderFault.unreachable) { try await known.keys.value() }
    }
  }
}
