import DeskCore

/// An agent of a run.
struct StaffMember {
  let profile: AgentProfile
  let group: Int
  var isOnDuty = false
  var isAway = false
  var isDropped = false
  var load: Int32 = 0
  var idleSince: Instant
  /// The serial number of the absence that is running.
  var absence = 0
  var random: SeededGenerator

  var isPresent: Bool { isOnDuty && !isAway && !isDropped }

  func status(isReserve: Bool) -> AgentStatus {
    AgentStatus(
      profile: profile, presence: isPresent ? isReserve ? .reserve : .available : .away, load: load,
      idleSince: idleSince)
  }

  /// How many working agents it counts as, and how much of them is used.
  var level: (staff: Double, used: Double) {
    let used = Double(TicketWeight.used(load, of: profile.capacity)) / Double(max(1, profile.capacity))
    return (isPresent || load > 0 ? 1 : 0, used)
  }
}
