import Logging
import Messaging
import ServiceKit
import ServiceLifecycle
import ZeroMQ

/// Triggers the hub's polls: on hints, when an agent joins, and periodically, so that a lost hint costs no more than a second.
struct StreamHubRunner: WatchedService {
  let hub: StreamHub
  let hintSubscriber: HintSubscriber

  var tasks: [WatchedTask] { hub.tasks }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Void.self) { group in
        // A failed poll is repeated in the next turn; the streams stay open. The hub's tasks report when failures persist.
        group.addTask {
          for await _ in hintSubscriber.hints { try? await hub.lookForOffers() }
        }
        group.addTask {
          for await _ in hub.joined {
            // The cached key may be as old as its cache allows.
            try? await hub.checkKeys()
            try? await hub.lookForOffers()
            try? await hub.lookForSteps()
          }
        }
        group.addTask {
          while !Task.isCancelled {
            try? await hub.lookForOffers()
            try? await hub.lookForSteps()
            try? await Task.sleep(for: ConsoleBounds.offerPause)
          }
        }
        group.addTask {
          while !Task.isCancelled {
            try? await hub.checkKeys()
            try? await Task.sleep(for: StreamBounds.keyCheckPause)
          }
        }
        group.addTask {
          while !Task.isCancelled {
            try? await hub.ping()
            try? await Task.sleep(for: ConsoleBounds.pingPause)
          }
        }
        await group.waitForAll()
      }
    }
    await hintSubscriber.close()
    await hub.end()
  }
}
