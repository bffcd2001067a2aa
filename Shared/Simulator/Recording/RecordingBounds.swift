/// The limits of recordings.
public enum RecordingBounds {
  /// The version of the format that this build writes, and the only one that it reads.
  public static let version = 1
  /// The longest stretch that is recorded at once, in days.
  public static let days = 31
  /// How long before the stretch a ticket may have been opened to be recorded as open at its start.
  public static let carriedOver: Duration = .seconds(86_400)
  /// How long after the stretch agents' presence is recorded, so that a replay can finish what was opened in it.
  public static let runOut: Duration = .seconds(12 * 3_600)
  /// Bytes of one line: a ticket with some thousand messages and offers.
  public static let lineBytes = 1 << 20
  /// Lines of one file, the first and the last included.
  public static let lines = 20_000_000
  /// Tickets whose timelines are read from the desk at once, and changes of presence.
  public static let ticketsPerPage = 256
  public static let changesPerPage = 5_000
  /// How long one statement of a recording may take: the desk works meanwhile.
  public static let statementTimeout: Duration = .seconds(30)
}
