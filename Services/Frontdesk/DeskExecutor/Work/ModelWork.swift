import CommandLineTool
import DeskCore
import ModelTraining
import Store

/// Replaces the model in force by the candidate if that is better, as `frontdesk promote` does.
struct PromotionWork: IntentWork {
  let store: DeskStore
  let configuration: ExecutorConfiguration

  func check() async throws -> IntentCheck {
    guard let model = configuration.model else { return .refused(IntentNote("no_models_here")) }
    let versions = try ModelFolder(live: model).versions()
    guard let candidate = versions.candidate else { return .refused(IntentNote("no_candidate")) }
    return .ready(plan: [
      .init("from", versions.live.map { .text($0) } ?? .null), .init("to", .text(candidate)),
    ])
  }

  func act(plan: JSONValue, isRepeated _: Bool) async throws -> IntentNote {
    guard let model = configuration.model else { throw IntentNote("no_models_here") }
    let folder = ModelFolder(live: model)
    let done = IntentNote("model_promoted", [.init("from", plan["from"] ?? .null), .init("to", plan["to"] ?? .null)])
    let versions = try folder.versions()
    // An interrupted attempt came as far as that, at least.
    if let to = plan["to"]?.text, let live = versions.live, live.hasSameBytes(as: to) { return done }
    guard let candidate = versions.candidate, let to = plan["to"]?.text, candidate.hasSameBytes(as: to) else {
      throw IntentNote("no_candidate")
    }
    let promotion = try Promotion(over: model, challenger: folder.candidate)
    let report = try await promotion.compare(in: store)
    guard report.isEarned else {
      throw IntentNote("model_not_better", [.init("verdict", .text(report.verdict(dryRun: false)))])
    }
    try promotion.takeOver()
    return done
  }
}

/// Puts the previous model into force again, as `frontdesk models back` does.
struct ReversionWork: IntentWork {
  let configuration: ExecutorConfiguration

  func check() async throws -> IntentCheck {
    guard let model = configuration.model else { return .refused(IntentNote("no_models_here")) }
    let folder = ModelFolder(live: model)
    try folder.finishGoingBack()
    let versions = try folder.versions()
    guard let previous = versions.previous else { return .refused(IntentNote("no_previous_model")) }
    return .ready(plan: [.init("from", versions.live.map { .text($0) } ?? .null), .init("to", .text(previous))])
  }

  func act(plan: JSONValue, isRepeated _: Bool) async throws -> IntentNote {
    guard let model = configuration.model else { throw IntentNote("no_models_here") }
    let folder = ModelFolder(live: model)
    try folder.finishGoingBack()
    // Going back twice would undo it.
    if let to = plan["to"]?.text, try folder.versions().live?.hasSameBytes(as: to) != true { _ = try folder.goBack() }
    return IntentNote("model_reverted", [.init("from", plan["from"] ?? .null), .init("to", plan["to"] ?? .null)])
  }
}
