import Logging
import Messaging
import ServiceKit
import ServiceLifecycle
import ZeroMQ

/// Makes the hub look: on hints, when somebody joins, and by itself, so that a lost hint costs a second and nothing else.
struct StreamHubRunner: WatchedService {
  let hub: StreamHub
  let ears: HintSubscriber

  var tasks: [WatchedTask] { hub.tasks }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Void.self) { group in
        // What fails now is looked at again at the next turn; the streams stay open. The hub's tasks say so when it goes on failing.
        group.addTask {
          for await _ in ears.hints { try? await hub.lookForOffers() }
        }
        group.addTask {
          for await _ in hub.joined {
            // The key's answer may be as old as its cache allows.
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
    await ears.close()
    await hub.end()
  }
}
