extension ConsoleEndpoint {
  /// What a replica may answer: figures about the past and the present, searches and explanations. Nothing of it is the basis of a change
  /// or an answer, and none of these endpoints writes, not even to the audit.
  static let fromReplicas: Set<Name> = [
    .search, .explainTicket, .readOverview, .listQueues, .listServiceLevels,
    .listFeedback, .exportFeedback, .listHotIssues,
    .readReport, .exportReport, .drawReport, .reportInterceptions, .reportInspections, .exportInspections,
    .readHandling, .exportHandling, .readOccupancy, .exportOccupancy, .readTransfers, .exportTransfers,
    .readPath, .exportPath, .drawPath, .readChange, .exportChange,
    .readForecast, .exportForecast, .drawForecast, .readWaitErrors, .readPlan, .exportPlan, .drawPlan,
  ]

  /// Whether a replica may answer.
  var mayUseReplica: Bool { Self.fromReplicas.contains(name) }
}
