import CommandLineTool
import DeskCore

extension TimelineText {
  /// A short description of the event in Chinese. Like the English one it names every event that this build knows.
  var chinese: String {
    switch event {
    case .queued(let routed):
      "进入队列 \(Self.text(routed.queue))，优先级 \(Self.text(routed.priority?.name))" + Self.why(routed)
    case .triaged(let routed): "进入队列 \(Self.text(routed.queue))，待人工分类"
    case .offered(let offered): "派给 \(Self.text(offered.agent))"
    case .accepted(let accepted): "接入" + Self.note(accepted.reason)
    case .declined(let ended): "拒绝" + Self.note(ended.reason) + Self.hold(ended.times, ended.notBefore)
    case .offerTimedOut(let ended): "\(Self.text(ended.agent)) 未及时响应派单" + Self.hold(ended.times, ended.notBefore)
    case .offerWithdrawn(let ended):
      "撤回给 \(Self.text(ended.agent)) 的派单（\(Self.text(ended.reason))）" + Self.hold(ended.times, ended.notBefore)
    case .customerWrote: "客户又发来消息"
    case .replied: "已回复"
    case .replyFailed: "有一条回复未送达客户"
    case .pending: "等待客户"
    case .resolved(let resolved): "已解决" + Self.note(resolved.reason) + Self.open(resolved.unanswered)
    case .reopened: "重新打开"
    case .closed: "关闭"
    case .rejected(let rejected): "拒收：\(Self.text(rejected.reason))" + Self.open(rejected.unanswered)
    case .requeued(let requeued): "退回队列（\(Self.text(requeued.reason))）"
    case .queueMoved(let moved):
      "从 \(Self.text(moved.from)) 移到 \(Self.text(moved.to))（\(Self.text(moved.reason))）"
    case .slaWarned(let reached): "提醒：\(Self.name(reached.clock))已用 \(Self.text(reached.sharePercent))%"
    case .slaBreached(let reached): "超时：\(Self.name(reached.clock))"
    case .escalated(let escalated): "升级到第 \(Self.text(escalated.step)) 步" + Self.steps(escalated)
    case .priorityChanged(let changed):
      "优先级从 \(Self.text(changed.from?.name)) 改为 \(Self.text(changed.to?.name))" + Self.note(changed.reason)
    case .labelled(let labelled):
      "标签从 \(Self.text(labelled.formerCategory)) 改为 \(Self.text(labelled.category))" + Self.note(labelled.reason)
    case .transferred(let transferred):
      "转接给 \(transferred.toAgent?.rawValue ?? "队列 \(Self.text(transferred.toQueue))")" + Self.note(transferred.reason)
    case .noted: "添加备注"
    case .reclaimed(let reclaimed):
      "从 \(Self.text(reclaimed.agent)) 收回：未及时回复" + Self.hold(reclaimed.times, reclaimed.notBefore)
    case .linked(let linked): "关联 \(Self.text(linked.ticket))" + Self.note(linked.reason)
    case .absorbed(let absorbed): "\(Self.text(absorbed.ticket)) 并入本工单" + Self.note(absorbed.reason)
    case .merged(let merged):
      "并入 \(Self.text(merged.ticket))" + Self.note(merged.reason) + Self.open(merged.unanswered)
    case .answered(let answered): "由文章 \(Self.text(answered.article)) 回答"
    case .feedbackReceived(let feedback):
      (feedback.isSolved == true ? "客户表示已解决" : "客户表示未解决") + (feedback.rating.map { "，评分 \($0)" } ?? "")
    case .followUpOpened(let opened): "需要 \(opened.lead?.rawValue ?? "组长") 跟进"
    case .greeted(let greeted): "客户只打了招呼" + (greeted.heldUntil.map { "；等待说明来意，至 \(Moment.text($0))" } ?? "")
    case .confirmed: "客户的结束语确认已解决"
    case .rerouted(let rerouted):
      "重新分派：队列 \(Self.text(rerouted.keptQueue ?? rerouted.routed.queue))，优先级 \(Self.text((rerouted.keptPriority ?? rerouted.routed.priority)?.name))"
        + Self.why(rerouted.routed) + Self.note(rerouted.reason)
    case .moveSuggested(let suggested):
      "已通知 \(Self.text(suggested.agent))：按规则应在队列 \(Self.text(suggested.routed.queue))，优先级 \(Self.text(suggested.routed.priority?.name))"
        + Self.why(suggested.routed)
    case .moveDeclined(let declined): "不转到 \(Self.text(declined.queue))" + Self.note(declined.reason)
    case .progressSent(let sent): "已告知客户：\(Self.text(sent.progress?.rawValue))"
    case .callBackPromised(let step): "约定回拨" + Self.due(step) + Self.note(step.reason)
    case .callBackMoved(let step): "回拨改期" + Self.due(step) + Self.note(step.reason)
    case .callBackWarned(let step): "回拨即将到期" + Self.due(step)
    case .callBackBroken(let step): "回拨逾期" + Self.due(step) + Self.note(step.reason)
    case .callBackEnded(let step): "回拨结束（\(Self.text(step.state?.rawValue))）" + Self.note(step.reason)
    case .crisisAnswered(let answered):
      "发送危机 \(Self.text(answered.cause)) 的预设答复 \(Self.text(answered.crisisAnswer))"
    case .asked(let asked):
      "向客户询问 \(Self.text(asked.field))（问卷 \(Self.text(asked.questionnaire))，第 \(Self.text(asked.attempt)) 次）"
    case .answeredQuestion(let answered):
      (answered.isAsked ? "客户回答了：" : "客户主动提供了：") + answered.fields.map(\.rawValue).joined(separator: "、")
    case .questionsEnded(let ended):
      "不再提问（\(Self.text(ended.reason?.rawValue))），共问 \(Self.text(ended.turns)) 个"
    case .consultAsked(let step): "咨询 \(Self.whom(step))"
    case .consultAnswered(let step): "答复 \(Self.text(step.asker)) 的咨询"
    case .consultWithdrawn(let step): "撤回对 \(Self.whom(step)) 的咨询"
    case nil: kind
    }
  }

