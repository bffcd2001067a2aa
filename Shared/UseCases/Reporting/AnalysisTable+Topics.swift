import DeskCore
import Store

// The tables of the reports on how the desk works.

extension AnalysisTable {
  static func handling(by grouping: ReportGrouping, _ rows: [HandlingRow], _ total: HandlingRow) -> AnalysisTable {
    func cells(_ row: HandlingRow) -> [Cell] {
      [
        .text(ifAny: row.group), .count(row.tickets), .count(row.hands), .count(row.ended),
        .number(ifAny: row.meanSeconds), .number(ifAny: row.medianSeconds), .number(ifAny: row.p90Seconds),
        .number(ifAny: row.pendingMeanSeconds), .count(row.transferred), .count(row.lost),
        row.inspection.map { .count($0.interceptions) } ?? .none,
        row.inspection.map { .count($0.inspections) } ?? .none, .number(ifAny: row.inspection?.meanScore),
      ]
    }
    return AnalysisTable(
      columns: [
        Column(
          grouping.rawValue, .text, ReportWords(.english).grouping(grouping), ReportWords(.chinese).grouping(grouping)),
        Column("tickets", .figure(.count), "tickets", "工单"),
        Column("hands", .figure(.count), "hands", "接手次数"),
        Column("ended", .figure(.count), "ended", "已结束"),
        Column("handle_mean_seconds", .figure(.seconds), "handle mean", "平均处理时长"),
        Column("handle_p50_seconds", .figure(.seconds), "p50", "中位数"),
        Column("handle_p90_seconds", .figure(.seconds), "p90", "p90"),
        Column("pending_mean_seconds", .figure(.seconds), "pending mean", "平均等待客户"),
        Column("transferred", .figure(.count), "transferred", "转出"),
        Column("lost", .figure(.count), "lost", "被收回"),
        Column("interceptions", .figure(.count), "intercepted", "拦截"),
        Column("inspections", .figure(.count), "inspected", "质检"),
        Column("inspection_score_mean", .figure(.rating), "score", "质检分"),
      ],
      sections: [Section(name: "rows", rows: rows.map(cells))], total: cells(total))
  }

  static func occupancy(_ rows: [OccupancyRow], _ total: OccupancyRow) -> AnalysisTable {
    func cells(_ row: OccupancyRow) -> [Cell] {
      [
        .text(ifAny: row.agent), .number(row.availableSeconds), .number(row.awaySeconds), .number(row.capacitySeconds),
        .number(row.handlingSeconds), .number(row.pendingSeconds), .number(ifAny: row.occupancy),
        .number(ifAny: row.load),
      ]
    }
    return AnalysisTable(
      columns: [
        Column("agent", .text, "agent", "客服"),
        Column("available_seconds", .figure(.seconds), "available", "在线"),
        Column("away_seconds", .figure(.seconds), "away", "离开"),
        Column("capacity_seconds", .figure(.seconds), "capacity", "可用容量"),
        Column("handling_seconds", .figure(.seconds), "handling", "处理"),
        Column("pending_seconds", .figure(.seconds), "pending", "等待客户"),
        Column("occupancy", .figure(.share), "occupancy", "利用率"),
        Column("load", .figure(.share), "with pending", "含等待"),
      ],
      sections: [Section(name: "rows", rows: rows.map(cells))], total: cells(total))
  }

  static func transfers(_ rows: [TransferRow]) -> AnalysisTable {
    AnalysisTable(
      columns: [
        Column("from", .text, "from", "转出"), Column("to", .text, "to", "转入"),
        Column("transfers", .figure(.count), "transfers", "转接次数"),
        Column("tickets", .figure(.count), "tickets", "工单"),
      ],
      sections: [
        Section(name: "queues", rows: cells(of: .queue, in: rows)),
        Section(name: "agents", rows: cells(of: .agent, in: rows)),
      ])
  }

  private static func cells(of kind: TransferRow.Kind, in rows: [TransferRow]) -> [[Cell]] {
    rows.filter { $0.kind == kind }.map { row in
      [.text(ifAny: row.from), .text(ifAny: row.to), .count(row.transfers), .count(row.tickets)]
    }
  }

  static func path(_ report: PathReport) -> AnalysisTable {
    AnalysisTable(
      columns: [
        Column("step", .text, "step", "步骤"), Column("value", .text, "value", "取值"),
        Column("rest", .flag, "others", "其余"), Column("to", .text, "to", "去向"),
        Column("to_rest", .flag, "to others", "去向其余"), Column("tickets", .figure(.count), "tickets", "工单"),
        Column("median_seconds", .figure(.seconds), "median", "中位数"),
      ],
      sections: [
        Section(
          name: "nodes",
          rows: report.nodes.map { node in
            [
              .text(node.step.rawValue), .text(ifAny: node.value.name), .flag(node.value.isRest), .none, .none,
              .count(node.tickets), .number(ifAny: node.medianSeconds),
            ]
          }),
        Section(
          name: "links",
          rows: report.links.map { link in
            [
              .text(link.step.rawValue), .text(ifAny: link.from.name), .flag(link.from.isRest),
              .text(ifAny: link.to.name), .flag(link.to.isRest), .count(link.tickets), .none,
            ]
          }),
        Section(
          name: "losses",
          rows: report.losses.map { loss in
            [
              .text(loss.step.rawValue), .text(loss.end.rawValue), .flag(false), .none, .none, .count(loss.tickets),
              .none,
            ]
          }),
      ])
  }

  static func change(_ report: ChangeReport) -> AnalysisTable {
    let parts = report.rows.map { row -> [Cell] in
      let part = row.part
      return [
        .text(row.dimension.rawValue), .text(ifAny: part.key), .flag(false), .count(part.before.count),
        .count(part.after.count), .number(ifAny: report.value(part.before)), .number(ifAny: report.value(part.after)),
        .number(ifAny: part.mix), .number(ifAny: part.rate), .number(part.contribution), .number(part.margin),
        .flag(part.isNoise),
      ]
    }
    let rest = report.rest.map { dimension, contribution -> [Cell] in
      [
        .text(dimension.rawValue), .none, .flag(true), .none, .none, .none, .none, .none, .none, .number(contribution),
        .none, .flag(true),
      ]
    }
    return AnalysisTable(
      columns: [
        Column("dimension", .text, "by", "维度"), Column("part", .text, "part", "部分"),
        Column("rest", .flag, "others", "其余"), Column("tickets_before", .figure(.count), "before", "之前工单"),
        Column("tickets_after", .figure(.count), "after", "之后工单"),
        Column("value_before", .figure(report.kind), "value before", "之前"),
        Column("value_after", .figure(report.kind), "value after", "之后"),
        Column("mix", .number, "mix", "结构效应"), Column("rate", .number, "rate", "水平效应"),
        Column("contribution", .number, "contribution", "贡献"), Column("margin", .number, "±", "±"),
        Column("noise", .flag, "chance", "随机"),
      ],
      sections: [Section(name: "parts", rows: parts + rest)])
  }
}
