import ServiceKit

/// The bounds of `up`, in one place.
enum UpBounds {
  /// Processes of one service.
  static let instancesOfService = 0...32
  /// The first pause after a process has died; each further one is twice as long.
  static let restartPauseMinimum: Duration = .milliseconds(200)
  static let restartPauseMaximum: Duration = .seconds(15)
  /// A process that lived this long is in order again: the next pause is the first one.
  static let steadyLife: Duration = .seconds(30)
  /// How long a service may drain: a second more than it allows itself, then it is killed.
  static let drain: Duration = ServiceRunner.defaultDeadline + .seconds(1)
  /// How often `/readyz` is asked while a process starts, and when it is ready.
  static let startingProbePause: Duration = .milliseconds(100)
  static let readyProbePause: Duration = .seconds(1)
  static let probeTimeout: Duration = .seconds(2)
  /// After so many questions at `/livez` in a row without a good answer a process is replaced: 5 to 15 s, longer than it may stand still
  /// without harm (a lease holds 4 s).
  static let hangFailures = 5
  /// How long a process may take to answer at `/livez` for the first time.
  static let startPatience: Duration = .seconds(60)
  /// How often PostgreSQL is looked after and its log read on.
  static let postgresWatchPause: Duration = .milliseconds(500)
  /// How long PostgreSQL may take to start (it may have to recover) and to stop (it writes a checkpoint).
  static let postgresStartSeconds = 120
  static let postgresStopSeconds = 60
  /// How long a start is tried again while locks of a server that has died are there, and the pause between two tries.
  static let postgresLockPatience: Duration = .seconds(15)
  static let postgresLockPause: Duration = .milliseconds(500)
  /// PostgreSQL's own log is emptied beyond this; all of it is in the combined log.
  static let postgresLogBytes = 8 << 20
  /// The combined log: bytes of a file, and how many older files are kept.
  static let logBytes = 16 << 20
  static let logFilesKept = 3
  /// A longer line is cut.
  static let logLineBytes = 16 << 10
  /// What a command that `up` runs may say.
  static let commandOutputBytes = 64 << 10
  /// A request or an answer on the control socket.
  static let controlLineBytes = 64 << 10
  static let controlTimeoutSeconds = 3
  /// The longest path of a Unix socket, without the zero behind it (`sockaddr_un`).
  static let socketPathBytes = 107
  /// How long `scale` waits.
  static let scaleTimeout: Duration = .seconds(60)
  static let scalePause: Duration = .milliseconds(200)
}
