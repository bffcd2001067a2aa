import DeskCore
internal import Foundation
import Store

/// A measure of a report; the same in tables, JSON and pictures.
struct ReportMeasure: Sendable {
  /// The kind of its values.
  enum Kind: Sendable {
    case count, seconds, share, rating

    /// Formats a value for people.
    func text(_ value: Double, in language: ReportLanguage) -> String {
      switch self {
      case .count: String(Int64(value))
      case .share: String(format: "%.1f %%", value * 100)
      case .rating: String(format: "%.2f", value)
      case .seconds:
        switch value {
        case ..<10: String(format: "%.1f ", value) + Self.unit("s", "秒", language)
        case ..<120: String(format: "%.0f ", value) + Self.unit("s", "秒", language)
        case ..<7200: String(format: "%.0f ", value / 60) + Self.unit("min", "分钟", language)
        case ..<172_800: String(format: "%.1f ", value / 3600) + Self.unit("h", "小时", language)
        default: String(format: "%.1f ", value / 86_400) + Self.unit("d", "天", language)
        }
      }
    }

    private static func unit(_ english: String, _ chinese: String, _ language: ReportLanguage) -> String {
      language == .chinese ? chinese : english
    }
  }

  /// Its name in CSV and JSON.
  let key: String
  let kind: Kind
  private let english: String
  private let chinese: String
  /// Returns its value for a group; nil if there is nothing to measure.
  let value: @Sendable (ReportRow) -> Double?
  /// Its title in narrow columns; nil if it is omitted there.
  private let short: (english: String, chinese: String)?
  /// The share, if it is one.
  private(set) var share: (@Sendable (ReportRow) -> ReportShare)?

  func title(in language: ReportLanguage) -> String {
    switch language {
    case .english: english
    case .chinese: chinese
    }
  }

  func shortTitle(in language: ReportLanguage) -> String? {
    language == .english ? short?.english : short?.chinese
  }

  private init(
    _ key: String, _ kind: Kind, _ english: String, _ chinese: String, short: (String, String)? = nil,
    _ value: @escaping @Sendable (ReportRow) -> Double?
  ) {
    (self.key, self.kind, self.english, self.chinese, self.value) = (key, kind, english, chinese, value)
    self.short = short
  }

  private static func share(
    _ key: String, _ english: String, _ chinese: String, short: (String, String)? = nil,
    _ share: @escaping @Sendable (ReportRow) -> ReportShare
  ) -> ReportMeasure {
    var measure = ReportMeasure(key, .share, english, chinese, short: short) { share($0).share }
    measure.share = share
    return measure
  }

  static let all: [ReportMeasure] = [
    .init("tickets", .count, "tickets", "工单", short: ("tickets", "工单")) { Double($0.tickets) },
    .init("messages", .count, "messages", "消息") { Double($0.messages) },
    .init("first_answer_p50_seconds", .seconds, "first answer, median", "首次答复 中位数", short: ("answer p50", "首答 p50")) {
      $0.firstAnswer.medianSeconds
    },
    .init("first_answer_p90_seconds", .seconds, "first answer, 90th percentile", "首次答复 90%", short: ("p90", "p90")) {
      $0.firstAnswer.p90Seconds
    },
    .init("agent_p50_seconds", .seconds, "agent accepts, median", "人工接手 中位数", short: ("agent p50", "接手 p50")) {
      $0.agent.medianSeconds
    },
    .init("agent_p90_seconds", .seconds, "agent accepts, 90th percentile", "人工接手 90%") { $0.agent.p90Seconds },
    .init(
      "resolution_p50_seconds", .seconds, "time to resolution, median", "解决用时 中位数", short: ("resolve p50", "解决 p50")
    ) {
      $0.resolution.medianSeconds
    },
    .init("resolution_p90_seconds", .seconds, "time to resolution, 90th percentile", "解决用时 90%") {
      $0.resolution.p90Seconds
    },
    .share("first_responses_kept", "first response SLA met", "首次响应达标", short: ("1st met", "首响达标")) {
      $0.firstResponsesKept
    },
    .share("next_responses_kept", "next response SLA met", "后续响应达标", short: ("next met", "后响达标")) {
      $0.nextResponsesKept
    },
    .share("resolutions_kept", "resolution SLA met", "解决时限达标", short: ("resolve met", "解决达标")) { $0.resolutionsKept },
    .init(
      "first_responses_unanswered", .count, "ended without first response", "未获首次响应即结束", short: ("unanswered", "未答复")
    ) { Double($0.firstUnanswered) },
    .init("next_responses_unanswered", .count, "ended without next response", "未获后续响应即结束") {
      Double($0.nextUnanswered)
    },
    .share("resolved", "resolved", "已解决", short: ("resolved", "已解决")) { $0.resolved },
    .share("reopened", "reopened", "重新打开", short: ("reopened", "重开")) { $0.reopened },
    .share("self_service", "self-service", "自助解决", short: ("self", "自助")) { $0.selfService },
    .share("repeat_contacts", "repeat contact", "重复来访", short: ("repeat", "重复来访")) { $0.repeatContacts },
    .share("call_backs_kept", "call-backs kept", "回电兑现") { $0.callBacksKept },
    .init("ratings", .count, "ratings", "评价数") { Double($0.ratings) },
    .init("rating_mean", .rating, "rating", "满意度", short: ("rating", "满意度")) { $0.meanRating },
  ]
}
