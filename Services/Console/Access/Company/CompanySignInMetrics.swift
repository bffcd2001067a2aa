import DeskCore
import Observability

/// Counts sign-ins by the company's provider, by how they ended.
struct CompanySignInMetrics: Sendable {
  private let opened: CounterMetric
  private let failed: [(code: String, counter: CounterMetric)]

  init(_ registry: MetricsRegistry) {
    func counter(_ outcome: String) -> CounterMetric {
      registry.counter(
        "frontdesk_console_company_sign_ins_total",
        help: "Sign-ins by an identity provider, by outcome: opened, or why not.", labels: ["outcome": outcome])
    }
    opened = counter("opened")
    failed = SignInFailure.codes.map { ($0, counter($0)) }
  }

  func noteOpened() { opened.increment() }

  func note(_ failure: SignInFailure) {
    failed.first { $0.code.hasSameBytes(as: failure.code) }?.counter.increment()
  }
}
