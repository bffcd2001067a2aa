import DeskCore
import Yams

// MARK: - Inspection of ended tickets

extension PolicyReader {
  /// Reads `inspection:`, which ended tickets are inspected and with which form. Agents and queues are read first.
  mutating func inspection(_ place: PolicyNode?) -> InspectionPlan? {
    let known = ["seed", "share", "queues", "agents", "new_agents", "form", "appeal"]
    guard let place, !place.isNull, let fields = fields(of: place, known: known) else { return nil }
    let seed = needed("seed", in: fields).flatMap { text($0) }
    let share = fields["share"].flatMap { inspectionShare($0) } ?? 0
    let queues: [QueueID: Double] = shares(fields["queues"], of: "queue", among: queueNames)
    let agents: [AgentID: Double] = shares(fields["agents"], of: "agent", among: Set(self.agents.keys.map(\.rawValue)))
    let newTime = fields["new_agents"].flatMap { duration($0) }
    let form = needed("form", in: fields).map { inspectionForm($0) } ?? []
    let appeal = fields["appeal"].flatMap { self.fields(of: $0, known: ["within", "by_inspector"]) }
    let appealTime = appeal?["within"].flatMap { duration($0, in: PolicyLimits.appealTime) }
    let byInspector = appeal?["by_inspector"].flatMap { flag($0) }
    guard let seed, !form.isEmpty else { return nil }
    return InspectionPlan(
      seed: seed, share: share, queueShares: queues, agentShares: agents,
      newUntil: newTime.map { time in agentsSince.mapValues { $0 + time } } ?? [:], form: form,
      appealTime: appealTime ?? PolicyDefaults.appealTime, inspectorDecidesAppeals: byInspector ?? false)
  }

  /// Reads a share, or `full`.
  private mutating func inspectionShare(_ place: PolicyNode) -> Double? {
    if case .scalar(let scalar) = place.node, scalar.string == "full" { return 1 }
    return share(place)
  }

  private mutating func shares<Subject>(
    _ place: PolicyNode?, of what: String, among known: Set<String>
  ) -> [Key<Subject>: Double] {
    var shares: [Key<Subject>: Double] = [:]
    for entry in named(place) {
      guard let key: Key<Subject> = reference(entry.key, to: what, among: known),
        let share = inspectionShare(entry.value)
      else { continue }
      shares[key] = share
    }
    return shares
  }

  private mutating func inspectionForm(_ place: PolicyNode) -> [InspectionCriterion] {
    let entries = named(place, limit: PolicyLimits.inspectionCriteria)
    if entries.isEmpty { report(place, "the form has no criteria", remedy: "declare at least one criterion") }
    var form: [InspectionCriterion] = []
    for entry in entries {
      guard let fields = fields(of: entry.value, known: ["title", "weight", "scale"]) else { continue }
      let titles = needed("title", in: fields).map { staffTexts($0, isComplete: true) } ?? [:]
      let weight = fields["weight"].flatMap { integer($0, in: PolicyLimits.criterionWeight) }
      let scale = fields["scale"].flatMap { integer($0, in: PolicyLimits.criterionScale) }
      form.append(
        InspectionCriterion(
          id: CriterionID(entry.name), titles: titles, weight: weight ?? 1,
          scale: scale ?? PolicyDefaults.criterionScale
        ))
    }
    return form
  }
}
