import NIOCore

/// The named bounds of a run of faults.
enum ChaosBounds {
  /// Faults of one run.
  static let faults = 1...10_000
  /// Messages a second that all clients hand in together.
  static let messagesPerSecond = 1.0...2000.0
  /// Messages in one request of a client.
  static let clientBatch = 5
  /// Requests that one client has under way: enough to go on at its rate while as many as a fault swallows time out.
  static let clientConnections = 64
  /// How long a client strives for an acknowledgement; how long the repetitions of one fault may take in all.
  static let clientPatience = "600s"
  static let repetitionPatience = "60s"
  /// The longest run for which clients have messages, so that they end even if nobody ends them.
  static let clientTime: Duration = .seconds(4 * 3600)
  /// Agents at work meanwhile, and how long they have a ticket.
  static let agents = 12
  static let agentHandleTime = "400ms"

  /// Processes at the beginning of what may run more than once.
  static let routers = 2
  static let classifiers = 2
  static let watchers = 2
  static let notifiers = 2
  /// Lots for the choice among a service's processes; all small numbers divide it.
  static let instancesDrawn = 12

  // MARK: Faults

  /// How long a process stands still: longer than a lease holds (4 s) and than silence counts as death (3 s).
  static let pauseMilliseconds = 4_600...6_000
  /// How long all that lasts for a while does.
  static let outageMilliseconds = 1_000...2_500
  /// A slow worker stands still and runs in turn.
  static let slowWorkerStill: Duration = .milliseconds(150)
  static let slowWorkerRunning: Duration = .milliseconds(50)
  /// How often links are looked for, to be cut.
  static let cutInterval: Duration = .milliseconds(50)
  /// How long one process may take to come back in a restart of all of them.
  static let restartTime: Duration = .seconds(30)
  /// How often a step of the schema is tried that does not get its lock.
  static let upgradeAttempts = 5
  /// Clients that send the same messages at once.
  static let repeatingClients = 3
  /// Characters of a very long message: the most that intake takes.
  static let longMessage = 20_000
  /// The disk that gets full: MiB beside what the run's messages take, and messages that surely fit in one MiB.
  static let smallDiskSpare = 64
  static let messagesPerMegabyte = 500

  // MARK: Hostile clients

  /// Connections that one task opens one after the other, and how long the kernel may take for one.
  static let rudeConnectionsAtOnce = 64
  static let rudeConnectTimeout: TimeAmount = .seconds(2)
  /// Connections that send and never read, and the requests that each sends at once: their answers are more than a socket's buffers hold.
  static let deafConnections = 50
  static let deafRequests = 2_000
  /// Connections of a flood: more than one address may have, and all that a service takes.
  static let floodConnections = 4_200
  /// Requests with unfinished bodies, and what each announces: nearly the most that intake takes.
  static let unfinishedRequests = 100
  static let unfinishedBytes = (4 << 20) - 1
  /// ZeroMQ messages of many frames.
  static let framedMessages = 4
  static let framesOfOne = 60
  static let frameBytes = 1 << 20
  static let framesPatience: Duration = .seconds(5)
  /// Wrong keys a second, of one address: many times what it may try.
  static let wrongKeysPerSecond = 40
  /// Requests that one flooding key has under way, and the messages of each.
  static let floodingRequests = 8
  static let floodBatch = 200
  /// Messages of one customer: more than an agent's view of a ticket had room for.
  static let bigTicketMessages = 600
  static let bigTicketBatch = 50
  /// Rows of tickets that are locked.
  static let lockedRows: Int32 = 20
  /// Messages that come together with one whose row is gone.
  static let neighbours = 19
  /// Agents' streams that are not read.
  static let stalledStreams = 16
  /// How long a message of our own may take to be decided before a fault can be made of it.
  static let decisionPatience: Duration = .seconds(20)

  /// How long the desk may take to work as usual under a fault that must not concern it.
  static let workingPatience: Duration = .seconds(20)

  /// How long one fault takes at most on average, its recovery included.
  static let secondsPerFault = 10.0

  // MARK: Recovery

  /// How often is looked whether everything is in order again.
  static let lookInterval: Duration = .milliseconds(50)
  /// How long everything may take to be in order again after a fault.
  static let recoveryLimit: Duration = .seconds(60)
  /// After so many faults in a row without recovery the run ends: the desk is broken.
  static let unrecoveredInARow = 2
  /// How long everything acknowledged may take to be decided at the very end.
  static let settleLimit: Duration = .seconds(120)
  /// How often a look at the ledger is tried, and the pause between two tries.
  static let ledgerTries = 5
  static let ledgerPause: Duration = .seconds(1)
  /// Before a fault is looked for in messages, so much earlier ones are looked at too: those under way then.
  static let lookBack: Duration = .seconds(30)
  /// Resident memory of one process of a service, in MiB, beyond which it counts as unbounded.
  static let memoryLimit = 256
  /// Findings that are told word by word.
  static let findingsTold = 40
  /// Connections that one go-between carries.
  static let relayedConnections = 512
}
