import DeskCore
import HTTPService
import HTTPTypes

extension ConsoleProblem {
  /// Concurrent steps always won.
  static let inspectionsCollide = HTTPProblem(
    .conflict, type: .concurrentChanges,
    detail: "Concurrent changes of the inspection won several times in a row; nothing was changed.",
    headers: [.retryAfter: "1"])

  /// A step that the inspection refuses. What only an agent meets is in the agent's language.
  static func refused(_ refusal: InspectionRefusal, in language: StaffLanguage) -> HTTPProblem {
    switch refusal {
    // To an agent, an inspection that is another's or has no result does not exist.
    case .notYours, .notScored: notFound("inspection")
    case .ownTicket:
      HTTPProblem(
        .forbidden, type: .ownInspection,
        detail: "You replied on this ticket yourself; another lead must inspect it and decide on appeals.")
    case .ownResult:
      HTTPProblem(
        .forbidden, type: .ownInspection,
        detail: "The appeal is against your own result; another lead must decide it.")
    case .alreadyScored: state("The inspection has a result already.")
    case .notAppealed: state("There is no appeal to decide.")
    case .alreadyDecided: state("The appeal has been decided already.")
    case .noForm: state("The policy has no inspection form.")
    case .alreadyAppealed:
      state(
        language == .chinese ? "您已经对这次质检提出过申诉；每次质检可以申诉一次。" : "You have already appealed; one appeal is possible.",
        in: language)
    case .tooLate(let end):
      state(
        language == .chinese
          ? "申诉期已于 \(RFC3339.text(end)) 结束。如果您仍有疑问，请直接与组长沟通。"
          : "The time for an appeal ended at \(RFC3339.text(end)). If you still have doubts, please talk to your lead.",
        in: language)
    case .form(let mistakes):
      HTTPProblem(
        .unprocessableContent, type: .invalidRequest, detail: "The scores do not fit the form.",
        errors: mistakes.map(fieldError))
    }
  }

  private static func state(_ detail: String, in language: StaffLanguage = .english) -> HTTPProblem {
    HTTPProblem(
      .conflict, type: .inspectionState, detail: detail, headers: [.contentLanguage: language.rawValue])
  }

  private static func fieldError(_ mistake: InspectionMarkMistake) -> HTTPProblem.FieldError {
    let field = mistake.position.map { "/scores/\($0)" } ?? "/scores"
    return switch mistake.kind {
    case .missing:
      .init(
        field: field, value: mistake.criterion.rawValue, detail: "The criterion has no score.",
        remedy: "Score every criterion of the form.")
    case .unknown:
      .init(
        field: field, value: mistake.criterion.rawValue, detail: "The form does not have this criterion.",
        remedy: "Read the inspection again and use its `form`.")
    case .repeated:
      .init(
        field: field, value: mistake.criterion.rawValue, detail: "The criterion is scored twice.",
        remedy: "Send one score for it.")
    case .outOfRange(let best):
      .init(
        field: field, value: mistake.criterion.rawValue, detail: "The score is not on the criterion's scale.",
        remedy: "Send a whole number from 0 to \(best).")
    }
  }
}
