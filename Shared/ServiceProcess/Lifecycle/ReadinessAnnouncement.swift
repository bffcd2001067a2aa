internal import Logging
internal import ServiceHealth
internal import ServiceLifecycle
internal import ServiceSettings
internal import Store

/// Registers what this process has bound as soon as its parts run, and that it is ready once it is.
struct ReadinessAnnouncement: Service {
  let fleet: Fleet
  let health: HealthState
  let logger: Logger

  func run() async throws {
    await cancelWhenGracefulShutdown {
      let isReady = health.report.ready
      await announce(isReady: isReady)
      if !isReady {
        await health.untilReady()
        guard !Task.isCancelled else { return }
        await announce(isReady: true)
      }
      logger.info("ready", metadata: ["version": "\(BuildInformation.version)", "instance": "\(fleet.me)"])
    }
  }

  private func announce(isReady: Bool) async {
    do {
      // One that drains already stays so.
      try await fleet.announce { if isReady, $0.state == .starting { $0.state = .ready } }
    } catch {
      logger.warning(
        "this process is not registered yet; the next heartbeat makes up for it",
        metadata: ["error": "\(FailureKind.of(error))"])
    }
  }
}
