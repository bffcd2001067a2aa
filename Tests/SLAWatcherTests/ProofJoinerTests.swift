import Observability
import ServiceHealth
import ServiceProcess
import Store
import TestService
import TestStore
import Testing

@testable import DeskCore
@testable import SLAWatcher

@Suite struct ProofJoinerTests {
  private func write(_ desk: WatchedDesk, _ customer: String, on channel: ChannelID) async throws {
    var message = try await desk.store.message(from: customer, on: channel)
    message.proofs = [try #require(CustomerProof(.phone, hexadecimal: String(repeating: "5a", count: 32)))]
    _ = try await desk.store.accept(message)
  }

  private static func policy(trusting channels: [String]) -> String {
    """
    version: 1
    queues: { general: {} }
    agents: [{ id: ann, capacity: 4 }]
    rules: [{ name: rest, queue: general }]
    default_queue: general
    triage: { queue: general, below: 0.35 }
    channels: { \(channels.map { "\($0): { proofs: [phone], replies: fetch }" }.joined(separator: ", ")), social: { replies: fetch } }

    """
  }

  @Test func customersOfTrustedChannelsAreJoinedOnce() async throws {
    try await WatchedDesk.with { desk in
      _ = try await desk.store.access.applyPolicy(document: Self.policy(trusting: ["web", "app"]), by: "test")
      try await desk.policy.look()
      #expect(desk.policy.current?.trustedProofs.map(\.channel) == ["app", "web"])
      let registry = MetricsRegistry()
      let joiner = ProofJoiner(
        store: desk.store, policy: desk.policy, leadership: Leadership { nil }, metrics: SLAWatcherMetrics(registry),
        logger: .silent)
      try await write(desk, "ann", on: "web")
      try await write(desk, "ann-app", on: "app")
      try await write(desk, "mallory", on: "social")
      let settled = try await joiner.round()
      #expect(settled == 3)
      #expect(
        registry.render().contains(#"frontdesk_customers_joined_total{outcome="joined"} 1"#), "\(registry.render())")
      let again = try await joiner.round()
      #expect(again == 0)
      let person = try #require(try await desk.store.privacy.person(of: Correspondent("ann", on: "web")))
      #expect(Set(person.identities.map(\.customer.customer)) == ["ann", "ann-app"])
      let text = registry.render()
      #expect(text.contains(#"frontdesk_customers_joined_total{outcome="joined"} 1"#))
      #expect(text.contains(#"frontdesk_customers_joined_total{outcome="untrusted"} 1"#))
    }
  }
}
