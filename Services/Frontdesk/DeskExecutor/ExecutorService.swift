import ServiceHealth
import ServiceLifecycle
import ServiceProcess
import Store

/// Assembles the executor. Any number may run; each intent is carried out by one.
enum ExecutorService {
  static let name = "executor"

  static func parts(_ runtime: ServiceRuntime) throws -> [any Service] {
    let configuration = ExecutorConfiguration(runtime.configuration)
    let metrics = ExecutorMetrics(runtime.metrics)
    func lane(_ name: String, _ kinds: [Intent.Kind], isExcluding: Bool) -> IntentExecutor {
      IntentExecutor(
        lane: name, kinds: kinds, isExcluding: isExcluding, store: runtime.store, me: runtime.instance,
        configuration: configuration, metrics: metrics, logger: runtime.logger)
    }
    // A replay of thousands takes minutes: a key that must be revoked does not wait for it.
    return [
      lane("intents", [.replayDeadLetters], isExcluding: true),
      lane("replays", [.replayDeadLetters], isExcluding: false),
    ]
  }
}
