import DeskCore
import Store

/// The texts of a report apart from its measures.
struct ReportWords {
  let language: ReportLanguage

  init(_ language: ReportLanguage) {
    self.language = language
  }

  var total: String { language == .chinese ? "合计" : "all" }
  var none: String { language == .chinese ? "（无）" : "(none)" }

  func hidden(_ count: Int) -> String {
    language == .chinese ? "另有 \(count) 行未画出，见表格。" : "\(count) more are not drawn; see the table."
  }

  func title(_ report: DeskReport) -> String {
    let days = report.days
    let grouping = grouping(report.report.grouping)
    return language == .chinese
      ? "工单统计 · 按\(grouping) · \(days.first) 至 \(days.last)（\(days.period.zone)）"
      : "Tickets by \(grouping), \(days.first) to \(days.last) (\(days.period.zone))"
  }

  func grouping(_ grouping: ReportGrouping) -> String {
    guard language == .chinese else { return grouping.rawValue }
    return switch grouping {
    case .day: "日期"
    case .queue: "队列"
    case .channel: "渠道"
    case .category: "类别"
    case .tier: "客户等级"
    case .agent: "客服"
    }
  }
}
