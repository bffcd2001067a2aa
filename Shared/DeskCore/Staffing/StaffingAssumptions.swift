/// What a plan assumes of tickets, customers and agents.
public struct StaffingAssumptions: Hashable, Sendable {
  /// What is known of one queue's tickets.
  public struct Work: Hashable, Sendable {
    /// How long an agent needs for one, in seconds.
    public let handlingSeconds: Double
    /// The customers' mean patience in seconds; infinite where none gives up, or nothing is known of it.
    public let patienceSeconds: Double

    /// - Throws: `StaffingError` for values outside of `StaffingBounds`.
    public init(handlingSeconds: Double, patienceSeconds: Double = .infinity) throws(StaffingError) {
      try StaffingError.check(handlingSeconds, .handling, in: StaffingBounds.handlingSeconds)
      try StaffingError.check(patienceSeconds, .patience, in: StaffingBounds.patienceSeconds)
      self.handlingSeconds = handlingSeconds
      self.patienceSeconds = patienceSeconds
    }
  }

  public let target: ServiceTarget
  /// Of queues that `workOfQueue` does not have.
  public let work: Work
  public let workOfQueue: [QueueID: Work]
  /// The share of paid time in which agents are not available: leave, illness, training.
  public let shrinkage: Double
  /// Tickets that an agent works on at once, each as fast as if it were the only one.
  public let ticketsPerAgent: Int
  /// Messages of one ticket, all in the period in which it comes.
  public let messagesPerTicket: Double
  /// Messages per second that one router worker handles.
  public let workerCapacity: Double

  /// - Throws: `StaffingError` for values outside of `StaffingBounds`.
  public init(
    target: ServiceTarget, work: Work, workOfQueue: [QueueID: Work] = [:], shrinkage: Double = 0,
    ticketsPerAgent: Int = 1, messagesPerTicket: Double = 1, workerCapacity: Double = 100
  ) throws(StaffingError) {
    try StaffingError.check(shrinkage, .shrinkage, in: StaffingBounds.shrinkage)
    let tickets = StaffingBounds.ticketsPerAgent
    try StaffingError.check(
      Double(ticketsPerAgent), .ticketsPerAgent, in: Double(tickets.lowerBound)...Double(tickets.upperBound))
    try StaffingError.check(messagesPerTicket, .messagesPerTicket, in: StaffingBounds.messagesPerTicket)
    try StaffingError.check(workerCapacity, .workerCapacity, in: StaffingBounds.workerCapacity)
    self.target = target
    self.work = work
    self.workOfQueue = workOfQueue
    self.shrinkage = shrinkage
    self.ticketsPerAgent = ticketsPerAgent
    self.messagesPerTicket = messagesPerTicket
    self.workerCapacity = workerCapacity
  }

  /// Paid agents for a number of available ones, rounded up.
  func paidAgents(for available: Int) -> Int {
    Int((Double(available) / (1 - shrinkage) - 1e-9).rounded(.up))
  }
}
