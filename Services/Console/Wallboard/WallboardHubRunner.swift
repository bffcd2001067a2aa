import Logging
import ServiceHealth
import ServiceLifecycle

/// Triggers the looks of the wallboard's hub. The streams stay open when one fails.
struct WallboardHubRunner: WatchedService {
  private let hub: WallboardHub
  private let logger: Logger
  private let looks = WatchedTask("wallboard_looks")
  private let keys = WatchedTask("wallboard_keys")
  private let pings = WatchedTask("wallboard_pings")

  init(hub: WallboardHub, logger: Logger) {
    self.hub = hub
    self.logger = logger
  }

  var tasks: [WatchedTask] { [looks, keys, pings] }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          await PeriodicTask(looks, every: WallboardBounds.lookPause, logger: logger).run {
            try await hub.look()
            return .regular
          }
        }
        group.addTask {
          // As for agents' streams: the pause does not grow.
          await PeriodicTask(
            keys, every: StreamBounds.keyCheckPause, longestBackOff: StreamBounds.keyCheckPause, logger: logger
          ).run {
            try await hub.checkKeys()
            return .regular
          }
        }
        group.addTask {
          await PeriodicTask(pings, every: WallboardBounds.pingPause, logger: logger).run {
            await hub.ping()
            return .regular
          }
        }
        await group.waitForAll()
      }
    }
    await hub.end()
  }
}
