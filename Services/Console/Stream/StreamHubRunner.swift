import Logging
import Messaging
import ServiceHealth
import ServiceLifecycle
import ZeroMQ

/// Triggers the hub's polls: on hints, when an agent joins, and periodically, so that a lost hint costs no more than a second.
///
/// However many hints arrive during a poll, one further poll follows it. The streams stay open when a poll fails.
struct StreamHubRunner: WatchedService {
  /// The pauses between two rounds.
  struct Pauses: Sendable {
    var offers = ConsoleBounds.offerPause
    var keys = StreamBounds.keyCheckPause
    var pings = ConsoleBounds.pingPause
  }

  private let hub: StreamHub
  private let hintSubscriber: HintSubscriber
  private let pauses: Pauses
  private let logger: Logger
  private let offers = WatchedTask("stream_offers")
  private let steps = WatchedTask("stream_steps")
  private let notices = WatchedTask("stream_notices")
  private let consults = WatchedTask("stream_consults")
  private let keys = WatchedTask("stream_keys")
  private let presence = WatchedTask("stream_presence")
  private let silence = WatchedTask("stream_silence")
  private let offersWakeUp = WakeUpSignal()
  private let stepsWakeUp = WakeUpSignal()
  private let noticesWakeUp = WakeUpSignal()
  private let consultsWakeUp = WakeUpSignal()

  init(hub: StreamHub, hintSubscriber: HintSubscriber, pauses: Pauses = Pauses(), logger: Logger) {
    self.hub = hub
    self.hintSubscriber = hintSubscriber
    self.pauses = pauses
    self.logger = logger
  }

  var tasks: [WatchedTask] {
    [offers, hub.messagesTask, hub.requestsTask, steps, notices, consults, keys, presence, silence]
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          for await _ in hintSubscriber.hints { offersWakeUp.ring() }
        }
        group.addTask {
          for await _ in hub.joined {
            // The cached key may be as old as its cache allows.
            await keys.attempt(logger) { try await hub.checkKeys() }
            offersWakeUp.ring()
            stepsWakeUp.ring()
            noticesWakeUp.ring()
            consultsWakeUp.ring()
          }
        }
        group.addTask {
          await PeriodicTask(offers, every: pauses.offers, wokenBy: offersWakeUp, logger: logger).run {
            try await hub.lookForOffers()
            return .regular
          }
        }
        group.addTask {
          await PeriodicTask(steps, every: pauses.offers, wokenBy: stepsWakeUp, logger: logger).run {
            try await hub.lookForSteps()
            return .regular
          }
        }
        group.addTask {
          await PeriodicTask(notices, every: pauses.offers, wokenBy: noticesWakeUp, logger: logger).run {
            try await hub.lookForNotices()
            return .regular
          }
        }
        group.addTask {
          await PeriodicTask(consults, every: pauses.offers, wokenBy: consultsWakeUp, logger: logger).run {
            try await hub.lookForConsults()
            return .regular
          }
        }
        group.addTask {
          await PeriodicTask(silence, every: pauses.offers, logger: logger).run {
            await hub.noteSilence()
            return .regular
          }
        }
        group.addTask {
          // The pause does not grow: an invalid key's stream must not outlast an outage.
          await PeriodicTask(keys, every: pauses.keys, longestBackOff: pauses.keys, logger: logger).run {
            try await hub.checkKeys()
            return .regular
          }
        }
        group.addTask {
          await PeriodicTask(presence, every: pauses.pings, logger: logger).run {
            try await hub.ping()
            return .regular
          }
        }
        await group.waitForAll()
      }
    }
    await hintSubscriber.close()
    await hub.end()
  }
}