  private static func note(_ reason: String?) -> String { reason.map { $0.isEmpty ? "" : "：\($0)" } ?? "" }

  private static func hold(_ times: Int32?, _ until: Instant?) -> String {
    guard let until else { return "" }
    return (times == 1 ? "" : "（连续 \(text(times)) 次）") + "；\(Moment.text(until)) 前不再派给"
  }

  private static func why(_ routed: TimelineEvent.Routed) -> String {
    "，" + (routed.rule.map { "规则“\($0)”" } ?? "默认") + "，策略第 \(text(routed.policyVersion)) 版"
  }

  private static func due(_ step: TimelineEvent.CallBackStep) -> String {
    "，\(step.dueAt.map { Moment.text($0) } ?? "?") 前" + (step.owner.map { "，由 \($0) 负责" } ?? "")
  }

  private static func whom(_ step: TimelineEvent.ConsultStep) -> String {
    step.productLine.map { "产品线 \($0) 的接口人" } ?? text(step.consulted)
  }

  private static func open(_ clocks: [ServiceLevelClocks.Name]) -> String {
    clocks.isEmpty ? "" : "（未响应：\(clocks.map { name($0) }.joined(separator: "、"))）"
  }

  private static func name(_ clock: ServiceLevelClocks.Name?) -> String {
    switch clock {
    case .firstResponse: "首次响应"
    case .nextResponse: "后续响应"
    case .resolution: "解决时限"
    case nil: "?"
    }
  }

  private static func steps(_ escalated: TimelineEvent.Escalated) -> String {
    var parts: [String] = []
    if let priority = escalated.toPriority { parts.append("优先级 \(priority.name)") }
    if let leads = escalated.leads, !leads.isEmpty {
      parts.append("通知 \(leads.map(\.description).joined(separator: "、"))")
    }
    if let less = escalated.proficiencyLess { parts.append("技能要求降低 \(less)") }
    if let skills = escalated.skillsDropped, !skills.isEmpty {
      parts.append("不再要求 \(skills.map(\.description).joined(separator: "、"))")
    }
    if let queue = escalated.toQueue { parts.append("移到 \(queue)") }
    return parts.isEmpty ? "" : "：" + parts.joined(separator: "，")
  }
}
