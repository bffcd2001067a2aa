/// The named limits of this module.
enum EventThreadBounds {
  /// Jobs run between two reactor turns, so that a flood of jobs cannot starve descriptors and timers.
  static let jobsPerTurn = 128

  /// Descriptors served in one turn, so that busy descriptors cannot starve jobs.
  static let readyDescriptorsPerTurn = 64

  /// Due timers fired in one turn.
  static let timersPerTurn = 256
}
