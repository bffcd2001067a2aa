import DeskCore
import Language

/// Takes out of what customers write what identifies a person or opens an account, where the channel's policy asks for it: before a digest
/// is made and before anything of it is stored or handed on. Everything that customers write passes through here, over HTTP and ZeroMQ.
///
/// What the desk works by stays: the customer's and the message's own ids, the addresses of attachments, and the contact, which is
/// stored sealed.
struct PersonalDataMask {
  private let finder = PersonalDataFinder()
  private let metrics: IntakeMetrics

  init(_ metrics: IntakeMetrics) { self.metrics = metrics }

  /// Whether a channel's policy asks for it. Before the first policy, and under one that this build cannot read, nothing is known of
  /// any channel, and personal data must not be what is kept by mistake.
  static func isAsked(for channel: ChannelID, under policy: Policy?) -> Bool {
    guard let policy else { return true }
    return policy.channels[channel]?.masksPersonalData ?? false
  }

  func masked(_ draft: MessageDraft) -> MessageDraft {
    let masked = MessageDraft(
      id: draft.id, customer: draft.customer, text: finder.mask(draft.text), subject: draft.subject.map(finder.mask),
      thread: draft.thread.map(finder.mask), sentAt: draft.sentAt, attributes: masked(draft.attributes),
      attachments: draft.attachments.map { attachment in
        .init(
          url: attachment.url, mediaType: attachment.mediaType.map(finder.mask), name: attachment.name.map(finder.mask))
      }, contact: draft.contact)
    if masked != draft { metrics.masked() }
    return masked
  }

  /// What a customer says beside a rating.
  func masked(comment: String) -> String {
    let masked = finder.mask(comment)
    if masked != comment { metrics.masked() }
    return masked
  }

  /// Names that become the same are numbered, so that none of the values is lost.
  private func masked(_ attributes: [MessageFields.Attribute]) -> [MessageFields.Attribute] {
    var taken: Set<ExactString> = []
    return attributes.map { attribute in
      let name = finder.mask(attribute.name)
      var free = name
      var number = 1
      while !taken.insert(ExactString(free)).inserted {
        number += 1
        free = "\(name) \(number)"
      }
      return .init(name: free, value: finder.mask(attribute.value))
    }
  }
}
