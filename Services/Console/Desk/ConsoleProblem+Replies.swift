import DeskCore
import HTTPService
import HTTPTypes

extension ConsoleProblem {
  /// A reply that a rule of the policy refuses, in the agent's language, with what to change.
  static func refused(
    _ inspection: ReplyInspection, under rules: ReplyRules, in language: StaffLanguage
  ) -> HTTPProblem {
    let words = RefusalText(language: language)
    let acknowledgeable = inspection.isBlocked ? [] : inspection.objections.map(\.rule)
    return HTTPProblem(
      .unprocessableContent, type: inspection.isBlocked ? .replyBlocked : .replyUnacknowledged,
      detail: inspection.isBlocked ? words.blocked : words.warned,
      errors: inspection.objections.map { finding in
        .init(
          field: "/text", value: finding.term,
          detail: rules.rule(finding.rule)?.messages[language] ?? words.found(finding.term),
          remedy: words.remedy(acknowledging: acknowledgeable))
      }, headers: [.contentLanguage: language.rawValue])
  }
}

/// The desk's own part of the problems that agents get for a refused reply.
private struct RefusalText {
  let language: StaffLanguage

  var blocked: String {
    switch language {
    case .chinese: "这条回复尚未发出：其中有不适合发给客户的表达。请调整后重新发送。"
    case .english: "The reply was not sent: it contains wording that should not reach a customer. Please rephrase it."
    }
  }

  var warned: String {
    switch language {
    case .chinese: "这条回复尚未发出：请再看一眼其中的表达，确认无误后可以照原样发送。"
    case .english: "The reply was not sent yet: please have another look at its wording. You can send it as it is."
    }
  }

  func found(_ term: String) -> String {
    switch language {
    case .chinese: "回复中含有“\(term)”。"
    case .english: "The reply contains “\(term)”."
    }
  }

  /// - Parameter rules: all rules that must be acknowledged for the reply to be sent; empty if that is not possible.
  func remedy(acknowledging rules: [ReplyRuleID]) -> String {
    let names = rules.map { "\"\($0)\"" }.joined(separator: ", ")
    switch (language, rules.isEmpty) {
    case (.chinese, true): return "请换一种说法，然后重新发送。"
    case (.english, true): return "Rephrase it and send the reply again."
    case (.chinese, false): return "请换一种说法；如需照原样发送，请附上 \"acknowledge\": [\(names)]。"
    case (.english, false): return "Rephrase it, or send it as it is with \"acknowledge\": [\(names)]."
    }
  }
}
