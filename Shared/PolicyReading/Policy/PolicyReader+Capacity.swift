import DeskCore

// MARK: - Elastic capacity

extension PolicyReader {
  /// Reads `capacity:`, how the numbers of routers, classifiers and intakes follow the load. Services and settings that are missing have
  /// their usual values.
  mutating func capacity(_ place: PolicyNode?) -> CapacityPolicy {
    var policy = CapacityPolicy()
    guard let place, let fields = fields(of: place, known: ElasticService.allCases.map(\.rawValue)) else {
      return policy
    }
    for service in ElasticService.allCases {
      if let field = fields[service.rawValue] { policy[service] = capacity(field, of: service) }
    }
    return policy
  }

  private mutating func capacity(_ place: PolicyNode, of service: ElasticService) -> CapacitySettings {
    var settings = CapacitySettings.usual(service)
    let known = ["base", "reserve_percent", "limit", "cool_down", "step_pause", "allowed", "busy_percent", "lead"]
    guard let fields = fields(of: place, known: known) else { return settings }
    if let base = fields["base"].flatMap({ integer($0, in: PolicyLimits.capacityWorkers) }) {
      settings.base = base
      settings.limit = max(settings.limit, base)
    }
    if let percent = fields["reserve_percent"].flatMap({ integer($0, in: PolicyLimits.capacityReserve) }) {
      settings.reserveShare = Double(percent) / 100
    }
    if let place = fields["limit"], let limit = integer(place, in: PolicyLimits.capacityWorkers) {
      if limit < settings.base {
        report(
          place, "the limit is below the base of \(settings.base)", remedy: "write at least \(settings.base)")
      } else {
        settings.limit = limit
      }
    }
    if let time = fields["cool_down"].flatMap({ duration($0, in: PolicyLimits.capacityTime) }) {
      settings.coolDown = time
    }
    if let time = fields["step_pause"].flatMap({ duration($0, in: PolicyLimits.capacityTime) }) {
      settings.stepPause = time
    }
    if let time = fields["allowed"].flatMap({ duration($0, in: PolicyLimits.capacityTime) }) {
      settings.allowed = time
    }
    if let percent = fields["busy_percent"].flatMap({ integer($0, in: PolicyLimits.capacityBusy) }) {
      settings.busyTarget = Double(percent) / 100
    }
    if let time = fields["lead"].flatMap({ duration($0, in: PolicyLimits.capacityLead) }) { settings.lead = time }
    return settings
  }
}
