import CommandLineTool
import DeskCore
import DeskSupervisor
import Store

/// Scales a service of the desk that `up` runs here, as `frontdesk scale` does. Elsewhere the platform scales.
struct ScalingWork: IntentWork {
  private let service: ServiceKind
  private let count: Int
  private let label: String
  private let store: DeskStore
  private let configuration: ExecutorConfiguration

  init?(_ intent: Intent, _ store: DeskStore, _ configuration: ExecutorConfiguration) {
    let parameters = intent.parameters
    guard let service = parameters["service"]?.text.flatMap({ ScalableService(rawValue: $0) }),
      let kind = ServiceKind(rawValue: service.rawValue), let count: Int = parameters.number("count"),
      ScalableService.counts.contains(count)
    else { return nil }
    (self.service, self.count, self.configuration) = (kind, count, configuration)
    (label, self.store) = (intent.label, store)
  }

  func check() async throws -> IntentCheck {
    guard let desk = configuration.localDesk else { return .refused(IntentNote("not_run_by_up")) }
    let before = try ControlClient.ask(.list, socket: desk.controlSocket).members
      .count { $0.service == service.rawValue }
    return .ready(plan: [.init("before", .integer(Int64(before)))])
  }

  func act(plan: JSONValue, isRepeated _: Bool) async throws -> IntentNote {
    guard let desk = configuration.localDesk else { throw IntentNote("not_run_by_up") }
    let outcome = try await Scaling(socket: desk.controlSocket, service: service, count: count).run(choosing: {
      try await store.capacity.choose(service.rawValue, count, by: label)
    })
    return IntentNote(
      outcome.isReached ? "scaled" : "scaling",
      [
        .init("service", .text(service.rawValue)), .init("before", plan["before"] ?? .null),
        .init("count", .integer(Int64(count))), .init("processes", .text(outcome.summary)),
      ])
  }
}
