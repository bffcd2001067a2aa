// What the timeline keeps of notices of progress.

extension TimelineEvent {
  /// A progress notice. The ticket, the event and the occurrence identify it.
  public struct ProgressSent: TimelinePayload {
    /// The state that it is about.
    public internal(set) var progress: ProgressEvent?
    /// Counts the times that the ticket had entered that state, from 1.
    public internal(set) var occurrence: Int?
    /// The message that was sent.
    public internal(set) var message: MessageID?
    /// The language of its text.
    public internal(set) var language: String?
    /// When the ticket entered the state.
    public internal(set) var since: Instant?

    init() {}

    /// What is kept of a notice.
    public init(_ notice: ProgressState.Pending, message: MessageID, language: String) {
      progress = notice.event
      occurrence = notice.occurrence
      self.message = message
      self.language = language
      since = notice.since
    }

    mutating func visit(_ members: inout some TimelineMembers) {
      members.member("progress", &progress)
      members.member("occurrence", &occurrence)
      members.member("message", &message)
      members.member("language", &language)
      members.member("since_us", &since)
    }
  }
}
