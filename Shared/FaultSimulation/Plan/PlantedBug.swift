/// A mistake that is built into a run on purpose, to show that the checks find it. Only a run can have one; no service has any of this.
package enum PlantedBug: String, CaseIterable, Sendable {
  /// A router that finds no work waits for a hint, however long: it does not poll.
  case lostWakeUp = "lost-wake-up"
  /// A step is committed whatever version the ticket has by then.
  case decisionWithoutCompareAndSet = "decision-without-compare-and-set"
  /// A holder trusts its lease until it is told otherwise, and its writes are not fenced.
  case leaseTrustedTooLong = "lease-trusted-too-long"
}
