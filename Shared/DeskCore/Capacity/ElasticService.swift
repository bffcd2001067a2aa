/// The services whose number of processes follows the load. The raw values are their names in the register and in `desk.capacity`.
public enum ElasticService: String, Sendable, Hashable, CaseIterable {
  case router, classifier, intake
}
