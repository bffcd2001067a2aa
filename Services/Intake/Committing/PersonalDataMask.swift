import Language

/// Takes out of a message what identifies a person or opens an account, where its channel's policy asks for it: before its digest
/// is made and before anything of it is stored or handed on. The customer's own id and links stay, for the desk works by them, and so
/// does the contact, which is stored sealed.
struct PersonalDataMask {
  private let finder = PersonalDataFinder()
  private let metrics: IntakeMetrics

  init(_ metrics: IntakeMetrics) { self.metrics = metrics }

  func masked(_ draft: MessageDraft) -> MessageDraft {
    let masked = MessageDraft(
      id: draft.id, customer: draft.customer, text: finder.mask(draft.text), subject: draft.subject.map(finder.mask),
      thread: draft.thread, sentAt: draft.sentAt,
      attributes: draft.attributes.map { .init(name: $0.name, value: finder.mask($0.value)) },
      attachments: draft.attachments.map { attachment in
        .init(url: attachment.url, mediaType: attachment.mediaType, name: attachment.name.map(finder.mask))
      }, contact: draft.contact)
    if masked != draft { metrics.masked() }
    return masked
  }
}
