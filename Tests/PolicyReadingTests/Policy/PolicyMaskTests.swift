import Testing

@testable import PolicyReading

/// A secret is never shown, wherever it is in the policy and however the place is written.
@Suite struct PolicyMaskTests {
  private static let secret = "topsecret"

  @Test(arguments: [
    ("https://example.com/hook", "https://example.com/…"), ("https://example.com", "https://example.com"),
    ("https://example.com/", "https://example.com/"),
    ("https://example.com:8443/?token=topsecret", "https://example.com:8443/…"),
    ("https://me:topsecret@example.com/a", "https://example.com/…"),
    ("https://example.com#topsecret", "https://example.com/…"),
    ("https://topsecret@[::1]:9?k=topsecret", "https://[::1]:9/…"),
    ("https://example.com?topsecret", "https://example.com/…"),
    ("https://example.com\\topsecret@other", "https://example.com/…"), ("topsecret", "…"), ("", "…"),
    ("://topsecret", "…"),
    ("https:topsecret", "…"), ("to psecret://x", "…"),
  ])
  func onlyTheOriginOfAnAddressIsShown(_ address: String, _ shown: String) {
    #expect(PolicyMask.address(address) == shown)
  }

  /// Every place of a hook that contains a secret, in every notation.
  private static let places: [(piece: String, replacement: String)] = [
    ("https://example.com/hook", "https://example.com/hook?token=topsecret"),
    ("https://example.com/hook", "https://example.com/services/topsecret"),
    ("https://example.com/hook", "\"https://example.com/hook?token=top\\x73ecret\""),
    ("https://example.com/hook", "\"https://example.com/hook?token=\\\n          topsecret\""),
    ("https://example.com/hook", "'https://example.com/hook?token=topsecret'  # was ?token=topsecret"),
    ("url: https://example.com/hook", "? url\n    : https://example.com/?topsecret"),
    ("secret_env: [REPLY_SECRET]", "secrets: [whsec_dG9wc2VjcmV0dG9wc2VjcmV0dG9wc2VjcmV0]  # topsecret"),
    ("secret_env: [REPLY_SECRET]", "secrets: whsec_dG9wc2VjcmV0dG9wc2VjcmV0dG9wc2VjcmV0"),
    ("secret_env: [REPLY_SECRET]", "secrets:\n          - \"\\x77hsec_dG9wc2VjcmV0dG9wc2VjcmV0dG9wc2VjcmV0\""),
    // Unknown fields of a hook may contain a secret too: another build stored them.
    ("secret_env: [REPLY_SECRET]", "headers: { authorization: Bearer topsecret }"),
    ("secret_env: [REPLY_SECRET]", "token: topsecret"),
    ("hooks:\n", "# https://example.com/hook?token=topsecret\nhooks:\n"),
    ("version: 1", "version: 1 # formerly https://me:topsecret@example.com/"),
    ("version: 1", "version: 1 # whsec_dG9wc2VjcmV0dG9wc2VjcmV0dG9wc2VjcmV0"),
  ]

  @Test(arguments: places) func addressesAreMaskedInADocument(_ place: (piece: String, replacement: String)) throws {
    let text = try PolicySamples.spoiled(place.piece, by: place.replacement)
    let shown = PolicyMask.document(text)
    #expect(!shown.contains(Self.secret) && !shown.contains("dG9wc2Vj"), "\(shown)")
    #expect(shown.contains("hooks:") && shown.contains("default_queue: general"), "\(shown)")
    #expect(shown.contains("https://example.com"), "\(shown)")
    // Masked text can be masked again, and nothing before the hooks has moved.
    #expect(PolicyMask.document(shown) == shown)
    let before = text.split(separator: "\n").prefix { !$0.hasPrefix("hooks:") && !$0.contains("#") }
    #expect(shown.hasPrefix(before.joined(separator: "\n")))
  }

  @Test func addressesAreMaskedInFlowStyleToo() {
    let text =
      #"{version: 1, hooks: {a: {url: "https://a.example/?topsecret", secrets: [whsec_topsecret], kinds: all}}, queues: {q: {}}}"#
    let shown = PolicyMask.document(text)
    #expect(!shown.contains(Self.secret) && shown.contains("https://a.example/…") && shown.contains("queues"))
  }

  @Test(arguments: ["{", "- topsecret", "a: &x topsecret\nb: *y", "hooks: {a: 1, a: topsecret}", "topsecret"])
  func anUnreadablePolicyIsNotShown(_ text: String) {
    #expect(!PolicyMask.document(text).contains(Self.secret))
  }

  @Test func aPolicyWithoutHooksIsShownUnchanged() {
    let text =
      "version: 1\r\n# See https://docs.example/guide\r\nqueues: { general: {} }\r\narticles: 'https://shop.example/?order=7'\r\n"
    #expect(
      PolicyMask.document(text) == text.replacing("https://docs.example/guide", with: "https://docs.example/…"))
  }
}
