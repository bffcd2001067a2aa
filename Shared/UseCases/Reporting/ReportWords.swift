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

  var rest: String { language == .chinese ? "其余" : "others" }

  func topic(_ topic: ReportTopic) -> String {
    switch (topic, language) {
    case (.outcomes, .english): "Tickets"
    case (.outcomes, .chinese): "工单统计"
    case (.handling, .english): "Handle time"
    case (.handling, .chinese): "处理时长"
    case (.occupancy, .english): "Occupancy"
    case (.occupancy, .chinese): "客服利用率"
    case (.transfers, .english): "Transfers"
    case (.transfers, .chinese): "转接"
    case (.path, .english): "Path of service"
    case (.path, .chinese): "服务路径"
    case (.change, .english): "What changed"
    case (.change, .chinese): "变化分析"
    }
  }

  func figure(_ figure: ReportFigure) -> String {
    switch (figure, language) {
    case (.volume, .english): "tickets"
    case (.volume, .chinese): "工单数"
    case (.lateShare, .english): "late first responses"
    case (.lateShare, .chinese): "首次响应超时比例"
    case (.firstResponse, .english): "mean time to the first answer"
    case (.firstResponse, .chinese): "平均首次答复时间"
    case (.satisfaction, .english): "mean rating"
    case (.satisfaction, .chinese): "平均满意度"
    case (.handleTime, .english): "mean handle time"
    case (.handleTime, .chinese): "平均处理时长"
    }
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
