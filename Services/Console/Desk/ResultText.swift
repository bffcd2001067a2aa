import DeskCore

/// What agents read with the result of an inspection.
struct ResultText {
  let language: StaffLanguage

  /// Results from these on are good, or fair.
  private static let (good, fair) = (90, 70)

  func message(for inspection: Inspection, at now: Instant) -> String {
    switch inspection.phase {
    case .waiting: ""
    case .scored(let result):
      [found(result.scores.percent), inspection.canBeAppealed(at: now) ? invitation : nil].compactMap(\.self)
        .joined(separator: language == .chinese ? "" : " ")
    case .appealed:
      language == .chinese
        ? "我们已收到您的申诉，组长会重新查看这次对话，并给您答复。"
        : "We have your appeal. A lead will look at the conversation again and answer you."
    case .decided(_, _, let decision): decision.scores == nil ? upheld : changed
    }
  }

  private func found(_ percent: Int) -> String {
    switch (language, percent) {
    case (.chinese, Self.good...): "谢谢您，这次对话处理得很好。"
    case (.chinese, Self.fair...): "谢谢您的用心。下面有几点建议，可以让下一次更好。"
    case (.chinese, _): "谢谢您的付出。这次对话不容易，下面几点值得一起看看；需要帮助时，组长会支持您。"
    case (.english, Self.good...): "Thank you, this conversation was handled very well."
    case (.english, Self.fair...): "Thank you for your care. A few points below can make the next one even better."
    case (.english, _):
      "Thank you for your work. This was not an easy conversation; the points below are worth a look, and your lead is there to help."
    }
  }

  private var invitation: String {
    language == .chinese ? "如果您有不同看法，可以提出一次申诉。" : "If you see it differently, you can appeal once."
  }

  private var upheld: String {
    language == .chinese
      ? "组长重新查看了这次对话，维持原来的结果，理由见下。谢谢您提出看法。"
      : "A lead looked at the conversation again and kept the result, for the reason below. Thank you for speaking up."
  }

  private var changed: String {
    language == .chinese
      ? "组长重新查看了这次对话，并修改了结果。谢谢您提出看法。"
      : "A lead looked at the conversation again and changed the result. Thank you for speaking up."
  }
}
